/* The first signal asks, the second one ends, ignored ones stay ignored. */
#include "command/signals.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct work work;

Test(signals, the_first_one_is_a_request)
{
	struct err err = { .kind = ERR_NONE };

	signals_catch(&work);
	(void)raise(SIGTERM);
	cr_expect_eq(work_check(&work, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect_eq(err.code, SIGTERM);
}

Test(signals, a_blocked_read_ends)
{
	int ends[2];
	char byte;

	cr_assert_eq(pipe(ends), 0);
	(void)signal(SIGALRM, SIG_IGN);
	signals_catch(&work);
	pid_t child = fork();
	if (child == 0) {
		(void)usleep(100000);
		(void)kill(getppid(), SIGINT);
		_exit(0);
	}
	cr_expect_eq(read(ends[0], &byte, 1), -1);
	cr_expect_eq(errno, EINTR);
	cr_expect_eq(atomic_load(&work.stop), SIGINT);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

Test(signals, the_end_of_a_child_is_told)
{
	int status = 0;

	(void)signal(SIGCHLD, SIG_IGN);
	signals_catch(&work);
	pid_t child = fork();
	if (child == 0)
		_exit(3);
	cr_expect_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(WEXITSTATUS(status), 3);
}

Test(signals, who_started_us_may_have_blocked_them)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	signals_catch(&work);
	(void)raise(SIGTERM);
	cr_expect_eq(atomic_load(&work.stop), SIGTERM);
}

Test(signals, the_second_one_ends_the_process)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		signals_catch(&work);
		(void)raise(SIGINT);
		(void)usleep(600000);
		(void)raise(SIGTERM);
		_exit(99);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* timeout(1) and a closing terminal send it twice. */
Test(signals, twice_at_once_is_one_request)
{
	signals_catch(&work);
	(void)raise(SIGTERM);
	(void)raise(SIGTERM);
	(void)raise(SIGHUP);
	cr_expect_eq(atomic_load(&work.stop), SIGTERM);
}

Test(signals, what_nohup_ignores_stays_ignored)
{
	(void)signal(SIGHUP, SIG_IGN);
	signals_catch(&work);
	(void)raise(SIGHUP);
	cr_expect_eq(atomic_load(&work.stop), 0);
}

Test(signals, a_broken_pipe_is_an_error_of_the_write)
{
	int ends[2];

	signals_catch(&work);
	cr_assert_eq(pipe(ends), 0);
	(void)close(ends[0]);
	cr_expect_eq(write(ends[1], "x", 1), -1);
	cr_expect_eq(errno, EPIPE);
}

/* In a child: Criterion needs its own descriptors. */
Test(signals, closed_standard_descriptors_are_filled_and_useless)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		char byte;
		(void)close(0);
		(void)close(1);
		(void)close(2);
		signals_fill_standard_fds();
		if (open("/dev/null", O_RDWR) <= 2)
			_exit(1);
		if (read(0, &byte, 1) >= 0 || write(1, "x", 1) >= 0 ||
		    write(2, "x", 1) >= 0)
			_exit(2);
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
