/*
 * What the one who works and the one who watches share.
 *
 * The worker adds to `done`; a ticker in another thread reads it; a signal
 * handler stores into `stop`.  Long loops and blocking writes call
 * work_check() a few times a second, on the thread that owns the operation;
 * it answers a stop request and whatever limit is in force at the moment
 * (a held database, say, installs one).  All counters are in bytes.
 */
#ifndef BASE_WORK_H
#define BASE_WORK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct work {
	_Atomic(const char *) phase; /* static text: "backing up"; or NULL */
	_Atomic uint64_t done; /* bytes of this phase behind us */
	_Atomic uint64_t total; /* bytes of this phase; 0 = unknown */
	_Atomic int stop; /* signal number, or 0 */

	/* A limit in force; owner's thread only.  Returns -1 to give up. */
	int (*limit)(void *ctx, struct err *err);
	void *limit_ctx;
};

/* Begins a phase: name (static text), total bytes (0 = unknown), done = 0. */
void work_phase(struct work *work, const char *phase, uint64_t total);

/* Adds `bytes` to the work done.  Any thread. */
void work_add(struct work *work, uint64_t bytes);

/*
 * The same for many small pieces: each would make the processor wait until what
 * was copied before is out of its hands.  Gathers them in *gathered, the
 * caller's, and adds them by the mebibyte; a rest of less is never added.
 */
void work_gather(struct work *work, uint64_t *gathered, uint64_t bytes);

/*
 * 0 to go on; -1 with ERR_STOPPED when a signal came, or with the error of
 * the limit in force.  `work` may be NULL: nobody watches.
 */
int work_check(const struct work *work, struct err *err);

/* A signal came; false where nobody watches (NULL).  Any thread. */
bool work_is_stopped(const struct work *work);

/*
 * work_check() would say no, or `deadline` (steady seconds, clock.h) is past.
 * The owner's thread, or another while the owner waits for it.
 */
bool work_is_over(const struct work *work, double deadline);

#endif
