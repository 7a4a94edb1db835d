/*
 * SQLite's integrity check as findings: of the whole file, or of one table.
 *
 * For this room only.
 */
#ifndef DATABASE_CHECK_PAGES_H
#define DATABASE_CHECK_PAGES_H

#include <stdbool.h>

#include "base/work.h"
#include "database/check.h"
#include "database/integrity.h"

/*
 * The check of everything at once.  CHECK_IMPOSSIBLE when SQLite refused it;
 * nothing is added to the findings for that.
 */
int check_whole_file(const struct check *check, enum integrity_level level,
    struct check_result *ret_result, struct err *err);

/*
 * For when SQLite refused that: the trees, the overflow chains, the free pages,
 * and that every page of the file has exactly one use.  *ret_checked is false
 * when even this was refused, which is a finding then.
 */
int check_structure(const struct check *check, int fd, const struct work *work,
    bool *ret_checked, struct err *err);

/* One table and its indexes; what of it is not possible is a finding. */
int check_one_table(const struct check *check, const char *table,
    enum integrity_level level, bool structure_checked, struct err *err);

#endif
