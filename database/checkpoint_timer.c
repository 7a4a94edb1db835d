/*
 * The thread looks every few milliseconds.  One interrupt would not be enough:
 * SQLite forgets it when no statement runs, and between two calls none does.
 */
#include "database/checkpoint_timer.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/auto.h"

static const long look_ns = 5000000;

struct checkpoint_timer {
	sqlite3 *db;
	double deadline;
	const struct work *work;
	pthread_t thread;
	atomic_bool ended;
};

static bool
is_over(const struct checkpoint_timer *timer)
{
	if (timer->deadline > 0)
		return work_is_over(timer->work, timer->deadline);
	return work_is_stopped(timer->work);
}

static void *
watch(void *arg)
{
	struct checkpoint_timer *timer = arg;
	const struct timespec pause = { .tv_nsec = look_ns };

	while (!atomic_load(&timer->ended)) {
		if (is_over(timer))
			sqlite3_interrupt(timer->db);
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

int
checkpoint_timer_start(sqlite3 *db, double deadline, const struct work *work,
    struct checkpoint_timer **ret_timer, struct err *err)
{
	AUTO(free) struct checkpoint_timer *timer = calloc(1, sizeof(*timer));
	sigset_t all, before;

	if (timer == NULL)
		return err_system(err, "start a timer");
	timer->db = db;
	timer->deadline = deadline;
	timer->work = work;
	/* Signals are the main thread's business. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&timer->thread, NULL, watch, timer);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return err_set(err, ERR_FAILED, rc, "cannot start a timer");
	*ret_timer = take_ptr(&timer);
	return 0;
}

void
checkpoint_timer_auto(struct checkpoint_timer **place)
{
	if (*place == NULL)
		return;
	atomic_store(&(*place)->ended, true);
	(void)pthread_join((*place)->thread, NULL);
	free(take_ptr(place));
}
