/*
 * Ends what SQLite does on a connection when its time is over, or when we are
 * told to stop.
 *
 * A checkpoint that copies frames asks no handler and no progress callback; it
 * only looks whether somebody interrupted the connection (walCheckpoint() in
 * SQLite's wal.c).  So another thread does that.
 *
 * For this room only.
 */
#ifndef DATABASE_CHECKPOINT_TIMER_H
#define DATABASE_CHECKPOINT_TIMER_H

#include <sqlite3.h>

#include "base/err.h"
#include "base/work.h"

struct checkpoint_timer;

/*
 * From now on `db` is interrupted again and again once work_is_over(), or,
 * where `deadline` is 0, a signal came.  The caller waits for SQLite meanwhile.  The connection must live until
 * checkpoint_timer_auto(), and nothing else may run on it meanwhile that is
 * not to be ended.
 */
int
checkpoint_timer_start(sqlite3 *db, double deadline, const struct work *work,
    struct checkpoint_timer **ret_timer, struct err *err);

/* Nothing is interrupted any more once this returns. */
void checkpoint_timer_auto(struct checkpoint_timer **place);

#endif
