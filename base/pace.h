/*
 * A pace: at most so many bytes in a second, and evenly.
 *
 * Whoever moves bytes says so after each small piece, and is held back until
 * they are due.  Bytes that came late are not made up for later, but for those
 * of PACE_SLACK_SECONDS: after a disk was slow for a minute nothing rushes.
 * One thread.
 */
#ifndef BASE_PACE_H
#define BASE_PACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/work.h"

#define PACE_SLACK_SECONDS 0.1

/* Begins as { .rate = ... }, without anything saved up. */
struct pace {
	uint64_t rate; /* bytes in a second; 0: no limit */
	double due; /* steady seconds: when all bytes so far may be done;
		     * 0: there were none */
};

/* `bytes` were moved at `now`: seconds to wait before any more are; or 0. */
double pace_wait(struct pace *pace, double now, uint64_t bytes);

/* Waits, and asks `work` (which may be NULL) meanwhile. */
int pace_keep(struct pace *pace, uint64_t bytes, const struct work *work,
    struct err *err);

/* The largest piece, up to `most` bytes, that is not felt as a burst. */
size_t pace_piece(const struct pace *pace, size_t most);

#endif
