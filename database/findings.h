/*
 * What was found out about a database or an archive of one: a short list, and
 * counts of what there was.
 */
#ifndef DATABASE_FINDINGS_H
#define DATABASE_FINDINGS_H

enum finding_kind {
	FINDING_DAMAGED, /* the content is wrong */
	FINDING_UNVERIFIABLE, /* it cannot be checked here, and why */
	FINDING_NOTE, /* a fact worth knowing about a database that is ok */
};

struct finding {
	enum finding_kind kind;
	char object[256]; /* table name, or "" for the whole file */
	char text[512]; /* printable, like object */
};

enum { FINDINGS_MAX = 100 };

/*
 * All zeros is the empty list.  It is full with FINDINGS_MAX entries; a finding
 * of damage then takes the place of the last one of a lesser kind.
 */
struct findings {
	unsigned damaged; /* counted in full */
	unsigned unverifiable;
	unsigned notes;
	unsigned listed; /* entries in list */
	struct finding list[FINDINGS_MAX];
};

/* Adds one; what is not printable in it is replaced. */
void findings_add(struct findings *findings, enum finding_kind kind,
    const char *object, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The text of the first that is damage; lesser ones may stand before it. */
const char *findings_first_damage(const struct findings *findings);

#endif
