/*
 * What was asked for decides how bad a thing is: that a set is older than
 * somebody allowed is an error, that it is older than it usually gets is a
 * warning.
 */
#include "status/judge.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/units.h"

/* A run may take its time, and timers spread theirs. */
static const int64_t late_least_ms = INT64_C(5) * 60 * 1000;

/* "3 d 04 h" */
struct span {
	char text[UNITS_TEXT_BYTES];
};

static struct span
span(int64_t ms)
{
	struct span span = { "" };

	units_format_duration(ms < 0 ? 0 : (double)ms / 1000, span.text);
	return span;
}

static struct span
size(uint64_t bytes)
{
	struct span span = { "" };

	units_format_size(bytes, span.text);
	return span;
}

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* --- times -------------------------------------------------------------- */

static int64_t
since(const struct status_facts *facts, int64_t moment_ms)
{
	int64_t age = facts->now_ms - moment_ms;

	return age < 0 ? 0 : age;
}

int64_t
status_age_ms(const struct status_facts *facts)
{
	return facts->seen_ms == STATUS_NEVER ? STATUS_NEVER
					      : since(facts, facts->seen_ms);
}

/* When a backup that is to come each `every` is late. */
static int64_t
late_ms(int64_t every)
{
	int64_t late = every + every / 2;

	return late < every + late_least_ms ? every + late_least_ms : late;
}

int64_t
status_limit_ms(const struct status_limits *limits)
{
	if (limits->max_age_ms > 0)
		return limits->max_age_ms;
	return limits->every_ms > 0 ? late_ms(limits->every_ms) : 0;
}

int64_t
status_next_ms(
    const struct status_facts *facts, const struct status_limits *limits)
{
	int64_t gap =
	    limits->every_ms > 0 ? limits->every_ms : facts->rhythm.usual_ms;

	return gap > 0 && facts->seen_ms != STATUS_NEVER ? facts->seen_ms + gap
							 : STATUS_NEVER;
}

int64_t
status_drilled_ms(
    const struct status_facts *facts, const struct status_limits *limits)
{
	if (limits->drill_ms > 0 || facts->drilled_ms > facts->restored_ms)
		return facts->drilled_ms;
	return facts->restored_ms;
}

/* --- one side after the other ------------------------------------------- */

static void
judge_storage(const struct status_facts *facts, struct verdict *verdict)
{
	if (facts->faulty > 0)
		verdict_add(verdict, STATUS_FAULTY, STATUS_DAMAGE,
		    "%zu of %zu snapshot%s cannot be restored, the first: %s",
		    facts->faulty, facts->snapshots, plural(facts->snapshots),
		    facts->faulty_text);
	if (facts->damaged > 0)
		verdict_add(verdict, STATUS_DAMAGED, STATUS_DAMAGE,
		    "%zu of %zu snapshot%s %s damaged when read last, "
		    "the first: %s",
		    facts->damaged, facts->snapshots, plural(facts->snapshots),
		    facts->damaged == 1 ? "was" : "were", facts->damaged_id);
	if (facts->ill)
		verdict_add(verdict, STATUS_ILL, STATUS_DAMAGE,
		    "the database was damaged already when snapshot %s was "
		    "taken, as SQLite's check of it found",
		    facts->ill_id);
	if (facts->unreadable > 0)
		verdict_add(verdict, STATUS_UNREADABLE, STATUS_ERROR,
		    "%zu of %zu snapshot%s cannot be read here: %s",
		    facts->unreadable, facts->snapshots,
		    plural(facts->snapshots), facts->unreadable_text);
}

static void
judge_presence(const struct status_facts *facts, struct verdict *verdict)
{
	if (facts->newest_ms != STATUS_NEVER)
		return;
	if (facts->snapshots == 0)
		verdict_add(verdict, STATUS_MISSING, STATUS_ERROR,
		    "there is no snapshot of it");
	else
		verdict_add(verdict, STATUS_MISSING, STATUS_ERROR,
		    "of %zu snapshot%s there is none that is good and not "
		    "of the future",
		    facts->snapshots, plural(facts->snapshots));
}

/* A run is refused then, so that all that is fresh is the other one's. */
static void
judge_owner(const struct status_facts *facts, struct verdict *verdict)
{
	if (facts->other)
		verdict_add(verdict, STATUS_OTHER, STATUS_ERROR,
		    "the set holds backups of '%.200s', and none of '%.200s'",
		    facts->held_text, facts->wanted_text);
}

static void
judge_age(const struct status_facts *facts, const struct status_limits *limits,
    struct verdict *verdict)
{
	int64_t age = status_age_ms(facts);
	int64_t limit = status_limit_ms(limits);
	int64_t every = limits->every_ms;

	if (age == STATUS_NEVER)
		return;
	if (limit > 0 && age > limit)
		verdict_add(verdict, STATUS_STALE, STATUS_ERROR,
		    "the newest state is %s old; at most %s %s", span(age).text,
		    span(limit).text,
		    limits->max_age_ms > 0 ? "was asked for"
					   : "is normal for its schedule");
	else if (every > 0 && age > late_ms(every))
		verdict_add(verdict, STATUS_LATE, STATUS_WARNING,
		    "the newest state is %s old, and it is to be backed up "
		    "every %s",
		    span(age).text, span(every).text);
	else if (limit == 0 && facts->rhythm.usual_ms > 0 &&
		 age > facts->rhythm.patience_ms)
		verdict_add(verdict, STATUS_STOPPED, STATUS_WARNING,
		    "the newest state is %s old, and there usually was a new "
		    "one every %s: did its backups stop?",
		    span(age).text, span(facts->rhythm.usual_ms).text);
}

static void
judge_clock(const struct status_facts *facts, struct verdict *verdict)
{
	char time[CLOCK_TEXT_BYTES];

	if (facts->future == 0)
		return;
	clock_format(facts->latest_ms, time);
	verdict_add(verdict, STATUS_FUTURE, STATUS_WARNING,
	    "%zu of %zu snapshot%s from the future, the last of %s, so "
	    "a clock was or is wrong; %s not counted",
	    facts->future, facts->snapshots,
	    facts->snapshots == 1 ? " is" : "s are", time,
	    facts->future == 1 ? "it is" : "they are");
}

/* --- its databases ------------------------------------------------------ */

/* The first database in that state, and how many there are. */
static const struct status_database *
first_live(
    const struct status_facts *facts, enum live_state state, size_t *ret_count)
{
	const struct status_database *first = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < facts->database_count; i++) {
		if (facts->databases[i].live.state != state)
			continue;
		if ((*ret_count)++ == 0)
			first = &facts->databases[i];
	}
	return first;
}

static void
judge_live(const struct status_facts *facts, enum live_state state,
    enum status_id id, enum status_severity severity, const char *words,
    struct verdict *verdict)
{
	size_t count;
	const struct status_database *first = first_live(facts, state, &count);

	if (count > 0 && facts->database_count == 1)
		verdict_add(verdict, id, severity, "the database %s: %s", words,
		    first->live.text);
	else if (count > 0)
		verdict_add(verdict, id, severity,
		    "%zu of its %zu databases %s, the first: %s", count,
		    facts->database_count, words, first->live.text);
}

/* Its run was told of it once, and went on. */
static void
judge_members(const struct status_facts *facts, struct verdict *verdict)
{
	if (facts->left[0] != '\0')
		verdict_add(verdict, STATUS_LEFT, STATUS_WARNING,
		    "the database '%s' is in snapshot %s, and not in the "
		    "newest, %s",
		    facts->left, facts->before, facts->newest);
}

/* By more than half; where one is gone or unknown that is said elsewhere. */
static bool
shrank(uint64_t before, uint64_t now)
{
	return before > 0 && now < before / 2;
}

static bool
shrank_since(const struct status_database *database)
{
	return database->live.state == LIVE_THERE &&
	       shrank(database->bytes, database->live.bytes);
}

static void
judge_size(const struct status_facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->database_count; i++) {
		const struct status_database *one = &facts->databases[i];

		if (shrank_since(one))
			verdict_add(verdict, STATUS_SHRANK, STATUS_WARNING,
			    "'%s' is %s now, and was %s in the newest "
			    "snapshot, %s",
			    one->name, size(one->live.bytes).text,
			    size(one->bytes).text, facts->newest);
		else if (shrank(one->before_bytes, one->bytes))
			verdict_add(verdict, STATUS_SHRANK, STATUS_WARNING,
			    "'%s' is %s in the newest snapshot, and was %s in "
			    "%s before",
			    one->name, size(one->bytes).text,
			    size(one->before_bytes).text, facts->before);
		else
			continue;
		return;
	}
}

/* --- proofs ------------------------------------------------------------- */

static void
judge_memory(const struct status_facts *facts,
    const struct status_limits *limits, struct verdict *verdict)
{
	if (!facts->remembers && facts->snapshots > 0)
		verdict_add(verdict, STATUS_FORGOTTEN,
		    limits->max_verify_age_ms > 0 ? STATUS_ERROR
						  : STATUS_WARNING,
		    "when it was verified is not known: %s",
		    facts->forgotten_text);
}

static void
judge_verify(const struct status_facts *facts,
    const struct status_limits *limits, struct verdict *verdict)
{
	int64_t limit = limits->max_verify_age_ms;
	int64_t age = since(facts, facts->verified_ms);

	if (!facts->remembers || facts->snapshots == 0)
		return;
	if (facts->verified_ms == STATUS_NEVER)
		verdict_add(verdict, STATUS_UNVERIFIED,
		    limit > 0 ? STATUS_ERROR : STATUS_WARNING,
		    "no snapshot of it was ever verified, as far as is "
		    "remembered here");
	else if (limit > 0 && age > limit)
		verdict_add(verdict, STATUS_VERIFY_OLD, STATUS_ERROR,
		    "it was verified %s ago; at most %s was asked for",
		    span(age).text, span(limit).text);
}

/* A set that is younger than that is not asked for its first drill. */
static void
judge_drill(const struct status_facts *facts,
    const struct status_limits *limits, struct verdict *verdict)
{
	int64_t limit = 2 * limits->drill_ms;

	if (!facts->remembers || limit == 0 || facts->oldest_ms == STATUS_NEVER)
		return;
	if (facts->drill_failed_ms != STATUS_NEVER)
		verdict_add(verdict, STATUS_DRILL_FAILED, STATUS_ERROR,
		    "it failed its drill %s ago, and passed none since: see "
		    "what its job says",
		    span(since(facts, facts->drill_failed_ms)).text);
	if (facts->drilled_ms == STATUS_NEVER) {
		if (since(facts, facts->oldest_ms) > limit)
			verdict_add(verdict, STATUS_DRILL_OLD, STATUS_WARNING,
			    "it never passed a drill; every %s was asked "
			    "for",
			    span(limits->drill_ms).text);
	} else if (since(facts, facts->drilled_ms) > limit) {
		verdict_add(verdict, STATUS_DRILL_OLD, STATUS_WARNING,
		    "it passed its last drill %s ago; every %s was asked for",
		    span(since(facts, facts->drilled_ms)).text,
		    span(limits->drill_ms).text);
	}
}

struct verdict
status_judge(
    const struct status_facts *facts, const struct status_limits *limits)
{
	struct verdict verdict = { .count = 0 };

	judge_storage(facts, &verdict);
	judge_presence(facts, &verdict);
	judge_owner(facts, &verdict);
	judge_age(facts, limits, &verdict);
	judge_clock(facts, &verdict);
	judge_live(facts, LIVE_VANISHED, STATUS_VANISHED, STATUS_ERROR,
	    "vanished", &verdict);
	judge_members(facts, &verdict);
	judge_size(facts, &verdict);
	judge_live(facts, LIVE_UNSEEN, STATUS_UNSEEN, STATUS_INFO,
	    "cannot be looked at", &verdict);
	judge_memory(facts, limits, &verdict);
	judge_verify(facts, limits, &verdict);
	judge_drill(facts, limits, &verdict);
	return verdict;
}
