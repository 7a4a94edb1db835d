/*
 * For how long something has been held: a memory from one look to the next.
 *
 * Nothing tells since when a lock is held; only that it was there at this look
 * and the one before.  So what is said is "at least", counted from the first
 * look that saw it.  A read lock is the same one only at the same read mark,
 * and in WAL mode the write lock is held by the same transaction only when no
 * commit came in between.
 */
#ifndef DOCTOR_HOLDINGS_H
#define DOCTOR_HOLDINGS_H

#include <stdint.h>

#include "database/locks.h"
#include "database/wal_marks.h"

struct holding {
	pid_t pid;
	enum lock_name lock;
	uint32_t stamp; /* what must not change while it is the same one */
	double since; /* steady seconds of the first look that saw it */
};

enum { HOLDINGS_MAX = 512 };

/* All zeros is the memory of somebody who has not looked yet. */
struct holdings {
	double now; /* steady seconds of the last look */
	unsigned count;
	unsigned turn; /* which of the two lists is that of the last look */
	struct holding list[2][HOLDINGS_MAX];
};

/* A look at `now`: what is still held keeps its beginning. */
void holdings_update(struct holdings *holdings, const struct locks *locks,
    const struct wal_marks *marks, double now);

/* 0 when it was seen for the first time, or is not held. */
double holdings_seconds(
    const struct holdings *holdings, pid_t pid, enum lock_name lock);

#endif
