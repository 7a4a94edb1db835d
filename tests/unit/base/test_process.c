#include "base/process.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* A process that calls itself `name` and stays. */
static pid_t
start(const char *name)
{
	int ready[2];
	char byte = 0;

	cr_assert_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)prctl(PR_SET_NAME, name);
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return child;
}

static void
stop(pid_t child)
{
	(void)kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, NULL, 0), child);
}

Test(process, its_name_and_beginning)
{
	/* Between the two: clocks are compared, and ticks are coarse. */
	int64_t before = clock_now_ms() - 1000;
	pid_t child = start("a) S 1 (b");
	struct process process;

	process_describe(child, &process);
	cr_assert_eq(process.pid, child);
	cr_assert_str_eq(process.command, "a) S 1 (b");
	cr_assert_geq(process.started_ms, before);
	cr_assert_leq(process.started_ms, clock_now_ms() + 1000);
	stop(child);
}

Test(process, a_hostile_name)
{
	pid_t child = start("\033[2J\nx");
	struct process process;

	process_describe(child, &process);
	cr_assert_str_eq(process.command, "\xef\xbf\xbd[2J\xef\xbf\xbdx", "%s",
	    process.command);
	stop(child);
}

Test(process, nobody)
{
	static const pid_t pids[] = { 0, -1, INT_MAX };

	for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		struct process process;

		memset(&process, 1, sizeof(process));
		process_describe(pids[i], &process);
		cr_assert_eq(process.pid, pids[i]);
		cr_assert_str_eq(process.command, "");
		cr_assert_eq(process.started_ms, 0);
	}
}

Test(process, in_words)
{
	pid_t child = start("app");
	char words[PROCESS_WORDS_BYTES], want[64];

	(void)snprintf(want, sizeof(want), "process %d (app)", (int)child);
	process_words(child, words);
	cr_expect_str_eq(words, want);
	stop(child);
	process_words(INT_MAX, words);
	cr_expect_str_eq(words, "process 2147483647");
	process_words(0, words);
	cr_expect_str_eq(words, "a process that cannot be seen from here");
}
