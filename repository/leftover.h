/*
 * Files that belong to no snapshot: what backups and prunes that were killed
 * have left.
 */
#ifndef REPOSITORY_LEFTOVER_H
#define REPOSITORY_LEFTOVER_H

#include <stdbool.h>

#include "base/err.h"
#include "repository/catalog.h"

/*
 * Removes one of the catalog's orphans from its folder.  *ret_removed is false
 * when it is gone already, or belongs to a snapshot: then an archive that a
 * prune had set aside gets its name back.
 */
int leftover_remove(const struct repository *repository,
    const struct catalog *catalog, int folder, const struct orphan *orphan,
    bool *ret_removed, struct err *err);

#endif
