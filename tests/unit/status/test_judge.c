/* Facts that nobody gathered, and what is to be said of them. */
#include "status/judge.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HOUR (INT64_C(3600) * 1000)
#define NOW (INT64_C(1000000) * HOUR)

static struct status_database databases[3];
static struct status_facts facts;
static struct status_limits limits;

/* Two hourly snapshots, verified and drilled, of a database that is there. */
static void
begin(void)
{
	memset(databases, 0, sizeof(databases));
	for (int i = 0; i < 3; i++) {
		(void)snprintf(databases[i].name, sizeof(databases[i].name),
		    "%c.db", 'a' + i);
		databases[i].bytes = 1000;
		databases[i].before_bytes = 900;
		databases[i].live =
		    (struct live){ .state = LIVE_THERE, .bytes = 1100 };
	}
	facts = (struct status_facts){
		.set = "app.db",
		.now_ms = NOW,
		.snapshots = 2,
		.oldest_ms = NOW - 2 * HOUR,
		.newest_ms = NOW - HOUR,
		.newest = "1111111111111111",
		.before = "0000000000000000",
		.latest_ms = STATUS_NEVER,
		.remembers = true,
		.seen_ms = NOW - HOUR,
		.verified_ms = NOW - HOUR,
		.restored_ms = NOW - 2 * HOUR,
		.drilled_ms = NOW - 2 * HOUR,
		.drill_failed_ms = STATUS_NEVER,
		.databases = databases,
		.database_count = 1,
	};
	limits = (struct status_limits){ .max_age_ms = 0 };
}

TestSuite(judge, .init = begin);

static const struct status_finding *
found(enum status_id id)
{
	static struct verdict verdict;

	verdict = status_judge(&facts, &limits);
	for (unsigned i = 0; i < verdict.count; i++)
		if (verdict.list[i].id == id)
			return &verdict.list[i];
	return NULL;
}

static void
expect(enum status_id id, enum status_severity severity, const char *words)
{
	const struct status_finding *finding = found(id);

	cr_assert_not_null(finding, "no %s", status_id_names[id]);
	cr_expect_eq(finding->severity, severity, "%s is %s",
	    status_id_names[id], status_severity_names[finding->severity]);
	cr_expect(strstr(finding->text, words) != NULL, "%s: %s",
	    status_id_names[id], finding->text);
}

static void
expect_only(enum status_id id, enum status_severity severity, const char *words)
{
	expect(id, severity, words);
	cr_expect_eq(status_judge(&facts, &limits).count, 1u);
}

static void
expect_nothing(void)
{
	struct verdict verdict = status_judge(&facts, &limits);

	cr_expect_eq(verdict.count, 0u, "%s", verdict.list[0].text);
}

Test(judge, a_set_as_it_should_be)
{
	expect_nothing();
	limits = (struct status_limits){
		.max_age_ms = HOUR,
		.max_verify_age_ms = HOUR,
		.every_ms = HOUR,
		.drill_ms = HOUR,
	};
	expect_nothing();
}

Test(judge, ages)
{
	static const struct {
		const char *what;
		int64_t age, max_age, every, usual;
		int id; /* STATUS_IDS: fine */
		enum status_severity severity;
	} rows[] = {
		{ "old, and nobody asked", 90 * 24 * HOUR, 0, 0, 0, STATUS_IDS,
		    0 },
		{ "just in time", 26 * HOUR, 26 * HOUR, 0, 0, STATUS_IDS, 0 },
		{ "a moment late", 26 * HOUR + 1, 26 * HOUR, 0, 0, STATUS_STALE,
		    STATUS_ERROR },
		{ "by its schedule", 36 * HOUR, 0, 24 * HOUR, 0, STATUS_IDS,
		    0 },
		{ "one run was left out", 36 * HOUR + 1, 0, 24 * HOUR, 0,
		    STATUS_STALE, STATUS_ERROR },
		{ "a minutely one has five minutes more", 6 * HOUR / 60, 0,
		    HOUR / 60, 0, STATUS_IDS, 0 },
		{ "and no more", 6 * HOUR / 60 + 1, 0, HOUR / 60, 0,
		    STATUS_STALE, STATUS_ERROR },
		{ "late, but not too old", 2 * HOUR, 26 * HOUR, HOUR, 0,
		    STATUS_LATE, STATUS_WARNING },
		{ "too old is said once", 27 * HOUR, 26 * HOUR, HOUR, 0,
		    STATUS_STALE, STATUS_ERROR },
		{ "as it usually is", 3 * HOUR, 0, 0, HOUR, STATUS_IDS, 0 },
		{ "did it stop?", 3 * HOUR + 1, 0, 0, HOUR, STATUS_STOPPED,
		    STATUS_WARNING },
		{ "what was asked for counts", 20 * HOUR, 26 * HOUR, 0, HOUR,
		    STATUS_IDS, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		facts.newest_ms = facts.seen_ms = NOW - rows[i].age;
		limits.max_age_ms = rows[i].max_age;
		limits.every_ms = rows[i].every;
		facts.rhythm.usual_ms = rows[i].usual;
		facts.rhythm.patience_ms = 3 * rows[i].usual;
		struct verdict v = status_judge(&facts, &limits);
		bool right = rows[i].id == STATUS_IDS
				 ? v.count == 0
				 : v.count == 1 &&
				       (int)v.list[0].id == rows[i].id &&
				       v.list[0].severity == rows[i].severity;
		cr_expect(right, "%s: %u, %s", rows[i].what, v.count,
		    v.count == 0 ? "" : v.list[0].text);
	}
}

/* The database was found to be that state still: that is fresh. */
Test(judge, unchanged_is_fresh)
{
	limits.max_age_ms = 2 * HOUR;
	facts.newest_ms = NOW - 100 * HOUR;
	facts.seen_ms = NOW - HOUR;
	expect_nothing();
	facts.seen_ms = NOW - 3 * HOUR;
	expect_only(STATUS_STALE, STATUS_ERROR, "3 h 00 min old");
}

Test(judge, what_comes_next)
{
	cr_expect_eq(status_next_ms(&facts, &limits), STATUS_NEVER);
	facts.rhythm.usual_ms = 2 * HOUR;
	cr_expect_eq(status_next_ms(&facts, &limits), NOW + HOUR);
	limits.every_ms = 5 * HOUR;
	cr_expect_eq(status_next_ms(&facts, &limits), NOW + 4 * HOUR);
	facts.seen_ms = STATUS_NEVER;
	cr_expect_eq(status_next_ms(&facts, &limits), STATUS_NEVER);
}

Test(judge, nothing_is_there)
{
	status_gather_none("x.db", NOW, &facts);
	limits = (struct status_limits){ 1, 1, 1, 1 };
	expect_only(STATUS_MISSING, STATUS_ERROR, "no snapshot of it");
}

Test(judge, none_that_counts)
{
	facts.newest_ms = facts.seen_ms = facts.oldest_ms = STATUS_NEVER;
	facts.database_count = 0;
	facts.future = 2;
	facts.latest_ms = NOW + 24 * HOUR;
	limits.max_age_ms = HOUR;
	expect(STATUS_MISSING, STATUS_ERROR, "of 2 snapshots there is none");
	expect(STATUS_FUTURE, STATUS_WARNING, "2 of 2 snapshots are");
}

Test(judge, a_clock_that_was_wrong)
{
	facts.future = 1;
	facts.latest_ms = NOW + HOUR;
	expect_only(STATUS_FUTURE, STATUS_WARNING, "1 of 2 snapshots are from");
	cr_expect(strstr(found(STATUS_FUTURE)->text, "2084-01-29T17") != NULL,
	    "%s", found(STATUS_FUTURE)->text);
}

Test(judge, damage)
{
	facts.faulty = 1;
	(void)strcpy(facts.faulty_text, "snapshot 'x' has no archive");
	expect_only(STATUS_FAULTY, STATUS_DAMAGE, "'x' has no archive");
	facts.faulty = 0;
	facts.damaged = 2;
	(void)strcpy(facts.damaged_id, "2222222222222222");
	expect_only(STATUS_DAMAGED, STATUS_DAMAGE, "first: 2222222222222222");
	facts.damaged = 0;
	facts.ill = true;
	(void)strcpy(facts.ill_id, "3333333333333333");
	expect_only(STATUS_ILL, STATUS_DAMAGE, "3333333333333333");
	facts.ill = false;
	facts.unreadable = 1;
	(void)strcpy(facts.unreadable_text, "Permission denied");
	expect_only(STATUS_UNREADABLE, STATUS_ERROR, "Permission denied");
}

Test(judge, what_is_fresh_may_be_another_database)
{
	facts.other = true;
	(void)strcpy(facts.held_text, "/srv/app/app.db");
	(void)strcpy(facts.wanted_text, "/srv/wiki/app.db");
	expect_only(STATUS_OTHER, STATUS_ERROR,
	    "holds backups of '/srv/app/app.db', and none of "
	    "'/srv/wiki/app.db'");
}

Test(judge, databases_that_are_gone_or_not_seen)
{
	(void)strcpy(databases[1].live.text, "'/b.db' does not exist");
	databases[1].live.state = LIVE_VANISHED;
	expect_nothing();
	facts.database_count = 3;
	expect_only(STATUS_VANISHED, STATUS_ERROR,
	    "1 of its 3 databases vanished, the first: '/b.db' does not exist");
	databases[1].live.state = LIVE_UNSEEN;
	expect_only(STATUS_UNSEEN, STATUS_INFO, "cannot be looked at");
	databases[1].live.state = LIVE_ELSEWHERE;
	expect_nothing();
	databases[0].live.state = LIVE_VANISHED;
	(void)strcpy(databases[0].live.text, "'/a.db' is empty");
	facts.database_count = 1;
	expect_only(STATUS_VANISHED, STATUS_ERROR,
	    "the database vanished: '/a.db' is empty");
}

Test(judge, what_shrank)
{
	static const struct {
		uint64_t before, bytes, live;
		const char *words; /* NULL: fine */
	} rows[] = {
		{ 2000, 1000, 1000, NULL },
		{ 2000, 999, 999, "in the newest snapshot, and was" },
		{ 2000, 999, 100, "now, and was" },
		{ 1000, 1000, 500, NULL },
		{ 1000, 1000, 499, "now, and was" },
		{ 0, 1000, 1000, NULL },
		{ 1000, 9000, 9000, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		databases[0].before_bytes = rows[i].before;
		databases[0].bytes = rows[i].bytes;
		databases[0].live.bytes = rows[i].live;
		if (rows[i].words == NULL)
			expect_nothing();
		else
			expect_only(
			    STATUS_SHRANK, STATUS_WARNING, rows[i].words);
	}
	/* What is gone did not shrink. */
	databases[0].before_bytes = 1000;
	databases[0].bytes = 1000;
	databases[0].live =
	    (struct live){ .state = LIVE_ELSEWHERE, .bytes = 0 };
	expect_nothing();
	/* Any of them. */
	facts.database_count = 3;
	databases[2].live.bytes = 100;
	expect_only(STATUS_SHRANK, STATUS_WARNING, "'c.db' is 100 B now");
}

Test(judge, proofs)
{
	facts.verified_ms = STATUS_NEVER;
	expect_only(STATUS_UNVERIFIED, STATUS_WARNING, "ever verified");
	limits.max_verify_age_ms = HOUR;
	expect_only(STATUS_UNVERIFIED, STATUS_ERROR, "ever verified");
	facts.verified_ms = NOW - HOUR - 1;
	expect_only(STATUS_VERIFY_OLD, STATUS_ERROR, "at most 1 h 00 min");
	facts.remembers = false;
	(void)strcpy(facts.forgotten_text, "Permission denied");
	expect_only(STATUS_FORGOTTEN, STATUS_ERROR, "Permission denied");
	limits.max_verify_age_ms = 0;
	expect_only(STATUS_FORGOTTEN, STATUS_WARNING, "Permission denied");
}

Test(judge, a_database_that_left_its_set)
{
	(void)strcpy(facts.left, "users.db");
	expect_only(STATUS_LEFT, STATUS_WARNING, "'users.db' is in snapshot");
}

Test(judge, drills)
{
	limits.drill_ms = HOUR;
	expect_nothing();
	facts.drilled_ms--;
	expect_only(STATUS_DRILL_OLD, STATUS_WARNING, "every 1 h 00 min");
	/* A young set is not asked for one. */
	facts.drilled_ms = STATUS_NEVER;
	expect_nothing();
	facts.oldest_ms--;
	expect_only(STATUS_DRILL_OLD, STATUS_WARNING, "never passed");
	limits.drill_ms = 0;
	expect_nothing();
}

Test(judge, a_failed_drill)
{
	limits.drill_ms = HOUR;
	facts.drill_failed_ms = NOW - HOUR;
	expect_only(STATUS_DRILL_FAILED, STATUS_ERROR, "1 h 00 min ago");
	limits.drill_ms = 0;
	expect_nothing();
}

/* A restore that was checked is a drill where nobody asks for those of a job. */
Test(judge, which_drill_counts)
{
	facts.restored_ms = NOW - HOUR;
	cr_expect_eq(status_drilled_ms(&facts, &limits), NOW - HOUR);
	limits.drill_ms = HOUR;
	cr_expect_eq(status_drilled_ms(&facts, &limits), NOW - 2 * HOUR);
	facts.drilled_ms = STATUS_NEVER;
	cr_expect_eq(status_drilled_ms(&facts, &limits), STATUS_NEVER);
	limits.drill_ms = 0;
	facts.drilled_ms = NOW;
	cr_expect_eq(status_drilled_ms(&facts, &limits), NOW);
}

/* Whatever is in it, a text is printable. */
Test(judge, hostile_names)
{
	databases[0].live.state = LIVE_VANISHED;
	(void)strcpy(databases[0].live.text, "'\033[2J\n' does not exist");
	const char *text = found(STATUS_VANISHED)->text;
	cr_expect(strchr(text, '\033') == NULL && strchr(text, '\n') == NULL);
}
