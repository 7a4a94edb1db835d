/*
 * Several databases are dealt with in one run, and a failure of one does not
 * stop the others: each is told when it happens, and all of them decide the
 * exit code in the end.  When some failed it is ERR_PARTIAL; when nothing
 * succeeded and all failed alike, it is what they failed with.
 */
#ifndef COMMAND_TALLY_H
#define COMMAND_TALLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "command/command.h"

struct tally {
	struct err first; /* ERR_NONE: nothing failed */
	bool alike; /* all others have its kind */
	size_t fine; /* what succeeded; the caller counts it */
	size_t failed;
};

#define TALLY_NONE \
	{ \
		.first = { .kind = ERR_NONE }, .alike = true \
	}

/* What failed; for messages, and for programs. */
struct tally_object {
	const char *set; /* NULL: none was come to */
	const char *path;
};

/* As {"type":"error",...}, with --json. */
void tally_put(struct session *session, const struct tally_object *object,
    const struct err *one);

/*
 * Tells `one` and counts it in the session: as {"type":"error",...}, too.  -1
 * and *err when the rest must not be tried: a stop request.
 */
int tally_failed(struct tally *tally, struct session *session,
    const struct tally_object *object, struct err *one, struct err *err);

/* Only counts it, in the tally. */
void tally_add(struct tally *tally, const struct err *one);

/* -1 when anything failed. */
int tally_end(const struct tally *tally, struct err *err);

#endif
