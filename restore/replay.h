/*
 * The page sums of one snapshot after the other along the chains of a set, so
 * that the root of every increment can be proved without a page being read
 * again.
 *
 * The sums of the snapshot that was asked for last are kept in a file without
 * a name: a child of it costs its own sums alone.  Asked for any other, they
 * are made anew from its full on.  Memory: as sums.h.
 */
#ifndef RESTORE_REPLAY_H
#define RESTORE_REPLAY_H

#include <stddef.h>

#include "archive/sums.h"
#include "base/err.h"
#include "base/sha256.h"
#include "repository/catalog.h"

struct replay {
	const struct catalog *catalog;
	size_t at; /* whose sums they are; SNAPSHOT_NONE: nobody's */
	struct sums sums;
};

/* `catalog` lives as long. */
int replay_begin(const struct catalog *catalog, const char *scratch,
    struct replay *ret_replay, struct err *err);
void replay_auto(struct replay *replay);

/*
 * The root of snapshot `at`, as its chain's archives make it; the chain is
 * known.  ERR_DAMAGED for sums that cannot be applied.
 */
int replay_root(struct replay *replay, size_t at,
    uint8_t ret_root[SHA256_BYTES], struct err *err);

#endif
