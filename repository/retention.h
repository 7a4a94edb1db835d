/*
 * Retention: which snapshots of a set are kept, and why.  A pure function of
 * the snapshots, the policy and the storage's clock.
 *
 * A policy chooses restore points; whole chains are what can be deleted.  So a
 * snapshot that no rule keeps stays as long as its chain holds one that is
 * kept.
 */
#ifndef REPOSITORY_RETENTION_H
#define REPOSITORY_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Each count 0: that rule is not asked for. */
struct retention_policy {
	unsigned last, hourly, daily, weekly, monthly, yearly;
	double within; /* seconds back from the newest snapshot; 0: not */
	double grace; /* seconds; younger ones (by the storage) never go */
};

struct retention_item {
	int64_t time_ms; /* the state's */
	int64_t stored_ms; /* when it was stored, by the storage's clock */
	bool good; /* it can be restored, as far as the listing shows */
	bool pinned;
	size_t chain; /* any number that all of one chain share, and no other */
};

enum retention_reason {
	RETENTION_GOES, /* its whole chain goes */
	RETENTION_PINNED,
	RETENTION_LAST, /* `rank` of `of` */
	RETENTION_WITHIN,
	RETENTION_HOURLY,
	RETENTION_DAILY,
	RETENTION_WEEKLY,
	RETENTION_MONTHLY,
	RETENTION_YEARLY,
	RETENTION_NEWEST_CHAIN, /* of the set, never deleted */
	RETENTION_MINIMUM, /* one of the newest 3 good ones */
	RETENTION_YOUNG, /* within the grace period */
	RETENTION_FUTURE, /* its time is later than the storage's clock */
	RETENTION_NEEDED, /* its chain holds one that is kept */
};

struct retention_verdict {
	enum retention_reason reason; /* the first that applies, in the order
				       * above */
	unsigned rank, of; /* "daily 3 of 7": 1 is the newest */
};

enum { RETENTION_MINIMUM_GOOD = 3 };

/*
 * `items` in order of time.  Buckets are hours, days, ISO weeks, months and
 * years of UTC; a bucket keeps its newest good snapshot; the newest buckets
 * that hold one count.  A snapshot from the future is kept and counts for no
 * rule.  `now_ms` is the storage's clock.  -1 only without memory.
 */
int retention_choose(const struct retention_policy *policy,
    const struct retention_item *items, size_t count, int64_t now_ms,
    struct retention_verdict *ret_verdicts, struct err *err);

/*
 * Whether something that was stored then is within the grace period; also what
 * was stored after now, for then one of the clocks is wrong.
 */
bool retention_is_young(
    const struct retention_policy *policy, int64_t stored_ms, int64_t now_ms);

/* "daily 3 of 7", "needed by its chain", ...: a few words. */
enum { RETENTION_TEXT_BYTES = 80 };
void retention_words(const struct retention_verdict *verdict,
    char ret_text[RETENTION_TEXT_BYTES]);

#endif
