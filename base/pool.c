/*
 * One queue, one lock, two conditions: "there is work" and "a task ended".
 * Tasks are a mebibyte of work each, so the lock is never contended enough to
 * matter and nothing cleverer is needed.
 */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Ten steps of nice: a busy application gets about nine tenths of a core. */
static const int niceness = 10;

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_cond_t ended;
	struct task *head;
	struct task *tail;
	bool closing;
	enum pool_priority priority;
	unsigned threads;
	pthread_t thread[];
};

static struct task *
next_task(struct pool *pool)
{
	while (pool->head == NULL && !pool->closing)
		pthread_cond_wait(&pool->work, &pool->lock);

	struct task *task = pool->head;
	if (task != NULL) {
		pool->head = task->next;
		task->state = TASK_RUNNING;
	}
	return task;
}

static void *
worker(void *arg)
{
	struct pool *pool = arg;

	/*
	 * On Linux this is the niceness of the calling thread alone.  If it is
	 * refused the work is done all the same.
	 */
	if (pool->priority == POOL_BEHIND)
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), niceness);

	pthread_mutex_lock(&pool->lock);
	for (struct task *task; (task = next_task(pool)) != NULL;) {
		pthread_mutex_unlock(&pool->lock);
		task->run(task);
		pthread_mutex_lock(&pool->lock);
		task->state = TASK_IDLE;
		pthread_cond_broadcast(&pool->ended);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

int
pool_new(unsigned threads, enum pool_priority priority, struct pool **ret_pool,
    struct err *err)
{
	assert(threads > 0);
	struct pool *pool =
	    calloc(1, sizeof(*pool) + threads * sizeof(pool->thread[0]));
	if (pool == NULL)
		return err_system(err, "start %u worker threads", threads);
	pool->priority = priority;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->ended, NULL);

	/* Signals are the main thread's business: its writes must see EINTR. */
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = 0;
	while (rc == 0 && pool->threads < threads) {
		rc = pthread_create(
		    &pool->thread[pool->threads], NULL, worker, pool);
		if (rc == 0)
			pool->threads++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);

	if (rc != 0) {
		pool_free(pool);
		return err_set(err, ERR_FAILED, rc,
		    "cannot start %u worker threads", threads);
	}
	*ret_pool = pool;
	return 0;
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->threads; i++)
		(void)pthread_join(pool->thread[i], NULL);
	pthread_cond_destroy(&pool->ended);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

void
pool_submit(struct pool *pool, struct task *task)
{
	pthread_mutex_lock(&pool->lock);
	assert(task->state == TASK_IDLE);
	task->state = TASK_QUEUED;
	task->next = NULL;
	if (pool->head == NULL)
		pool->head = task;
	else
		pool->tail->next = task;
	pool->tail = task;
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_wait(struct pool *pool, struct task *task)
{
	pthread_mutex_lock(&pool->lock);
	while (task->state != TASK_IDLE)
		pthread_cond_wait(&pool->ended, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

unsigned
pool_default_threads(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	int count = sched_getaffinity(0, sizeof(cpus), &cpus) == 0
			? CPU_COUNT(&cpus)
			: 1;
	if (count < 1)
		return 1;
	return count > 4 ? 4 : (unsigned)count;
}
