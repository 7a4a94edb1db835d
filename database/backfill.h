/*
 * Writing back a part of a WAL beside the commits of others, so that none of
 * their commits has to do it.
 *
 * A passive checkpoint stops no writer, and while one process holds SQLite's
 * checkpoint lock (WAL_CKPT_LOCK, sqlite.org/walformat.html 2.3.1), the
 * automatic checkpoints of others give way at once, as they always do beside
 * another one.  So the lock is taken first, while there is still nothing that
 * could be written back, and kept.
 *
 * In:  a source in WAL mode that we may write, pinned.
 * Always true: a run comes no further than to the oldest state that somebody
 *      reads.  The caller holds one that is not the newest: so no run comes to
 *      the end of the WAL, and nobody can start the WAL over meanwhile.  Both
 *      must happen for the WAL reset bug (checkpoint_rule.h): with any version
 *      of SQLite, ours and theirs, this is without danger.
 * Owner's thread.
 *
 * For this room only.
 */
#ifndef DATABASE_BACKFILL_H
#define DATABASE_BACKFILL_H

#include "base/work.h"
#include "database/source.h"

struct backfill;

/*
 * Has the checkpoint lock until backfill_free().  -1 when it is not to be had
 * within a quarter of a second.
 */
int backfill_new(const struct source *source, struct backfill **ret_backfill,
    struct err *err);

/* Frames in the WAL at this moment, and of them those not yet written back. */
void backfill_frames(
    struct backfill *backfill, uint64_t *ret_frames, uint64_t *ret_owed);

/*
 * Writes back what it may, until work_is_over().
 * -1 when SQLite did not; what was copied is void then, and nothing is lost.
 */
int backfill_run(struct backfill *backfill, double deadline,
    const struct work *work, struct err *err);

/* Flushes the -wal, and the main file after it. */
void backfill_flush(struct backfill *backfill);

void backfill_free(struct backfill *backfill);

#endif
