/*
 * "Did you mean": the known name that is nearest to a mistyped one.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

struct nearest {
	const char *word; /* as typed */
	const char *name; /* the nearest offered so far; NULL: none is near */
	unsigned distance; /* of it */
};

#define NEAREST_TO(typed) \
	{ \
		.word = (typed) \
	}

/* Offers one known name; the first of equally near ones stays. */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
