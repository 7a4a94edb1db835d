/* The line of a plugin and the metrics, of a look that nobody took. */
#include "command/status_round.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/status_nagios.h"
#include "command/status_prometheus.h"

#define HOUR (INT64_C(3600) * 1000)
#define NOW (INT64_C(1000000) * HOUR)

enum { SETS_MAX = 600 };

static struct status_one sets[SETS_MAX];
static struct status_place places[] = {
	{ (char *)"/backups", true },
	{ (char *)"/back\\slash \"and\" quotes\n", false },
};
static struct session session;
static struct status_round look_of = {
	.session = &session,
	.now_ms = NOW,
	.list = sets,
	.places = places,
	.place_count = 2,
};
static char line[PLUGIN_LINE_BYTES];

/* Of one hour ago, verified two hours ago. */
static struct status_one *
add(const char *name)
{
	struct status_one *one = &sets[look_of.count++];

	status_gather_none(name, NOW, &one->facts);
	one->facts.snapshots = 3;
	one->facts.oldest_ms = one->facts.newest_ms = NOW - HOUR;
	one->facts.seen_ms = NOW - HOUR;
	one->facts.verified_ms = NOW - 2 * HOUR;
	one->facts.remembers = true;
	one->facts.bytes = 1000;
	one->facts.week_bytes = 10;
	one->facts.database_bytes = 4096;
	one->limits.max_age_ms = 26 * HOUR;
	return one;
}

static void
expect_line(enum nagios state, const char *wanted)
{
	cr_expect_eq(nagios_line(&look_of, line), state);
	cr_expect_str_eq(line, wanted);
}

Test(status_nagios, all_is_well)
{
	(void)add("a.db");
	add("b.db")->facts.seen_ms = NOW - 3 * HOUR;
	expect_line(NAGIOS_OK,
	    "LITESAFE OK - 2 of 2 sets fresh, oldest 3 h 00 min | sets=2;;;0 "
	    "warnings=0;;;0 errors=0;;;0 damaged=0;;;0 age=10800s;;93600;0 "
	    "verify_age=7200s;;;0 stored=2000B;;;0 stored_7d=20B;;;0");
}

Test(status_nagios, limits_that_differ_are_none)
{
	add("a.db")->limits.max_verify_age_ms = HOUR;
	add("b.db")->limits.max_age_ms = HOUR;
	(void)nagios_line(&look_of, line);
	cr_expect(strstr(line, " age=3600s;;;0 ") != NULL, "%s", line);
	cr_expect(strstr(line, " verify_age=7200s;;;0 ") != NULL, "%s", line);
}

Test(status_nagios, a_warning)
{
	(void)add("a.db");
	add("b.db")->facts.verified_ms = STATUS_NEVER;
	cr_expect_eq(nagios_line(&look_of, line), NAGIOS_WARNING);
	cr_expect(strncmp(line,
		      "LITESAFE WARNING - 2 of 2 sets fresh, oldest 1 h 00 "
		      "min; 'b.db' unverified: no snapshot",
		      80) == 0,
	    "%s", line);
}

Test(status_nagios, the_worst_first)
{
	add("w.db")->facts.verified_ms = STATUS_NEVER;
	add("s.db")->facts.seen_ms = NOW - 27 * HOUR;
	add("d.db")->facts.faulty = 1;
	cr_expect_eq(nagios_line(&look_of, line), NAGIOS_CRITICAL);
	const char *damaged = strstr(line, "'d.db' faulty: ");
	const char *stale = strstr(line, "'s.db' stale: ");
	const char *warned = strstr(line, "'w.db' unverified: ");
	cr_expect(
	    damaged != NULL && stale > damaged && warned > stale, "%s", line);
	cr_expect(
	    strstr(line, " warnings=1;;;0 errors=1;;;0 damaged=1;;;0") != NULL,
	    "%s", line);
}

Test(status_nagios, nothing_is_unknown)
{
	expect_line(
	    NAGIOS_UNKNOWN, "LITESAFE UNKNOWN - there is no set to look at");
	(void)err_set(&look_of.trouble, ERR_REPOSITORY, 0, "no R");
	expect_line(NAGIOS_UNKNOWN, "LITESAFE UNKNOWN - no R");
	(void)add("a.db");
	cr_expect_eq(nagios_line(&look_of, line), NAGIOS_UNKNOWN);
	cr_expect(strstr(line, "UNKNOWN - no R; 1 of 1 set fresh") != NULL,
	    "%s", line);
	add("b.db")->facts.faulty = 1;
	cr_expect_eq(nagios_line(&look_of, line), NAGIOS_CRITICAL);
	look_of.trouble.kind = ERR_NONE;
}

/* One line, and whatever the sets are called, "|" begins the data. */
Test(status_nagios, hostile_names)
{
	add("a|b=1\n;'x'\033[2J")->facts.faulty = 1;
	cr_expect_eq(nagios_line(&look_of, line), NAGIOS_CRITICAL);
	const char *data = strchr(line, '|');
	cr_assert_not_null(data);
	cr_expect(strncmp(data, "| sets=1;", 9) == 0, "%s", line);
	cr_expect_null(strchr(data + 1, '|'));
	cr_expect_null(strchr(line, '\n'));
	cr_expect_null(strchr(line, '\033'));
}

Test(status_nagios, many_sets_are_one_line)
{
	char name[MEMBER_NAME_MAX + 1];

	for (int i = 0; i < SETS_MAX; i++) {
		memset(name, 'x', sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		memcpy(name, "\xc3\xa4", 2);
		struct status_one *one = add(name);
		one->facts.faulty = 1;
		memset(one->facts.faulty_text, 'y',
		    sizeof(one->facts.faulty_text) - 1);
	}
	cr_expect_eq(nagios_line(&look_of, line), NAGIOS_CRITICAL);
	cr_expect(strlen(line) < 4096);
	cr_expect(strstr(line, " | sets=600;;;0 ") != NULL);
}

Test(status_nagios, an_error_is_a_line)
{
	struct err err;

	(void)err_set(&err, ERR_USAGE, 0, "a|b\nc");
	nagios_line_of_error(&err, line);
	cr_expect(strncmp(line, "LITESAFE UNKNOWN - a?b", 22) == 0, "%s", line);
	cr_expect_null(strchr(line, '\n'));
}

static char *
metrics(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	cr_assert_not_null(out);
	prometheus_put(out, &look_of);
	cr_assert_eq(fclose(out), 0);
	return text;
}

static void
expect_metric(const char *text, const char *metric)
{
	cr_expect(
	    strstr(text, metric) != NULL, "%s is not in:\n%s", metric, text);
}

Test(status_prometheus, values_and_what_is_not_known)
{
	struct status_one *one = add("a.db");

	one->facts.newest_ms = NOW - HOUR + 123;
	one->facts.bytes = (UINT64_C(1) << 52) + 1;
	add("b.db")->job = "nightly";
	char *text = metrics();
	expect_metric(text, "\nlitesafe_status_timestamp_seconds 3600000000\n");
	expect_metric(text,
	    "\nlitesafe_last_snapshot_timestamp_seconds{repository=\"/backups\","
	    "set=\"a.db\"} 3599996400.123\n");
	expect_metric(text,
	    "\nlitesafe_stored_bytes{repository=\"/backups\",set=\"a.db\"} "
	    "4503599627370497\n");
	expect_metric(text,
	    "\nlitesafe_max_age_seconds{repository=\"/backups\",set=\"b.db\","
	    "job_name=\"nightly\"} 93600\n");
	/* Never drilled: no sample, and no head of none. */
	cr_expect_null(strstr(text, "litesafe_last_drill"));
	free(text);
}

Test(status_prometheus, all_of_a_metric_stand_together)
{
	(void)add("a.db");
	(void)add("b.db");
	char *text = metrics();
	const char *type = strstr(text, "# TYPE litesafe_snapshots gauge\n");
	cr_assert_not_null(type);
	cr_expect_null(strstr(type + 1, "# TYPE litesafe_snapshots "));
	const char *a = strstr(type, "\nlitesafe_snapshots{");
	const char *b =
	    a == NULL ? NULL : strstr(a + 1, "\nlitesafe_snapshots{");
	const char *next = strstr(type + 1, "# HELP");
	cr_expect(a != NULL && b != NULL && b < next);
	free(text);
}

Test(status_prometheus, labels_are_escaped)
{
	struct status_one *one = add("a\\b\"c\nd");

	one->place = 1;
	one->facts.faulty = 1;
	char *text = metrics();
	/* A line's end is not printable, so it does not come so far. */
	expect_metric(text,
	    "litesafe_finding{repository=\"/back\\\\slash \\\"and\\\" "
	    "quotes\xef\xbf\xbd\",set=\"a\\\\b\\\"c\xef\xbf\xbd"
	    "d\",finding=\"faulty\",severity=\"damage\"} 1\n");
	expect_metric(
	    text, "litesafe_repository_readable{repository=\"/backups\"} 1\n");
	expect_metric(text, "quotes\xef\xbf\xbd\"} 0\n");
	free(text);
}

Test(status_round, the_error_that_it_is)
{
	const struct status_judging plain = { .strict = false },
				    strict = { .strict = true },
				    shown = { .shown = true };
	struct err err;

	(void)add("a.db");
	cr_expect_eq(status_round_judge(&look_of, &strict, &err), 0);
	add("w.db")->facts.verified_ms = STATUS_NEVER;
	cr_expect_eq(status_round_judge(&look_of, &plain, &err), 0);
	cr_expect_eq(status_round_judge(&look_of, &strict, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(strncmp(err.text, "set 'w.db': unverified: ", 24) == 0, "%s",
	    err.text);
	add("s.db")->facts.seen_ms = NOW - 27 * HOUR;
	cr_expect_eq(status_round_judge(&look_of, &plain, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(
	    strncmp(err.text, "set 's.db': stale: ", 19) == 0, "%s", err.text);
	cr_expect_eq(status_round_judge(&look_of, &shown, &err), -1);
	cr_expect_str_eq(err.text, "set 's.db': stale");
	/* What a search did not find is less than what was found. */
	(void)err_set(&look_of.trouble, ERR_ABSENT, 0, "nothing");
	cr_expect_eq(status_round_judge(&look_of, &plain, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	(void)err_set(&look_of.trouble, ERR_REPOSITORY, 0, "no R");
	cr_expect_eq(status_round_judge(&look_of, &plain, &err), -1);
	cr_expect_eq(err.kind, ERR_REPOSITORY);
	add("d.db")->facts.damaged = 1;
	cr_expect_eq(status_round_judge(&look_of, &plain, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect(
	    strncmp(err.text, "2 of 4 sets, the worst: set 'd.db'", 33) == 0,
	    "%s", err.text);
}
