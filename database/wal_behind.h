/*
 * Has the kernel write what an application appends to its WAL while we pin it.
 *
 * As long as a pin keeps checkpoints waiting, nobody flushes the WAL; the first
 * checkpoint afterwards must, inside somebody's commit, before it may write
 * anything back (sqlite.org/wal.html 2.1).  Of a long pin that is the larger
 * part of the slowest commit.
 *
 * Nothing is waited for and nothing that others see is changed.  Owner's
 * thread, while the pin is held.
 */
#ifndef DATABASE_WAL_BEHIND_H
#define DATABASE_WAL_BEHIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/work.h"
#include "database/source.h"

struct wal_behind {
	const struct source *source;
	uint64_t begun; /* bytes of the -wal that are being written, or were
			 * there when the pin began; the caller's to set */
	bool sought; /* `fd` was looked for */
	int fd; /* SQLite's own, not ours to close; -1: there is none */
};

/* The -wal has `bytes` now. */
void wal_behind_look(struct wal_behind *behind, uint64_t bytes);

/*
 * Waits until all but the end of the -wal is written, or work_is_over(): a
 * flush has little to do then, and little to keep others waiting with.  Not
 * durable yet, that is the flush's.  This process has a connection open that
 * reads the -wal.
 */
void wal_behind_catch_up(
    const struct source *source, double deadline, const struct work *work);

#endif
