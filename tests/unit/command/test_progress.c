/* The line tells the truth, also when the counters do not behave. */
#include "command/progress.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct work work;
static struct pace pace;
static char line[160];

static const char *
look(double now)
{
	progress_look(&pace, &work, now, line, sizeof(line));
	return line;
}

Test(progress, nothing_to_say_before_the_first_phase)
{
	cr_expect_str_empty(look(1));
}

Test(progress, rate_and_remaining_time)
{
	work_phase(&work, "backing up", 100u << 20);
	cr_expect_str_eq(look(10), "backing up: 0% of 100.0 MiB");
	work_add(&work, 10u << 20);
	cr_expect_str_eq(
	    look(11), "backing up: 10% of 100.0 MiB, 10.0 MiB/s, 9 s left");
	work_add(&work, 10u << 20);
	cr_expect_str_eq(
	    look(12), "backing up: 20% of 100.0 MiB, 10.0 MiB/s, 8 s left");
}

Test(progress, a_slower_disk_is_seen_soon)
{
	work_phase(&work, "x", 1000u << 20);
	(void)look(0);
	work_add(&work, 100u << 20);
	(void)look(1);
	double fast = pace.rate;
	work_add(&work, 1u << 20);
	for (double now = 1.2; now < 6; now += 0.2)
		(void)look(now);
	cr_expect_lt(pace.rate, fast / 5);
}

Test(progress, unknown_total)
{
	work_phase(&work, "checking", 0);
	cr_expect_str_eq(look(1), "checking");
	work_add(&work, 3u << 20);
	cr_expect_str_eq(look(2), "checking: 3.0 MiB, 3.0 MiB/s");
}

Test(progress, never_beyond_the_whole)
{
	work_phase(&work, "x", 1000);
	(void)look(1);
	work_add(&work, 5000);
	cr_expect_str_eq(look(2), "x: 100% of 1000 B, 4.9 KiB/s, 0 s left");
}

Test(progress, a_new_phase_begins_anew)
{
	work_phase(&work, "backing up", 1000);
	(void)look(1);
	work_add(&work, 1000);
	(void)look(2);
	work_phase(&work, "reading back", 500);
	cr_expect_str_eq(look(3), "reading back: 0% of 500 B");
}

Test(progress, a_clock_that_stands_still_does_no_harm)
{
	work_phase(&work, "x", 1000);
	(void)look(1);
	work_add(&work, 10);
	(void)look(1);
	(void)look(1);
	cr_expect_float_eq(pace.rate, 0, 1e-9);
}

/* Standard error is a file here: only what was asked for may be in it. */
static off_t
bytes_written(int when, useconds_t wait)
{
	char name[] = "/tmp/litesafe-progress-XXXXXX";
	struct options options = { .progress = when };
	struct progress progress = PROGRESS_NONE;
	int fd = mkstemp(name), saved = dup(STDERR_FILENO);

	cr_assert(fd >= 0 && saved >= 0);
	(void)unlink(name);
	(void)dup2(fd, STDERR_FILENO);
	work_phase(&work, "x", 1000);
	progress_begin(&progress, &options, &work);
	(void)usleep(wait);
	progress_auto(&progress);
	(void)dup2(saved, STDERR_FILENO);
	off_t size = lseek(fd, 0, SEEK_END);
	(void)close(fd);
	(void)close(saved);
	return size;
}

Test(progress, none_without_a_terminal_unless_asked_for)
{
	cr_expect_eq(bytes_written(WHEN_AUTO, 400000), 0);
	cr_expect_eq(bytes_written(WHEN_NEVER, 400000), 0);
	cr_expect_gt(bytes_written(WHEN_ALWAYS, 1500000), 0);
}
