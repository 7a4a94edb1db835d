/*
 * SQLite's own checks of a database image, with three answers: ok, damaged,
 * cannot be checked (and why).  Never a guess.
 *
 * The checks run table by table, because one table that needs an unknown
 * collation, function, tokenizer or virtual-table module would otherwise end
 * the check of all (sqlite.org/pragma.html#pragma_integrity_check).  The
 * image's schema is treated as hostile: trusted_schema is off, no extension
 * is loaded, triggers and views are never run.
 */
#ifndef DATABASE_INTEGRITY_H
#define DATABASE_INTEGRITY_H

#include <stdint.h>

#include "base/err.h"
#include "base/work.h"

enum integrity_level {
	INTEGRITY_QUICK, /* quick_check */
	INTEGRITY_FULL, /* integrity_check and foreign_key_check */
};

enum finding_kind {
	FINDING_DAMAGED, /* SQLite says that the content is wrong */
	FINDING_UNVERIFIABLE, /* SQLite cannot check it here, and why */
};

struct finding {
	enum finding_kind kind;
	char object[256]; /* table name, or "" for the whole file */
	char text[512]; /* printable */
};

enum { FINDINGS_MAX = 100 };

struct findings {
	unsigned damaged; /* counted in full */
	unsigned unverifiable;
	unsigned listed; /* entries in list */
	struct finding list[FINDINGS_MAX];
};

/* Adds one (for other rooms too: a bad page is a finding like any other). */
void findings_add(struct findings *findings, enum finding_kind kind,
    const char *object, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Checks the image in `fd`; what is wrong with it is added to *findings and is
 * not an error of this function.  -1 only when the check itself could not be
 * done (memory, reading, a stop request).
 */
int integrity_check(int fd, const char *name, enum integrity_level level,
    const struct work *work, struct findings *findings, struct err *err);

#endif
