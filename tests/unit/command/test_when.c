/*
 * Times as people type them, around clocks that change, and what is refused.
 */
#include "command/when.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

/* Summer time of 2026: from March 29, 01:00 UTC to October 25, 01:00 UTC. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static const char *const present = "2026-11-21T01:58:00.500Z";

static int64_t
ms_of(const char *text)
{
	struct err err;
	int64_t ms = 0;

	cr_assert_eq(clock_parse(text, &ms, &err), 0, "%s", text);
	return ms;
}

/* `expected` is UTC. */
static void
expect_at(const char *now, const char *text, const char *expected)
{
	struct err err = { .kind = ERR_NONE };
	char got[CLOCK_TEXT_BYTES];
	int64_t ms = 0;

	cr_assert_eq(when_parse(text, ms_of(now), &ms, &err), 0, "%s: %s", text,
	    err.text);
	clock_format(ms, got);
	cr_expect_str_eq(got, expected, "'%s' is %s", text, got);
}

static void
expect(const char *text, const char *expected)
{
	expect_at(present, text, expected);
}

static void
expect_refused(const char *text, const char *why)
{
	struct err err = { .kind = ERR_NONE };
	int64_t ms = 7;

	cr_expect_eq(
	    when_parse(text, ms_of(present), &ms, &err), -1, "'%s'", text);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect(strstr(err.text, why) != NULL, "%s", err.text);
	cr_expect(strstr(err.hint, "'yesterday 18:00'") != NULL);
	cr_expect_eq(ms, 7);
}

static void
in_berlin(void)
{
	(void)setenv("TZ", BERLIN, 1);
}

TestSuite(when, .init = in_berlin);

Test(when, rfc_3339)
{
	expect("2026-11-19T18:00:00.123Z", "2026-11-19T18:00:00.123Z");
	expect("2026-11-19T18:00:00.1Z", "2026-11-19T18:00:00.100Z");
	expect("2026-11-19T18:00:00.123999Z", "2026-11-19T18:00:00.123Z");
	expect("2026-11-19t18:00:00.000z", "2026-11-19T18:00:00.000Z");
	expect("2026-11-19T18:00:00.000+01:00", "2026-11-19T17:00:00.000Z");
	expect("2026-12-31T23:30:00.000-05:30", "2027-01-01T05:00:00.000Z");
	expect("2024-02-29T00:00:00.000-00:00", "2024-02-29T00:00:00.000Z");
}

/* As lists print times: the snapshot of that second is at or before it. */
Test(when, a_second_is_meant_whole)
{
	expect("2026-11-19T18:00:05Z", "2026-11-19T18:00:05.999Z");
	expect("2026-11-19 18:00:05", "2026-11-19T17:00:05.999Z");
	expect("2026-11-19 18:00", "2026-11-19T17:00:00.999Z");
}

Test(when, a_date_is_the_end_of_that_day_here)
{
	expect("2026-11-19", "2026-11-19T22:59:59.999Z");
	expect("2026-07-01", "2026-07-01T21:59:59.999Z");
	expect("1970-01-01", "1970-01-01T22:59:59.999Z");
	expect("9999-12-31", "9999-12-31T22:59:59.999Z");
	/* 02:58 of the 21st in Berlin. */
	expect("yesterday", "2026-11-20T22:59:59.999Z");
	expect("today", "2026-11-21T22:59:59.999Z");
}

Test(when, a_day_by_name_and_a_time)
{
	expect("yesterday 18:00", "2026-11-20T17:00:00.999Z");
	expect("yesterday 00:00:30", "2026-11-19T23:00:30.999Z");
	expect("today 09:30", "2026-11-21T08:30:00.999Z");
	expect("today 02:00", "2026-11-21T01:00:00.999Z");
}

Test(when, the_local_calendar_decides_what_yesterday_is)
{
	/* 00:30 in Berlin, still the day before in UTC. */
	expect_at("2026-11-20T23:30:00.000Z", "yesterday",
	    "2026-11-20T22:59:59.999Z");
	expect_at("2027-01-01T12:00:00.000Z", "yesterday",
	    "2026-12-31T22:59:59.999Z");
	expect_at("2024-03-01T12:00:00.000Z", "yesterday",
	    "2024-02-29T22:59:59.999Z");
	(void)setenv("TZ", "NZST-12NZDT,M9.5.0,M4.1.0/3", 1);
	expect_at("2026-11-20T12:30:00.000Z", "yesterday",
	    "2026-11-20T10:59:59.999Z");
}

Test(when, ages)
{
	expect("now", present);
	expect("2h ago", "2026-11-20T23:58:00.500Z");
	expect("now-2h", "2026-11-20T23:58:00.500Z");
	expect("3d ago", "2026-11-18T01:58:00.500Z");
	expect("1.5h ago", "2026-11-21T00:28:00.500Z");
	expect("250ms ago", "2026-11-21T01:58:00.250Z");
	expect("now-1w", "2026-11-14T01:58:00.500Z");
}

/* A day is 24 hours, also when the clocks change: 1d ago is no calendar. */
Test(when, an_age_is_a_span_of_time)
{
	expect_at(
	    "2026-03-29T12:00:00.000Z", "1d ago", "2026-03-28T12:00:00.000Z");
}

Test(when, clocks_put_forward)
{
	expect("2026-03-29 01:59", "2026-03-29T00:59:00.999Z");
	expect("2026-03-29 03:00", "2026-03-29T01:00:00.999Z");
	/* Never comes: half an hour after 02:00, which is 03:30 then. */
	expect("2026-03-29 02:30", "2026-03-29T01:30:00.999Z");
	expect("2026-03-29", "2026-03-29T21:59:59.999Z");
	expect_at("2026-03-30T12:00:00.000Z", "yesterday 02:30",
	    "2026-03-29T01:30:00.999Z");
}

Test(when, clocks_put_back)
{
	expect("2026-10-25 01:59", "2026-10-24T23:59:00.999Z");
	/* Comes at 00:30 and at 01:30 UTC: the later. */
	expect("2026-10-25 02:30", "2026-10-25T01:30:00.999Z");
	expect("2026-10-25 03:00", "2026-10-25T02:00:00.999Z");
	expect("2026-10-25", "2026-10-25T22:59:59.999Z");
	expect("2026-10-24", "2026-10-24T21:59:59.999Z");
}

/* In New York and half a world away; midnight itself that comes twice. */
Test(when, other_zones)
{
	(void)setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
	expect("2026-11-01 01:30", "2026-11-01T06:30:00.999Z");
	expect("2026-03-08 02:30", "2026-03-08T07:30:00.999Z");
	expect("2026-11-19", "2026-11-20T04:59:59.999Z");
	(void)setenv("TZ", "XST-10:30XDT-11,M10.1.0/2,M4.1.0/2", 1);
	expect("2026-04-05 01:45", "2026-04-04T15:15:00.999Z");
	(void)setenv("TZ", "BRT3BRST,M10.3.0/0,M2.3.0/0", 1);
	expect("2026-02-14", "2026-02-15T02:59:59.999Z");
	expect("2026-10-18 00:30", "2026-10-18T03:30:00.999Z");
	(void)setenv("TZ", "UTC0", 1);
	expect("2026-11-19 18:00", "2026-11-19T18:00:00.999Z");
}

Test(when, anything_else_is_refused_with_examples)
{
	static const char *const texts[] = { "", " ", "yesterdy", "Yesterday",
		"yesterday ", " yesterday", "yesterday18:00", "yesterday 18",
		"yesterday 24:00", "yesterday 18:60", "yesterday 18:00:60",
		"yesterday 18:00:00.5", "today-1", "tomorrow", "now ", "now-",
		"now-2", "now+2h", "now -2h", "2h", "2 ago", "ago", " ago",
		"2h  ago", "2h ago ", "-2h ago", "2y ago", "2026", "2026-11",
		"2026-11-31", "2026-02-29", "2026-13-01", "2026-00-10",
		"2026-11-00", "2026-1-1", "20261119", "19.11.2026",
		"11/19/2026", "2026-11-19T18:00", "2026-11-19T18:00Z",
		"2026-11-19T18:00:00", "2026-11-19T18:00:00.Z",
		"2026-11-19T18:00:00+0100", "2026-11-19T18:00:00+1:00",
		"2026-11-19T18:00:00+24:00", "2026-11-19T24:00:00Z",
		"2026-11-19T18:00:00ZZ", "2026-11-19 18:00Z",
		"2026-11-19  18:00", "2026-11-19 8:00", "1969-12-31",
		"1795226280", "latest", "99999999999999999999w ago" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_refused(texts[i], "is not a time");
}

Test(when, nothing_lies_before_1970)
{
	expect_refused("4000w ago", "lies before 1970");
	expect_refused("1970-01-01T00:00:00+00:01", "lies before 1970");
	expect_refused("1970-01-01 00:59", "lies before 1970");
	expect("1970-01-01 01:00", "1970-01-01T00:00:00.999Z");
}

Test(when, both_zones_are_said)
{
	char words[WHEN_TEXT_BYTES];

	(void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	when_words(1795226280999, words);
	cr_expect_str_eq(words,
	    "2026-11-21 02:58:00 CET (2026-11-21T01:58:00.999Z)", "%s", words);
	(void)setenv("TZ", "UTC", 1);
	tzset();
	when_words(0, words);
	cr_expect_str_eq(
	    words, "1970-01-01 00:00:00 UTC (1970-01-01T00:00:00.000Z)");
}
