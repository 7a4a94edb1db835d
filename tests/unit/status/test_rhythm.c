/* What is usual is told by the newest gaps, and only by enough of them. */
#include "status/rhythm.h"

#include <criterion/criterion.h>

static const int64_t hour = INT64_C(3600) * 1000;

static struct rhythm
of_hours(const int *hours, size_t count)
{
	int64_t times[64];

	for (size_t i = 0; i < count; i++)
		times[i] = hours[i] * hour;
	return rhythm_of(times, count);
}

Test(rhythm, too_few_tell_nothing)
{
	static const int hours[] = { 0, 24, 48 };

	cr_expect_eq(rhythm_of(NULL, 0).usual_ms, 0);
	for (size_t n = 1; n <= 3; n++)
		cr_expect_eq(of_hours(hours, n).usual_ms, 0, "%zu", n);
}

Test(rhythm, so_does_a_burst)
{
	int64_t times[20];

	for (int i = 0; i < 20; i++)
		times[i] = i * 60 * 1000;
	cr_expect_eq(rhythm_of(times, 20).usual_ms, 0);
	for (int i = 0; i < 20; i++)
		times[i] = i * hour;
	cr_expect_eq(rhythm_of(times, 20).usual_ms, hour);
}

Test(rhythm, three_times_the_usual)
{
	static const int hours[] = { 0, 1, 2, 3, 4 };
	struct rhythm rhythm = of_hours(hours, 5);

	cr_expect_eq(rhythm.usual_ms, hour);
	cr_expect_eq(rhythm.patience_ms, 3 * hour);
}

Test(rhythm, a_weekend_is_not_an_end)
{
	static const int hours[] = { 0, 24, 48, 72, 96, 168, 192 };
	struct rhythm rhythm = of_hours(hours, 7);

	cr_expect_eq(rhythm.usual_ms, 24 * hour);
	cr_expect_eq(rhythm.patience_ms, 108 * hour);
}

/* Hourly once, daily for long: the daily ones count. */
Test(rhythm, the_newest_count)
{
	int hours[RHYTHM_GAPS_MAX + 11];
	size_t n = 0;

	for (int i = 0; i < 10; i++)
		hours[n++] = i;
	for (int i = 0; i < RHYTHM_GAPS_MAX + 1; i++)
		hours[n++] = 100 + 24 * i;
	cr_expect_eq(of_hours(hours, n).usual_ms, 24 * hour);
	cr_expect_eq(of_hours(hours, n).patience_ms, 72 * hour);
}
