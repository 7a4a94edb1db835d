#include "base/pool.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <criterion/criterion.h>

struct job {
	struct task task;
	unsigned input;
	unsigned output;
	unsigned order;
};

static atomic_uint started;

static void
square(struct task *task)
{
	struct job *job = (struct job *)task;

	job->order = atomic_fetch_add(&started, 1);
	job->output = job->input * job->input;
}

static struct pool *
pool_of(unsigned threads)
{
	struct pool *pool = NULL;
	struct err err = { 0 };

	cr_assert_eq(
	    pool_new(threads, POOL_BEHIND, &pool, &err), 0, "%s", err.text);
	return pool;
}

Test(pool, every_task_runs_once)
{
	static struct job jobs[500];
	struct pool *pool = pool_of(4);

	for (unsigned i = 0; i < 500; i++) {
		jobs[i].task.run = square;
		jobs[i].input = i;
		pool_submit(pool, &jobs[i].task);
	}
	for (unsigned i = 0; i < 500; i++) {
		pool_wait(pool, &jobs[i].task);
		cr_assert_eq(jobs[i].output, i * i);
		cr_assert_eq(jobs[i].task.state, TASK_IDLE);
	}
	cr_assert_eq(atomic_load(&started), 500);
	pool_free(pool);
}

Test(pool, one_worker_takes_them_in_order)
{
	static struct job jobs[100];
	struct pool *pool = pool_of(1);

	for (unsigned i = 0; i < 100; i++) {
		jobs[i].task.run = square;
		pool_submit(pool, &jobs[i].task);
	}
	pool_free(pool);
	for (unsigned i = 0; i < 100; i++)
		cr_assert_eq(jobs[i].order, i);
}

Test(pool, a_task_is_used_again_and_again)
{
	struct job job = { .task.run = square };
	struct pool *pool = pool_of(2);

	for (unsigned i = 0; i < 1000; i++) {
		job.input = i;
		pool_submit(pool, &job.task);
		pool_wait(pool, &job.task);
		cr_assert_eq(job.output, i * i);
	}
	pool_free(pool);
}

Test(pool, waiting_for_an_idle_task_returns)
{
	struct job job = { .task.run = square };
	struct pool *pool = pool_of(1);

	pool_wait(pool, &job.task);
	cr_assert_eq(atomic_load(&started), 0);
	pool_free(pool);
}

static void
linger(struct task *task)
{
	(void)usleep(2000);
	square(task);
}

Test(pool, freeing_runs_what_is_queued)
{
	static struct job jobs[20];
	struct pool *pool = pool_of(2);

	for (unsigned i = 0; i < 20; i++) {
		jobs[i].task.run = linger;
		jobs[i].input = 3;
		pool_submit(pool, &jobs[i].task);
	}
	pool_free(pool);
	for (unsigned i = 0; i < 20; i++)
		cr_assert_eq(jobs[i].output, 9);
}

Test(pool, freeing_nothing_is_fine)
{
	pool_free(NULL);
}

static void
look_around(struct task *task)
{
	struct job *job = (struct job *)task;
	sigset_t blocked;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	job->input = sigismember(&blocked, SIGINT) == 1 &&
		     sigismember(&blocked, SIGTERM) == 1;
	job->output = (unsigned)getpriority(PRIO_PROCESS, (id_t)gettid());
}

Test(pool, workers_give_way_and_leave_signals_to_main)
{
	struct job job = { .task.run = look_around };
	int own = getpriority(PRIO_PROCESS, 0);
	struct pool *pool = pool_of(1);
	sigset_t blocked;

	pool_submit(pool, &job.task);
	pool_wait(pool, &job.task);
	pool_free(pool);
	cr_assert_eq(job.input, 1);
	cr_assert_eq(job.output, 10);
	cr_assert_eq(getpriority(PRIO_PROCESS, 0), own,
	    "the caller's own priority stays");
	(void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	cr_assert_eq(sigismember(&blocked, SIGINT), 0);
}

Test(pool, a_pool_that_cannot_start_is_an_error)
{
	struct rlimit usual, none;
	struct pool *pool = NULL;
	struct err err = { 0 };

	if (geteuid() == 0 && setuid(65534) < 0)
		cr_skip_test("cannot become an ordinary user");
	/* Without this LeakSanitizer could not look at us afterwards. */
	(void)prctl(PR_SET_DUMPABLE, 1);
	cr_assert_eq(getrlimit(RLIMIT_NPROC, &usual), 0);
	none = (struct rlimit){ 0, usual.rlim_max };
	cr_assert_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	int rc = pool_new(3, POOL_BEHIND, &pool, &err);
	cr_assert_eq(setrlimit(RLIMIT_NPROC, &usual), 0);
	cr_assert_eq(rc, -1);
	cr_assert_eq(err.kind, ERR_FAILED);
	cr_assert_null(pool);
}

Test(pool, default_threads_follow_the_affinity)
{
	cpu_set_t one;

	cr_assert_geq(pool_default_threads(), 1);
	cr_assert_leq(pool_default_threads(), 4);

	int cpu = sched_getcpu();
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	cr_assert_eq(pool_default_threads(), 1);
}
