/* Evenly and no faster: in whatever pieces and however late they come. */
#include "base/pace.h"

#include <criterion/criterion.h>
#include <signal.h>

#include "base/clock.h"

/* A made-up clock that only waiting moves, and `work` seconds for each piece.
 * What was moved when it is over. */
static double
seconds_for(uint64_t rate, uint64_t bytes, uint64_t piece, double work)
{
	struct pace pace = { .rate = rate };
	double begin = 1000, now = begin;

	for (uint64_t moved = 0; moved < bytes; moved += piece) {
		now += work;
		now += pace_wait(&pace, now, piece);
	}
	return now - begin;
}

Test(pace, the_rate_is_kept_whatever_the_pieces)
{
	static const uint64_t pieces[] = { 512, 4096, 65536, 1 << 20 };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		double took = seconds_for(10 << 20, 100 << 20, pieces[i], 0);

		/* At most the slack is had for nothing. */
		cr_expect(took > 9.89 && took < 10.11, "%f s", took);
	}
}

Test(pace, the_time_that_a_piece_took_counts)
{
	/* 100 pieces of 1 MiB at 10 MiB/s are due in 10 s. */
	double took = seconds_for(10 << 20, 100 << 20, 1 << 20, 0.09);
	cr_expect(took > 9.89 && took < 10.11, "%f s", took);
	took = seconds_for(10 << 20, 100 << 20, 1 << 20, 0.2);
	cr_expect(took > 19.9 && took < 20.2, "%f s", took);
}

Test(pace, what_came_late_is_not_made_up_for)
{
	struct pace pace = { .rate = 1 << 20 };
	double now = 1000;

	now += pace_wait(&pace, now, 1 << 20);
	now += 60; /* a disk that stood still */
	double moved = 0, begin = now;
	while (now < begin + 1) {
		moved += 65536;
		now += pace_wait(&pace, now, 65536);
	}
	cr_expect(moved <= 1.2 * (1 << 20), "%f bytes in a second", moved);
}

Test(pace, no_second_sees_more_than_the_rate_and_the_slack)
{
	struct pace pace = { .rate = 1000000 };
	double at[4000];
	double now = 5;

	for (size_t i = 0; i < 4000; i++) {
		/* Now and then something else takes its time. */
		now += i % 97 == 0 ? 0.3 : 0;
		at[i] = now;
		now += pace_wait(&pace, now, 4096);
	}
	for (size_t i = 0, j = 0; i < 4000; i++) {
		while (at[i] - at[j] > 1)
			j++;
		cr_assert_leq((double)((i - j) * 4096), 1000000 * 1.1 + 4096,
		    "%zu bytes in the second before %f", (i - j) * 4096, at[i]);
	}
}

Test(pace, without_a_rate_nobody_waits)
{
	struct pace pace = { .rate = 0 };
	struct err err = { 0 };
	const struct work stopped = { .stop = SIGTERM };

	cr_expect_eq(pace_wait(&pace, 5, UINT64_MAX), 0);
	cr_expect_eq(pace_keep(&pace, UINT64_MAX, &stopped, &err), 0);
	cr_expect_eq(pace_piece(&pace, 4096), 4096);
}

Test(pace, a_stop_request_ends_the_wait)
{
	struct pace pace = { .rate = 1 };
	struct err err = { 0 };
	const struct work stopped = { .stop = SIGTERM };

	cr_expect_eq(pace_keep(&pace, 1000000, &stopped, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
}

Test(pace, it_really_waits)
{
	struct pace pace = { .rate = 1 << 20 };
	struct err err = { 0 };
	double begin = clock_steady();

	for (int i = 0; i < 32; i++)
		cr_assert_eq(pace_keep(&pace, 16384, NULL, &err), 0);
	double took = clock_steady() - begin;
	cr_expect(took > 0.39 && took < 2, "%f s", took);
}

Test(pace, a_piece_is_a_fiftieth_of_a_second)
{
	struct pace pace = { .rate = 1 << 20 };

	cr_expect_eq(pace_piece(&pace, 1 << 20), (size_t)((1 << 20) * 0.02));
	pace.rate = 1;
	cr_expect_eq(pace_piece(&pace, 1 << 20), 1);
	pace.rate = UINT64_MAX;
	cr_expect_eq(pace_piece(&pace, 1 << 20), 1 << 20);
}
