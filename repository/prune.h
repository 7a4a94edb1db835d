/*
 * Prune: deletes whole chains that retention does not keep, and leftovers that
 * are older than the grace period.
 *
 * Or it deletes what can only be discarded: a damaged snapshot and all that
 * descend from it.  What follows is true of that, too, with the damaged one in
 * the place of the full.
 *
 * Order, for all chains that go:
 *   1. condemn: each manifest is renamed to NAME.condemned, the youngest first,
 *      and the folder flushed.  From here the snapshots do not exist;
 *   2. look again: when a snapshot came meanwhile that descends from a
 *      condemned one, or one was pinned, that chain gets its manifests back,
 *      the oldest first;
 *   3. delete: the full's condemned manifest, the archives, then the other
 *      condemned manifests.
 * A backup looks for its ancestors after it committed (commit.h).  Whichever of
 * the two, that commit or step 2, comes first is seen by the other, so no
 * committed snapshot is left without its chain.  Of two prunes, one that gives
 * back and one that deletes, whoever moves the full's condemned manifest first
 * decides for the chain; the other one then leaves it alone.
 *
 * If we die during 1 or 2, some snapshots of a chain are condemned: the next
 * prune, for which they are snapshots like all others, finishes that (their
 * chain is not kept) or gives them back (it is).  If we die during 3, leftovers
 * remain that the next prune removes.
 * Nothing is written, and for the renames there is a reserve (reserve.h), so a
 * full disk can be pruned.
 * A set in which a manifest is damaged or missing, or whose listing failed, is
 * not touched.
 */
#ifndef REPOSITORY_PRUNE_H
#define REPOSITORY_PRUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/work.h"
#include "repository/catalog.h"
#include "repository/retention.h"
#include "repository/state.h"

struct prune_plan {
	struct catalog catalog; /* of catalog_read_condemned() */
	struct retention_verdict *verdicts; /* one for each snapshot */
	bool *orphan_goes; /* one for each orphan */
	size_t *root; /* for each snapshot the one that it goes and stays with,
		       * from which it descends or which it is */
	size_t goes; /* snapshots */
	uint64_t bytes; /* that will be freed, leftovers included */
	struct err forgot; /* why the state could not be asked; ERR_NONE */
};

struct prune_options {
	const struct repository *repository;
	const char *set;
	const struct retention_policy *policy;
	/* Base folder for state_open(): what verify found damaged on this
	 * machine, and what descends from that, is not good, whatever the
	 * listing shows.  NULL: nothing is remembered. */
	const char *state;
};

/*
 * ERR_DAMAGED when a manifest is damaged or missing, as far as that shows by an
 * increment or a pin, and another error when one cannot be read here: nothing
 * may go then.
 */
int prune_plan(const struct prune_options *options, struct prune_plan *ret_plan,
    struct err *err);

/*
 * Another plan: snapshot `id` and all that descend from it go, and nothing
 * else, whatever retention says of them.  ERR_REFUSED when one of them is
 * pinned, ERR_ABSENT when there is no `id`; else as prune_plan().  The caller
 * knows that none of them can be restored.
 */
int prune_plan_discard(const struct repository *repository, const char *set,
    const char *id, struct prune_plan *ret_plan, struct err *err);

/* For the plans: nothing may go while a manifest is damaged or missing. */
int prune_must_be_whole(const struct catalog *catalog, struct err *err);

/* Whether the snapshot at this place goes. */
bool prune_plan_goes(const struct prune_plan *plan, size_t at);

void prune_plan_done(struct prune_plan *plan);
void prune_plan_auto(struct prune_plan *plan);

struct prune_result {
	size_t deleted; /* snapshots */
	size_t given_back; /* a backup had built on them meanwhile, they were
			    * pinned, or a prune that died had condemned them */
	size_t leftovers;
	uint64_t bytes;
};

/* Does what the plan says.  *ret_result is right also after a failure. */
int
prune_run(const struct repository *repository, const struct prune_plan *plan,
    const struct work *work, struct prune_result *ret_result, struct err *err);

/*
 * The storage's clock, without writing a byte: the set's folder is told to
 * take the time of now as its mtime, and asked for it.  Of a read-only
 * filesystem, where a plan cannot be followed, it is this machine's clock.
 */
int prune_storage_now(
    const struct catalog *catalog, int64_t *ret_ms, struct err *err);

#endif
