/*
 * The live line: what is going on, how far, how fast, how long yet.
 *
 * A thread of its own reads the counters of struct work five times a second
 * and never touches the work.  On a terminal it rewrites one line and erases
 * it at the end; elsewhere, when asked for, it writes a line a second.
 */
#ifndef COMMAND_PROGRESS_H
#define COMMAND_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/work.h"
#include "command/options.h"

/* How fast it goes: measured from one look to the next, smoothed. */
struct pace {
	const char *phase;
	uint64_t done;
	double at; /* steady seconds of the last look */
	double rate; /* bytes a second; 0: not known yet */
};

struct progress {
	bool running;
	bool terminal;
	bool stop;
	bool shown; /* there is a line to erase */
	const struct work *work;
	struct pace pace;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
};

#define PROGRESS_NONE \
	{ \
		.running = false \
	}

/*
 * Starts it, or does not: with WHEN_AUTO only on a terminal, with -q never.
 * Until progress_auto() nothing else may write to standard error.
 */
void progress_begin(struct progress *progress, const struct options *options,
    const struct work *work);
void progress_auto(struct progress *progress);

/*
 * A look: the line for this moment, without a line end, or "" when there is
 * nothing to say.  `size` is that of ret_line.
 */
void progress_look(struct pace *pace, const struct work *work, double now,
    char *ret_line, size_t size);

#endif
