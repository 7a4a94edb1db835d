/*
 * What PRAGMA integrity_check passes over in silence, asked separately, so that
 * silence is never taken for "ok".
 *
 * For this room only.
 */
#ifndef DATABASE_CHECK_BEYOND_H
#define DATABASE_CHECK_BEYOND_H

#include <stdbool.h>

#include "database/check.h"

/*
 * Whether SQLite can connect to each virtual table (module, tokenizer); with
 * `content`, whether the R-trees among them are right.  Their content lies in
 * ordinary tables, which are checked as such.
 */
int
check_virtual_tables(const struct check *check, bool content, struct err *err);

/*
 * Rows that refer to nothing, as notes: SQLite does not enforce foreign keys
 * unless told to, so such rows are what the application stored, not damage.
 */
int check_foreign_keys(const struct check *check, struct err *err);

#endif
