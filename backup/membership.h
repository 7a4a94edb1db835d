/*
 * Whose set it is: the databases of its newest snapshot against those that are
 * to be backed up.
 *
 * A set is known by its databases: at least one of those that it had must be
 * among these, and none may only have the name of one.  Others may join or
 * leave.
 *
 * For this room only.
 */
#ifndef BACKUP_MEMBERSHIP_H
#define BACKUP_MEMBERSHIP_H

#include "archive/manifest.h"
#include "backup/parent.h"
#include "base/err.h"

/* The database of a snapshot that was at that path, or NULL. */
const struct manifest_database *
membership_find(const struct manifest *manifest, const char *path);

/*
 * ERR_REFUSED, with a hint, when the set is another one's.  Who joins and who
 * leaves is told in parent->change.
 */
int membership_check(const struct parent_options *options,
    const struct manifest *newest, struct parent *parent, struct err *err);

#endif
