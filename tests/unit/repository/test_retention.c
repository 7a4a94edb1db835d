/*
 * The choice is compared, on a hundred thousand random histories, with a slow
 * model that says for one snapshot and one rule whether it is kept, straight
 * from the definition and with the names of the calendar instead of numbers.
 * Then what must hold whatever the rules say.
 */
#include "repository/retention.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ITEMS_MAX = 24, HISTORIES = 100000, LABEL = 24 };

#define HOUR 3600000LL
#define DAY (24 * HOUR)

static const int64_t now = 1795216500000; /* 2026-11-20T23:15:00Z */

struct history {
	struct retention_policy policy;
	struct retention_item items[ITEMS_MAX];
	size_t count;
	int64_t now_ms;
};

static struct retention_verdict verdicts[ITEMS_MAX];

static void
choose(const struct history *h, struct retention_verdict *ret)
{
	struct err err = { 0 };

	cr_assert_eq(retention_choose(
			 &h->policy, h->items, h->count, h->now_ms, ret, &err),
	    0, "%s", err.text);
}

/* --- the model -------------------------------------------------------- */

/* A restore point that rules may count. */
static bool
counts(const struct history *h, size_t i)
{
	return h->items[i].good && h->items[i].time_ms <= h->now_ms;
}

static void
label_of(int64_t ms, const char *format, char ret_label[LABEL])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	cr_assert_not_null(gmtime_r(&seconds, &tm));
	cr_assert_gt(strftime(ret_label, LABEL, format, &tm), 0);
}

/* The rank of `i` among the buckets that `format` names, or 0. */
static unsigned
model_bucket(const struct history *h, size_t i, unsigned of, const char *format)
{
	char mine[LABEL], seen[LABEL] = "", label[LABEL];
	unsigned rank = 1;

	if (of == 0 || !counts(h, i))
		return 0;
	label_of(h->items[i].time_ms, format, mine);
	for (size_t j = h->count - 1; j > i; j--) {
		if (!counts(h, j))
			continue;
		label_of(h->items[j].time_ms, format, label);
		if (strcmp(label, mine) == 0)
			return 0; /* not the newest in its bucket */
		if (strcmp(label, seen) != 0)
			rank++;
		(void)strcpy(seen, label);
	}
	return rank <= of ? rank : 0;
}

static unsigned
model_good_rank(const struct history *h, size_t i)
{
	unsigned rank = 1;

	for (size_t j = i + 1; j < h->count; j++)
		rank += counts(h, j);
	return counts(h, i) ? rank : 0;
}

static bool
model_within(const struct history *h, size_t i)
{
	int64_t newest = 0;

	for (size_t j = 0; j < h->count; j++)
		if (counts(h, j))
			newest = h->items[j].time_ms;
	return h->policy.within > 0 && counts(h, i) &&
	       h->items[i].time_ms >=
		   newest - (int64_t)(h->policy.within * 1000);
}

static bool
model_newest_chain(const struct history *h, size_t i)
{
	for (size_t j = h->count; j-- > 0;)
		if (h->items[j].time_ms <= h->now_ms)
			return h->items[j].chain == h->items[i].chain;
	return false;
}

static struct retention_verdict
model_own(const struct history *h, size_t i)
{
	const struct retention_policy *p = &h->policy;
	const struct {
		enum retention_reason reason;
		unsigned of;
		const char *format;
	} rules[] = {
		{ RETENTION_HOURLY, p->hourly, "%Y-%m-%d %H" },
		{ RETENTION_DAILY, p->daily, "%Y-%m-%d" },
		{ RETENTION_WEEKLY, p->weekly, "%G week %V" },
		{ RETENTION_MONTHLY, p->monthly, "%Y-%m" },
		{ RETENTION_YEARLY, p->yearly, "%Y" },
	};
	unsigned good = model_good_rank(h, i);

	if (h->items[i].pinned)
		return (struct retention_verdict){ RETENTION_PINNED, 0, 0 };
	if (good > 0 && good <= p->last)
		return (
		    struct retention_verdict){ RETENTION_LAST, good, p->last };
	if (model_within(h, i))
		return (struct retention_verdict){ RETENTION_WITHIN, 0, 0 };
	for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
		unsigned rank =
		    model_bucket(h, i, rules[r].of, rules[r].format);
		if (rank > 0)
			return (struct retention_verdict){ rules[r].reason,
				rank, rules[r].of };
	}
	if (model_newest_chain(h, i))
		return (
		    struct retention_verdict){ RETENTION_NEWEST_CHAIN, 0, 0 };
	if (good > 0 && good <= 3)
		return (struct retention_verdict){ RETENTION_MINIMUM, good, 3 };
	if (h->items[i].stored_ms >
	    h->now_ms - (int64_t)(h->policy.grace * 1000))
		return (struct retention_verdict){ RETENTION_YOUNG, 0, 0 };
	if (h->items[i].time_ms > h->now_ms)
		return (struct retention_verdict){ RETENTION_FUTURE, 0, 0 };
	return (struct retention_verdict){ RETENTION_GOES, 0, 0 };
}

static struct retention_verdict
model(const struct history *h, size_t i)
{
	struct retention_verdict own = model_own(h, i);

	for (size_t j = 0; j < h->count && own.reason == RETENTION_GOES; j++)
		if (h->items[j].chain == h->items[i].chain &&
		    model_own(h, j).reason != RETENTION_GOES)
			own.reason = RETENTION_NEEDED;
	return own;
}

/* --- histories -------------------------------------------------------- */

static uint64_t seed = 88172645463325252;

/* xorshift64: the same histories in every run. */
static unsigned
pick(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % below;
}

static unsigned
maybe(unsigned below)
{
	return pick(3) == 0 ? pick(below) : 0;
}

static int
by_time(const void *left, const void *right)
{
	const struct retention_item *a = left, *b = right;

	return (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
}

static struct history
random_history(bool right_clocks)
{
	static const int64_t steps[] = { HOUR / 4, HOUR, 6 * HOUR, DAY, 5 * DAY,
		20 * DAY, 300 * DAY };
	int64_t step = steps[pick(sizeof(steps) / sizeof(steps[0]))];
	struct history h = {
		.policy = { .last = maybe(6),
		    .hourly = maybe(5),
		    .daily = maybe(8),
		    .weekly = maybe(5),
		    .monthly = maybe(5),
		    .yearly = maybe(3),
		    .within = maybe(4) * (double)step / 1000 * 1.5,
		    .grace = maybe(3) * 86400.0 },
		.count = pick(ITEMS_MAX + 1),
		.now_ms = now,
	};
	int64_t time = now;
	size_t chain = 100 + pick(100), chains = 1 + pick(6);

	for (size_t i = h.count; i-- > 0;) {
		time -= (int64_t)((double)step * (double)pick(2000) / 1000);
		chain += pick(3) == 0;
		h.items[i] = (struct retention_item){
			.time_ms = time,
			.stored_ms = time + (int64_t)pick(HOUR),
			.good = pick(8) != 0,
			.pinned = pick(12) == 0,
			/* Two backups at once: chains may be interleaved. */
			.chain = pick(4) == 0 ? chain % chains : chain,
		};
		if (!right_clocks && pick(10) == 0)
			h.items[i].time_ms = now + 1 + (int64_t)pick(HOUR);
		if (!right_clocks && pick(10) == 0)
			h.items[i].stored_ms = now + pick(HOUR);
	}
	qsort(h.items, h.count, sizeof(h.items[0]), by_time);
	return h;
}

static void
equals_model(const struct history *h)
{
	for (size_t i = 0; i < h->count; i++) {
		struct retention_verdict want = model(h, i);

		cr_assert(verdicts[i].reason == want.reason &&
			      verdicts[i].rank == want.rank &&
			      verdicts[i].of == want.of,
		    "item %zu of %zu: %d %u/%u, the model says %d %u/%u", i,
		    h->count, verdicts[i].reason, verdicts[i].rank,
		    verdicts[i].of, want.reason, want.rank, want.of);
	}
}

/* What no policy may bring about. */
static void
holds(const struct history *h)
{
	unsigned good = 0;
	bool newest = true;

	for (size_t i = h->count; i-- > 0;) {
		bool goes = verdicts[i].reason == RETENTION_GOES;
		bool past = h->items[i].time_ms <= h->now_ms;

		if (past && h->items[i].good && ++good <= 3)
			cr_assert(!goes, "one of the newest three good");
		cr_assert(!goes || !h->items[i].pinned, "pinned");
		cr_assert(!goes || past, "from the future");
		cr_assert(
		    !goes || (double)(h->now_ms - h->items[i].stored_ms) >=
				 h->policy.grace * 1000,
		    "young");
		for (size_t j = 0; j < h->count; j++)
			if (h->items[j].chain == h->items[i].chain)
				cr_assert_eq(goes,
				    verdicts[j].reason == RETENTION_GOES,
				    "a chain is not whole");
		if (past && newest)
			cr_assert(!goes, "of the newest chain");
		newest = newest && !past;
	}
}

Test(retention, equals_the_model_on_random_histories)
{
	size_t gone = 0;

	for (unsigned n = 0; n < HISTORIES; n++) {
		struct history h = random_history(n % 2 == 0);

		choose(&h, verdicts);
		equals_model(&h);
		holds(&h);
		for (size_t i = 0; i < h.count; i++)
			gone += verdicts[i].reason == RETENTION_GOES;
	}
	/* Where nothing ever goes, all of this would hold too. */
	cr_expect_gt(gone, (size_t)HISTORIES);
}

/* Nothing goes that a run with right clocks would have kept. */
static void
no_more_goes(const struct history *right, const struct history *wrong)
{
	struct retention_verdict before[ITEMS_MAX];

	choose(right, before);
	choose(wrong, verdicts);
	for (size_t i = 0; i < wrong->count; i++) {
		size_t j = 0;

		if (verdicts[i].reason != RETENTION_GOES)
			continue;
		while (right->items[j].stored_ms != wrong->items[i].stored_ms)
			j++;
		cr_assert_eq(before[j].reason, RETENTION_GOES);
	}
}

/* `stored_ms` tells who is who. */
static struct history
unique_history(void)
{
	struct history h = random_history(true);

	for (size_t i = 0; i < h.count; i++)
		h.items[i].stored_ms = h.items[i].time_ms + (int64_t)i;
	return h;
}

Test(retention, a_date_in_the_future_deletes_nothing_more)
{
	for (unsigned n = 0; n < HISTORIES; n++) {
		struct history right = unique_history(), wrong = right;

		for (size_t i = 0; i < wrong.count; i++)
			if (pick(6) == 0)
				wrong.items[i].time_ms += now;
		qsort(
		    wrong.items, wrong.count, sizeof(wrong.items[0]), by_time);
		no_more_goes(&right, &wrong);
	}
}

Test(retention, a_storage_clock_that_is_behind_deletes_nothing_more)
{
	for (unsigned n = 0; n < HISTORIES; n++) {
		struct history right = unique_history(), wrong = right;

		wrong.now_ms -= (int64_t)pick(400) * DAY / (1 + pick(400));
		no_more_goes(&right, &wrong);
	}
}

/* --- single rules ----------------------------------------------------- */

/* A history of fulls, `ages` before now in hours, ended by -1. */
static struct history
of_ages(const double *ages)
{
	struct history h = { .now_ms = now };

	for (; ages[h.count] >= 0; h.count++)
		h.items[h.count] = (struct retention_item){
			.time_ms = now - (int64_t)(ages[h.count] * HOUR),
			.stored_ms = now - (int64_t)(ages[h.count] * HOUR),
			.good = true,
			.chain = h.count,
		};
	return h;
}

static void
words_are(size_t i, const char *words)
{
	char text[RETENTION_TEXT_BYTES];

	retention_words(&verdicts[i], text);
	cr_expect_str_eq(text, words, "item %zu", i);
}

Test(retention, reasons_in_words)
{
	struct history h =
	    of_ages((double[]){ 2000, 1000, 99, 73, 49, 25, 24.5, 1, 0.5, -1 });

	h.policy.daily = 3;
	h.policy.last = 1;
	h.items[0].pinned = true;
	choose(&h, verdicts);
	words_are(0, "pinned");
	words_are(1, "goes with its chain");
	words_are(5, "goes with its chain");
	words_are(6, "daily 2 of 3");
	words_are(7, "newest good 2 of 3");
	words_are(8, "last 1 of 1");
	words_are(4, "daily 3 of 3");
	h.policy = (struct retention_policy){ .within = 7200 };
	choose(&h, verdicts);
	words_are(7, "within the time to keep");
}

/* Backups stopped long ago: the last two days of them stay for ever. */
Test(retention, within_counts_back_from_the_newest_snapshot)
{
	struct history h =
	    of_ages((double[]){ 9100, 9060, 9049, 9030, 9020, 9000, -1 });

	h.policy.within = 2 * 86400;
	choose(&h, verdicts);
	words_are(0, "goes with its chain");
	words_are(1, "goes with its chain");
	words_are(2, "goes with its chain");
	h.policy.within = 49 * 3600;
	choose(&h, verdicts);
	words_are(2, "within the time to keep");
	words_are(5, "within the time to keep");
}

Test(retention, the_whole_chain_stays_for_one_member)
{
	struct history h =
	    of_ages((double[]){ 900, 899, 898, 400, 300, 200, 100, -1 });

	h.items[0].chain = h.items[1].chain = h.items[2].chain = 77;
	choose(&h, verdicts);
	words_are(0, "goes with its chain");
	words_are(3, "goes with its chain");
	h.items[1].pinned = true;
	choose(&h, verdicts);
	words_are(0, "needed by its chain");
	words_are(1, "pinned");
	words_are(2, "needed by its chain");
	words_are(3, "goes with its chain");
}

Test(retention, a_bad_one_is_no_restore_point)
{
	struct history h =
	    of_ages((double[]){ 900, 500, 400, 300, 200, 100, -1 });

	h.policy.last = 3;
	h.items[5].good = h.items[3].good = false;
	choose(&h, verdicts);
	words_are(5, "newest chain");
	words_are(4, "last 1 of 3");
	words_are(3, "goes with its chain");
	words_are(2, "last 2 of 3");
	words_are(1, "last 3 of 3");
	words_are(0, "goes with its chain");
}

Test(retention, weeks_begin_on_monday)
{
	/* Sunday 2026-11-15 23:59:59.999 and Monday 00:00. */
	struct history h =
	    of_ages((double[]){ 900, 800, 700, 600, 4, 3, 2, -1 });

	h.items[2].time_ms = 1794787199999;
	h.items[3].time_ms = 1794787200000;
	h.items[4].time_ms = 1794787200001;
	h.items[5].time_ms = 1794787200002;
	h.items[6].time_ms = 1794787200003;
	h.policy.weekly = 2;
	choose(&h, verdicts);
	words_are(6, "weekly 1 of 2");
	words_are(3, "goes with its chain");
	words_are(2, "weekly 2 of 2");
}

Test(retention, nothing_of_nothing)
{
	struct history h = { .now_ms = now };

	choose(&h, verdicts);
}
