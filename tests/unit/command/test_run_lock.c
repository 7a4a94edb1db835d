/* One holder at a time, whatever ends it; and who it is. */
#include "command/run_lock.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/shared/folder.h"

static struct err err;
static struct work work;
static char state[PATH_MAX];

static void
begin(void)
{
	folder_make();
	(void)snprintf(state, sizeof(state), "%s", folder_path("S"));
}

static int
take(const char *job, bool wait, struct run_lock *lock)
{
	const struct run_lock_options options = {
		.state = state,
		.job = job,
		.wait = wait,
		.work = &work,
	};

	return run_lock_take(&options, lock, &err);
}

TestSuite(run_lock, .init = begin, .fini = folder_remove);

Test(run_lock, a_second_one_hears_who_has_it)
{
	struct run_lock first, second, other;
	char pid[32];

	(void)snprintf(pid, sizeof(pid), "by process %ld", (long)getpid());
	cr_assert_eq(take("a", false, &first), 0, "%s", err.text);
	cr_expect_eq(take("a", false, &second), -1);
	cr_expect_eq(err.kind, ERR_BUSY);
	cr_expect(strstr(err.text, "job 'a'") != NULL);
	cr_expect(strstr(err.text, pid) != NULL, "%s", err.text);
	cr_expect_eq(second.fd, -1);
	cr_expect_eq(take("b", false, &other), 0, "%s", err.text);
	run_lock_auto(&first);
	cr_expect_eq(take("a", true, &second), 0, "%s", err.text);
	run_lock_auto(&second);
	run_lock_auto(&second);
	run_lock_auto(&other);
}

/* A number that is nobody's is not told. */
Test(run_lock, a_holder_that_cannot_be_known)
{
	struct run_lock first, second;

	cr_assert_eq(take("a", false, &first), 0, "%s", err.text);
	folder_write(folder_path("S/run/a.lock"), "4194304999\n");
	cr_expect_eq(take("a", false, &second), -1);
	cr_expect(strstr(err.text, "another process") != NULL, "%s", err.text);
	folder_write(folder_path("S/run/a.lock"), "-1\n");
	cr_expect_eq(take("a", false, &second), -1);
	cr_expect(strstr(err.text, "another process") != NULL, "%s", err.text);
	run_lock_auto(&first);
}

Test(run_lock, it_ends_with_its_process)
{
	struct run_lock lock;
	int ready[2], status;

	cr_assert_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)!write(
		    ready[1], take("a", false, &lock) == 0 ? "y" : "n", 1);
		(void)pause();
		_exit(0);
	}
	char answer = 0;
	cr_assert_eq(read(ready[0], &answer, 1), 1);
	cr_assert_eq(answer, 'y');
	cr_expect_eq(take("a", false, &lock), -1);
	(void)kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(take("a", false, &lock), 0, "%s", err.text);
	run_lock_auto(&lock);
}

Test(run_lock, waiting_ends_with_a_stop_request)
{
	struct run_lock first, second;

	cr_assert_eq(take("a", false, &first), 0, "%s", err.text);
	atomic_store(&work.stop, SIGTERM);
	cr_expect_eq(take("a", true, &second), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	run_lock_auto(&first);
}

Test(run_lock, private_and_no_link)
{
	struct run_lock lock;
	struct stat st;

	cr_assert_eq(take("a", false, &lock), 0, "%s", err.text);
	cr_assert_eq(stat(folder_path("S/run"), &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0700);
	cr_assert_eq(stat(folder_path("S/run/a.lock"), &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	run_lock_auto(&lock);
	cr_assert_eq(symlink("elsewhere", folder_path("S/run/b.lock")), 0);
	cr_expect_eq(take("b", false, &lock), -1);
	cr_expect(strstr(err.text, "b.lock") != NULL, "%s", err.text);
}

Test(run_lock, the_folder_is_no_link)
{
	struct run_lock lock;

	cr_assert_eq(mkdir(state, 0700), 0);
	cr_assert_eq(symlink("/tmp", folder_path("S/run")), 0);
	cr_expect_eq(take("a", false, &lock), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
}
