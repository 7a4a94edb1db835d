/*
 * One walk from the newest snapshot to the oldest gives each its reason; a
 * second pass, chain by chain, keeps what a kept one needs.
 *
 * A wrong date must never cost anything.  A snapshot whose time is later than
 * the storage's clock is kept and otherwise passed over, as if it were not
 * there: leaving one out can only let others take its place, so nothing goes
 * that would have stayed with the right date.  `within` is measured from the
 * newest of the others, so that a set whose backups have stopped is not eaten
 * up by the passing of time.
 */
#include "repository/retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/auto.h"

static const int64_t second_ms = 1000;
static const int64_t hour_ms = 3600 * second_ms;
static const int64_t day_ms = 24 * hour_ms;

/* Rounds down, also before 1970. */
static int64_t
divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
hour_of(int64_t ms)
{
	return divide(ms, hour_ms);
}

static int64_t
day_of(int64_t ms)
{
	return divide(ms, day_ms);
}

/* ISO weeks begin on Monday; 1970-01-01 was a Thursday. */
static int64_t
week_of(int64_t ms)
{
	return divide(day_of(ms) + 3, 7);
}

static int64_t
year_of(int64_t ms)
{
	time_t seconds = (time_t)divide(ms, second_ms);
	struct tm tm = { 0 };

	(void)gmtime_r(&seconds, &tm);
	return tm.tm_year;
}

static int64_t
month_of(int64_t ms)
{
	time_t seconds = (time_t)divide(ms, second_ms);
	struct tm tm = { 0 };

	(void)gmtime_r(&seconds, &tm);
	return (int64_t)tm.tm_year * 12 + tm.tm_mon;
}

enum { BUCKET_RULES = 5 };

/* A rule of buckets, and how far the walk has come in it. */
struct rule {
	enum retention_reason reason;
	int64_t (*bucket_of)(int64_t ms);
	unsigned of;
	unsigned used; /* buckets, newest first */
	int64_t bucket; /* the last of them */
};

struct walk {
	const struct retention_policy *policy;
	int64_t now_ms;
	const struct retention_item *newest; /* not from the future; or NULL */
	struct rule rules[BUCKET_RULES];
	unsigned good; /* met so far */
	int64_t newest_good_ms; /* of the first of these */
};

/* Takes a good snapshot into a rule: its rank when the rule keeps it, or 0. */
static unsigned
rule_take(struct rule *rule, int64_t time_ms)
{
	int64_t bucket = rule->bucket_of(time_ms);

	if (rule->used > 0 && rule->bucket == bucket)
		return 0;
	if (rule->used == rule->of)
		return 0;
	rule->bucket = bucket;
	return ++rule->used;
}

static bool
is_future(const struct walk *walk, const struct retention_item *item)
{
	return item->time_ms > walk->now_ms;
}

bool
retention_is_young(
    const struct retention_policy *policy, int64_t stored_ms, int64_t now_ms)
{
	return (double)now_ms - (double)stored_ms <
	       policy->grace * (double)second_ms;
}

static bool
is_within(const struct walk *walk, const struct retention_item *item)
{
	double within = walk->policy->within * (double)second_ms;

	return within > 0 &&
	       (double)walk->newest_good_ms - (double)item->time_ms <= within;
}

/*
 * Every rule counts every good snapshot, whichever of them gives the reason.
 * RETENTION_GOES: no rule keeps it.
 */
static struct retention_verdict
by_rules(struct walk *walk, const struct retention_item *item)
{
	struct retention_verdict verdict = { RETENTION_GOES, 0, 0 };

	if (++walk->good == 1)
		walk->newest_good_ms = item->time_ms;
	if (walk->good <= walk->policy->last)
		verdict = (struct retention_verdict){ RETENTION_LAST,
			walk->good, walk->policy->last };
	else if (is_within(walk, item))
		verdict.reason = RETENTION_WITHIN;
	for (unsigned i = 0; i < BUCKET_RULES; i++) {
		struct rule *rule = &walk->rules[i];
		unsigned rank = rule_take(rule, item->time_ms);

		if (rank > 0 && verdict.reason == RETENTION_GOES)
			verdict = (struct retention_verdict){ rule->reason,
				rank, rule->of };
	}
	return verdict;
}

static const struct retention_item *
find_newest(
    const struct walk *walk, const struct retention_item *items, size_t count)
{
	for (size_t i = count; i-- > 0;)
		if (!is_future(walk, &items[i]))
			return &items[i];
	return NULL;
}

/* The reason that is the snapshot's own, its chain's other members aside. */
static struct retention_verdict
own_verdict(struct walk *walk, const struct retention_item *item)
{
	struct retention_verdict verdict = { RETENTION_GOES, 0, 0 };
	bool future = is_future(walk, item);

	if (!future && item->good)
		verdict = by_rules(walk, item);
	if (item->pinned)
		return (struct retention_verdict){ RETENTION_PINNED, 0, 0 };
	if (verdict.reason != RETENTION_GOES)
		return verdict;
	if (walk->newest != NULL && item->chain == walk->newest->chain)
		verdict.reason = RETENTION_NEWEST_CHAIN;
	else if (!future && item->good && walk->good <= RETENTION_MINIMUM_GOOD)
		verdict = (struct retention_verdict){ RETENTION_MINIMUM,
			walk->good, RETENTION_MINIMUM_GOOD };
	else if (retention_is_young(
		     walk->policy, item->stored_ms, walk->now_ms))
		verdict.reason = RETENTION_YOUNG;
	else if (future)
		verdict.reason = RETENTION_FUTURE;
	return verdict;
}

struct member {
	size_t chain, at;
};

static int
by_chain(const void *left, const void *right)
{
	const struct member *a = left, *b = right;

	return (a->chain > b->chain) - (a->chain < b->chain);
}

/* Members of one chain lie together: one kept keeps all. */
static void
keep_chains(const struct member *members, size_t count,
    struct retention_verdict *verdicts)
{
	for (size_t first = 0, end; first < count; first = end) {
		bool kept = false;

		for (end = first;
		     end < count && members[end].chain == members[first].chain;
		     end++)
			kept |=
			    verdicts[members[end].at].reason != RETENTION_GOES;
		for (size_t i = first; kept && i < end; i++) {
			struct retention_verdict *v = &verdicts[members[i].at];

			if (v->reason == RETENTION_GOES)
				v->reason = RETENTION_NEEDED;
		}
	}
}

int
retention_choose(const struct retention_policy *policy,
    const struct retention_item *items, size_t count, int64_t now_ms,
    struct retention_verdict *ret_verdicts, struct err *err)
{
	struct walk walk = {
		.policy = policy,
		.now_ms = now_ms,
		.rules = {
			{ RETENTION_HOURLY, hour_of, policy->hourly, 0, 0 },
			{ RETENTION_DAILY, day_of, policy->daily, 0, 0 },
			{ RETENTION_WEEKLY, week_of, policy->weekly, 0, 0 },
			{ RETENTION_MONTHLY, month_of, policy->monthly, 0, 0 },
			{ RETENTION_YEARLY, year_of, policy->yearly, 0, 0 },
		},
	};

	AUTO(free) struct member *members = calloc(count + 1, sizeof(*members));
	if (members == NULL)
		return err_system(err, "choose which snapshots are kept");
	walk.newest = find_newest(&walk, items, count);
	for (size_t i = count; i-- > 0;) {
		ret_verdicts[i] = own_verdict(&walk, &items[i]);
		members[i] = (struct member){ items[i].chain, i };
	}
	qsort(members, count, sizeof(*members), by_chain);
	keep_chains(members, count, ret_verdicts);
	return 0;
}

void
retention_words(const struct retention_verdict *verdict,
    char ret_text[RETENTION_TEXT_BYTES])
{
	static const char *const words[] = {
		[RETENTION_GOES] = "goes with its chain",
		[RETENTION_PINNED] = "pinned",
		[RETENTION_LAST] = "last",
		[RETENTION_WITHIN] = "within the time to keep",
		[RETENTION_HOURLY] = "hourly",
		[RETENTION_DAILY] = "daily",
		[RETENTION_WEEKLY] = "weekly",
		[RETENTION_MONTHLY] = "monthly",
		[RETENTION_YEARLY] = "yearly",
		[RETENTION_NEWEST_CHAIN] = "newest chain",
		[RETENTION_MINIMUM] = "newest good",
		[RETENTION_YOUNG] = "within the grace period",
		[RETENTION_FUTURE] = "its time is in the future",
		[RETENTION_NEEDED] = "needed by its chain",
	};

	if (verdict->of > 0)
		(void)snprintf(ret_text, RETENTION_TEXT_BYTES, "%s %u of %u",
		    words[verdict->reason], verdict->rank, verdict->of);
	else
		(void)snprintf(ret_text, RETENTION_TEXT_BYTES, "%s",
		    words[verdict->reason]);
}
