/*
 * How often snapshots of a set are usually taken, as its newest ones tell.
 */
#ifndef STATUS_RHYTHM_H
#define STATUS_RHYTHM_H

#include <stddef.h>
#include <stdint.h>

enum {
	RHYTHM_GAPS_MAX = 16, /* the newest ones count */
	RHYTHM_GAPS_LEAST = 3,
};
/* Snapshots that were all taken within this time tell of no rhythm. */
#define RHYTHM_SPAN_LEAST_MS (INT64_C(3) * 3600 * 1000)

struct rhythm {
	int64_t usual_ms; /* the median gap; 0: there is no rhythm */
	/* So old the newest must be to say that something stopped: thrice the
	 * usual gap, or one and a half times the longest. */
	int64_t patience_ms;
};

/* `times` from the oldest to the newest. */
struct rhythm rhythm_of(const int64_t *times, size_t count);

#endif
