/*
 * The rate is smoothed with a weight of the last two seconds or so: enough
 * that the estimate does not dance, little enough that it follows a disk that
 * got slow.
 */
#include "command/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"

enum { TICK_MS = 200, TICKS_PER_LOG_LINE = 5, LINE_MAX_BYTES = 160 };

static const double smoothing_seconds = 2.0;

static void
keep_pace(struct pace *pace, const char *phase, uint64_t done, double now)
{
	if (phase != pace->phase || done < pace->done) {
		*pace =
		    (struct pace){ .phase = phase, .done = done, .at = now };
		return;
	}
	double passed = now - pace->at;
	if (passed <= 0)
		return;
	double rate = (double)(done - pace->done) / passed;
	double weight = passed / (passed + smoothing_seconds);
	pace->rate =
	    pace->rate > 0 ? pace->rate + weight * (rate - pace->rate) : rate;
	pace->done = done;
	pace->at = now;
}

/* Tenths of a second would only flicker. */
static void
format_left(double seconds, char ret_text[UNITS_TEXT_BYTES])
{
	if (seconds < 59)
		(void)snprintf(
		    ret_text, UNITS_TEXT_BYTES, "%d s", (int)(seconds + 0.99));
	else
		units_format_duration(seconds, ret_text);
}

/* "backing up: 43% of 1.2 GiB, 180.3 MiB/s, 4 s left" */
static void
compose(const struct pace *pace, uint64_t total, char *ret_line, size_t size)
{
	char amount[UNITS_TEXT_BYTES], rate[UNITS_TEXT_BYTES],
	    left[UNITS_TEXT_BYTES];
	uint64_t done = pace->done;

	if (total > 0 && done > total)
		done = total;
	units_format_size(total > 0 ? total : done, amount);
	units_format_size((uint64_t)pace->rate, rate);
	if (total == 0 && done == 0)
		(void)snprintf(ret_line, size, "%s", pace->phase);
	else if (total == 0)
		(void)snprintf(
		    ret_line, size, "%s: %s, %s/s", pace->phase, amount, rate);
	else if (pace->rate < 1)
		(void)snprintf(ret_line, size, "%s: %.0f%% of %s", pace->phase,
		    100.0 * (double)done / (double)total, amount);
	else {
		format_left((double)(total - done) / pace->rate, left);
		(void)snprintf(ret_line, size,
		    "%s: %.0f%% of %s, %s/s, %s left", pace->phase,
		    100.0 * (double)done / (double)total, amount, rate, left);
	}
}

void
progress_look(struct pace *pace, const struct work *work, double now,
    char *ret_line, size_t size)
{
	const char *phase =
	    atomic_load_explicit(&work->phase, memory_order_relaxed);

	keep_pace(pace, phase,
	    atomic_load_explicit(&work->done, memory_order_relaxed), now);
	ret_line[0] = '\0';
	if (phase != NULL)
		compose(pace,
		    atomic_load_explicit(&work->total, memory_order_relaxed),
		    ret_line, size);
}

/* A failing write to the terminal is nobody's loss. */
static void
put(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static size_t
terminal_columns(void)
{
	struct winsize window;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) < 0 || window.ws_col == 0)
		return 80;
	return window.ws_col;
}

static void
show(struct progress *progress, char *line, unsigned tick)
{
	char all[LINE_MAX_BYTES + 16];
	size_t columns = terminal_columns();

	if (progress->terminal) {
		/* A line that wraps could not be erased again. */
		if (strlen(line) >= columns)
			line[columns - 1] = '\0';
		(void)snprintf(all, sizeof(all), "\r%s\033[K", line);
		put(all);
		progress->shown = true;
	} else if (line[0] != '\0' && tick % TICKS_PER_LOG_LINE == 0) {
		(void)snprintf(all, sizeof(all), "%s\n", line);
		put(all);
	}
}

static struct timespec
next_tick(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += TICK_MS * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_nsec -= 1000000000L;
		at.tv_sec++;
	}
	return at;
}

static void *
tick(void *arg)
{
	struct progress *progress = arg;
	char line[LINE_MAX_BYTES];

	pthread_mutex_lock(&progress->lock);
	for (unsigned count = 1; !progress->stop; count++) {
		struct timespec at = next_tick();
		int rc = 0;

		while (!progress->stop && rc != ETIMEDOUT)
			rc = pthread_cond_timedwait(
			    &progress->wake, &progress->lock, &at);
		if (progress->stop)
			break;
		progress_look(&progress->pace, progress->work, clock_steady(),
		    line, sizeof(line));
		show(progress, line, count);
	}
	pthread_mutex_unlock(&progress->lock);
	if (progress->shown)
		put("\r\033[K");
	return NULL;
}

/* Signals are for the thread that works: its blocked call must end. */
static bool
start_thread(struct progress *progress)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&progress->thread, NULL, tick, progress);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

void
progress_begin(struct progress *progress, const struct options *options,
    const struct work *work)
{
	pthread_condattr_t attributes;
	bool terminal = isatty(STDERR_FILENO) != 0;

	*progress = (struct progress){ .work = work, .terminal = terminal };
	if (options->quiet || options->progress == WHEN_NEVER ||
	    (options->progress == WHEN_AUTO && !terminal))
		return;
	(void)pthread_mutex_init(&progress->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&progress->wake, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	/* The rate counts from here. */
	progress->pace.at = clock_steady();
	progress->running = start_thread(progress);
}

void
progress_auto(struct progress *progress)
{
	if (!progress->running)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->stop = true;
	pthread_cond_signal(&progress->wake);
	pthread_mutex_unlock(&progress->lock);
	(void)pthread_join(progress->thread, NULL);
	(void)pthread_cond_destroy(&progress->wake);
	(void)pthread_mutex_destroy(&progress->lock);
	progress->running = false;
}
