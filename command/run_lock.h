/*
 * One job is worked on by one process at a time.
 *
 * In:  the folder of this machine's state, a job's name.
 * Out: a descriptor that holds the lock, or ERR_BUSY naming the process that
 *      has it.
 * Always true: the lock ends with the process that holds it, however that ends:
 *      it is the kernel's (flock(2)), and no program that this one starts
 *      inherits it.  The file FOLDER/run/JOB.lock stays; what it says, the
 *      process's number, is only for people.
 */
#ifndef COMMAND_RUN_LOCK_H
#define COMMAND_RUN_LOCK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/work.h"

struct run_lock {
	int fd; /* -1: not held */
};

#define RUN_LOCK_NONE \
	{ \
		.fd = -1 \
	}

struct run_lock_options {
	const char *state; /* folder; it and what is above are made */
	const char *job; /* at most CONFIG_NAME_MAX bytes, no '/' */
	bool wait; /* until it is free, or a stop request */
	const struct work *work;
};

int run_lock_take(const struct run_lock_options *options,
    struct run_lock *ret_lock, struct err *err);

void run_lock_auto(struct run_lock *lock);

#endif
