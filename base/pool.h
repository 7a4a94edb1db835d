/*
 * A pool of worker threads for pure work: bytes in, bytes out.
 *
 * Tasks are owned by the caller, who embeds a `struct task` in what the work
 * needs, submits it and waits for it.  A task is taken in the order of
 * submission.  The pool holds no buffers: its bound is the number of tasks
 * that the caller has.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/err.h"

enum task_state { TASK_IDLE = 0, TASK_QUEUED, TASK_RUNNING };

struct task {
	/* Runs on a worker thread; finds its surroundings by its address. */
	void (*run)(struct task *task);
	enum task_state state; /* the pool's */
	struct task *next; /* the pool's */
};

struct pool;

enum pool_priority {
	/* The application whose data is being saved comes first. */
	POOL_BEHIND = 0,
	/* As the caller itself: what is held while this works costs more. */
	POOL_EQUAL,
};

/* Starts `threads` (at least 1) workers. */
int pool_new(unsigned threads, enum pool_priority priority,
    struct pool **ret_pool, struct err *err);

/* Runs what is still queued to its end, then ends the workers.  NULL is fine. */
void pool_free(struct pool *pool);

/* Queues an idle task.  It and what it uses must live until it was waited for. */
void pool_submit(struct pool *pool, struct task *task);

/* Returns when the task is idle: run to its end, or never submitted. */
void pool_wait(struct pool *pool, struct task *task);

/* How many threads to use when nobody said: the CPUs this process may use, at most 4. */
unsigned pool_default_threads(void);

#endif
