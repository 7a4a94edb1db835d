#include "base/clock.h"

#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

static const struct {
	int64_t ms;
	const char *text;
} moments[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ 1, "1970-01-01T00:00:00.001Z" },
	{ 951782400000, "2000-02-29T00:00:00.000Z" },
	{ 1795226280123, "2026-11-21T01:58:00.123Z" },
	{ 2147483648000, "2038-01-19T03:14:08.000Z" },
	{ 253402300799999, "9999-12-31T23:59:59.999Z" },
};

Test(clock, moments_as_text_and_back)
{
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		char text[CLOCK_TEXT_BYTES];
		struct err err = { 0 };
		int64_t ms = -1;

		clock_format(moments[i].ms, text);
		cr_assert_str_eq(text, moments[i].text);
		cr_assert_eq(clock_parse(text, &ms, &err), 0);
		cr_assert_eq(ms, moments[i].ms);
	}
}

Test(clock, out_of_range_is_held_at_the_end)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format(-1, text);
	cr_assert_str_eq(text, "1970-01-01T00:00:00.000Z");
	clock_format(INT64_MAX, text);
	cr_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
}

Test(clock, any_other_text_is_refused)
{
	static const char *const wrong[] = { "", "Z", "2026-11-21",
		"2026-11-21T01:58:00Z", "2026-11-21T01:58:00.123+",
		"2026-11-21T01:58:00.1234Z", "2026-02-31T00:00:00.000Z",
		"2026-13-01T00:00:00.000Z", "2026-11-21T24:00:00.000Z",
		"2026-11-21T01:60:00.000Z", "1969-12-31T23:59:59.999Z",
		"2026-11-21 01:58:00.123Z", "2026-11-21T01:58:00.123z",
		"+026-11-21T01:58:00.123Z", "2026-+1-21T01:58:00.123Z",
		" 026-11-21T01:58:00.123Z", "2026-11-21T01:58:00.-23Z",
		"2026-11-21T01:58:00.123Zx" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = { 0 };
		int64_t ms = 42;

		cr_assert_eq(
		    clock_parse(wrong[i], &ms, &err), -1, "'%s'", wrong[i]);
		cr_assert_eq(err.kind, ERR_DAMAGED);
		cr_assert_eq(ms, 42, "an output is set on success only");
	}
}

Test(clock, an_endless_text_is_quoted_in_part)
{
	char text[3000];
	struct err err = { 0 };
	int64_t ms;

	memset(text, '9', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	cr_assert_eq(clock_parse(text, &ms, &err), -1);
	cr_assert_lt(strlen(err.text), 120);
}

Test(clock, the_zone_of_the_user_does_not_matter)
{
	char text[CLOCK_TEXT_BYTES];

	cr_assert_eq(setenv("TZ", "Asia/Kathmandu", 1), 0);
	tzset();
	clock_format(1795226280123, text);
	cr_assert_str_eq(text, "2026-11-21T01:58:00.123Z");
}

Test(clock, both_clocks_run)
{
	double steady = clock_steady();
	int64_t wall = clock_now_ms();
	struct timespec pause = { .tv_nsec = 20000000 };

	cr_assert_lt(wall - (int64_t)time(NULL) * 1000, 2000);
	(void)nanosleep(&pause, NULL);
	cr_assert_geq(clock_steady() - steady, 0.019);
	cr_assert_lt(clock_steady() - steady, 60);
}
