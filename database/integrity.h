/*
 * SQLite's own checks of a database image, with three answers: ok, damaged,
 * cannot be checked (and why).  Never a guess.
 *
 * Where one table needs a collation or function that only the application has,
 * SQLite refuses the check of all; then everything is checked that can be, table
 * by table, and the rest is a finding of its own.  The image's schema is treated
 * as hostile (image.h).
 */
#ifndef DATABASE_INTEGRITY_H
#define DATABASE_INTEGRITY_H

#include "base/err.h"
#include "base/work.h"
#include "database/findings.h"

enum integrity_level {
	INTEGRITY_QUICK, /* quick_check */
	INTEGRITY_FULL, /* integrity_check and foreign_key_check */
};

/*
 * Checks the image in `fd`; what is wrong with it is added to *findings and is
 * not an error of this function.  SQLite lists at most FINDINGS_MAX faults for
 * the whole file.  -1 only when the check itself could not be done (memory,
 * reading, a stop request).  `fd` may be used for nothing else meanwhile but
 * reading at an offset.
 */
int integrity_check(int fd, const char *name, enum integrity_level level,
    const struct work *work, struct findings *findings, struct err *err);

#endif
