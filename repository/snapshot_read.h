/*
 * One snapshot of a set: from the file of its manifest to what the catalog
 * knows of it by itself, its chain aside.
 */
#ifndef REPOSITORY_SNAPSHOT_READ_H
#define REPOSITORY_SNAPSHOT_READ_H

#include <stdbool.h>

#include "base/err.h"
#include "repository/catalog.h"
#include "repository/set_listing.h"

/*
 * `listed` is a manifest, or a condemned one.  A file that cannot be read or
 * believed is a fault of the snapshot, not an error.  *ret_there is false when
 * it went away meanwhile.
 */
int snapshot_read(const struct catalog *catalog, int folder,
    const struct listed *listed, struct snapshot *ret_snapshot, bool *ret_there,
    struct err *err);

#endif
