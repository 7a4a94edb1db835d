/*
 * The page sums of one snapshot after the other along the chains of a set, so
 * that the roots of every increment can be proved without a page being read
 * again.
 *
 * The sums of the snapshot that was asked for last are kept in files without
 * names, one for each database: a child of it costs its own sums alone.  Asked for any other, they
 * are made anew from its full on.  Memory: as sums.h.
 */
#ifndef RESTORE_REPLAY_H
#define RESTORE_REPLAY_H

#include <stddef.h>

#include "archive/sums.h"
#include "base/err.h"
#include "base/sha256.h"
#include "repository/catalog.h"

/* The sums of one database. */
struct replay_database {
	char name[MEMBER_NAME_MAX + 1];
	struct sums sums;
};

struct replay {
	const struct catalog *catalog;
	size_t at; /* whose sums they are; SNAPSHOT_NONE: nobody's */
	const char *scratch;
	struct replay_database *databases; /* allocated */
	size_t count;
};

/* `catalog` and `scratch` live as long. */
int replay_begin(const struct catalog *catalog, const char *scratch,
    struct replay *ret_replay, struct err *err);
void replay_auto(struct replay *replay);

/*
 * The state (manifest_state()) of snapshot `at`, as its chain's archives make
 * it; the chain is known.  ERR_DAMAGED for sums that cannot be applied.
 */
int replay_state(struct replay *replay, size_t at,
    uint8_t ret_state[SHA256_BYTES], struct err *err);

#endif
