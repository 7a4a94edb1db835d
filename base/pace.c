/*
 * One number is the whole state: the time at which the bytes so far are due.
 * Each byte moves it on by its share of a second; when it is behind the clock
 * by more than the slack, the rest of the credit is lost.
 */
#include "base/pace.h"

#include <time.h>

#include "base/clock.h"

/* A request to stop, or a limit, is answered after so long. */
static const double look_seconds = 0.02;

double
pace_wait(struct pace *pace, double now, uint64_t bytes)
{
	if (pace->rate == 0)
		return 0;
	if (pace->due == 0)
		pace->due = now; /* nothing is saved up yet */
	if (pace->due < now - PACE_SLACK_SECONDS)
		pace->due = now - PACE_SLACK_SECONDS;
	pace->due += (double)bytes / (double)pace->rate;
	return pace->due > now ? pace->due - now : 0;
}

int
pace_keep(
    struct pace *pace, uint64_t bytes, const struct work *work, struct err *err)
{
	if (pace->rate == 0)
		return 0;

	double now = clock_steady();
	double until = now + pace_wait(pace, now, bytes);
	while (now < until) {
		double left = until - now;
		double pause = left < look_seconds ? left : look_seconds;
		const struct timespec moment = {
			.tv_nsec = (long)(pause * 1e9),
		};

		if (work_check(work, err) < 0)
			return -1;
		(void)nanosleep(&moment, NULL); /* cut short: we look again */
		now = clock_steady();
	}
	return 0;
}

size_t
pace_piece(const struct pace *pace, size_t most)
{
	double piece = (double)pace->rate * look_seconds;

	if (pace->rate == 0 || piece >= (double)most)
		return most;
	return piece < 1 ? 1 : (size_t)piece;
}
