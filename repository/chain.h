/*
 * The chain of a snapshot: the archives that a restore of it needs, from the
 * snapshot itself (first) to the full that it descends from (last).
 */
#ifndef REPOSITORY_CHAIN_H
#define REPOSITORY_CHAIN_H

#include <stddef.h>

#include "base/err.h"
#include "repository/catalog.h"

struct chain {
	size_t *at; /* indexes in the catalog's list, newest first */
	size_t count; /* at least 1 */
};

/*
 * ERR_DAMAGED, naming the snapshot that is bad or missing, when the snapshot
 * or an ancestor has a fault; or as catalog_bad_manifest() says.  Freed with
 * chain_done().
 */
int chain_of(const struct catalog *catalog, size_t at, struct chain *ret_chain,
    struct err *err);
void chain_done(struct chain *chain);
void chain_auto(struct chain *chain);

#endif
