/* What is kept from others, and what goes on to work. */
#include "base/secret.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "tests/unit/shared/folder.h"

TestSuite(secret, .init = folder_make, .fini = folder_remove);

Test(secret, takes_nothing)
{
	AUTO(secret) char *none = NULL;
	AUTO(secret) char *some = strdup("x");

	secret_free(NULL);
	cr_expect_not_null(some);
	cr_expect_null(none);
}

/* A child that ends as a fault would end it; its status. */
static int
crash(bool guarded)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int status = 0;
	pid_t child = fork();

	cr_assert(child >= 0);
	if (child == 0) {
		if (chdir(folder) < 0 || setrlimit(RLIMIT_CORE, &all) < 0)
			_exit(1);
		if (guarded)
			secret_guard();
		(void)signal(SIGQUIT, SIG_DFL);
		(void)raise(SIGQUIT);
		_exit(2);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return status;
}

Test(secret, no_core_dump)
{
	int status = crash(false);

	if (!WIFSIGNALED(status) || !WCOREDUMP(status))
		cr_skip_test("core dumps are not possible here");
	status = crash(true);
	cr_expect(WIFSIGNALED(status));
	cr_expect_not(WCOREDUMP(status));
}

/* 0 when, as another user, all of it is as it should be. */
static int
try_as_nobody(void)
{
	char name[64], path[PATH_MAX + 16];

	if (setgid(65534) < 0 || setuid(65534) < 0 || chdir(folder) < 0)
		return 1;
	secret_guard();
	/* It is closed to others of its user, as /proc/self/mem shows. */
	pid_t other = fork();
	if (other == 0) {
		(void)snprintf(name, sizeof(name), "/proc/%d/mem", getppid());
		_exit(open(name, O_RDONLY) < 0 ? 0 : 1);
	}
	int status = 0;
	if (waitpid(other, &status, 0) != other || status != 0)
		return 2;
	/* Drafts get their names by /proc/self/fd. */
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	(void)snprintf(path, sizeof(path), "%s/named", folder);
	if (fd < 0 || access("/proc/self/fd", X_OK) < 0)
		return 3;
	if (linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0)
		return 4;
	return access(path, F_OK) == 0 ? 0 : 5;
}

Test(secret, closed_to_others_and_open_to_itself)
{
	int status = 0;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(chmod(folder, 0777), 0);
	pid_t child = fork();
	cr_assert(child >= 0);
	if (child == 0)
		_exit(try_as_nobody());
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "%d", WEXITSTATUS(status));
}

/* Programs that are executed are their own masters again. */
Test(secret, is_not_inherited)
{
	pid_t child = fork();
	int status = 0;

	cr_assert(child >= 0);
	if (child == 0) {
		secret_guard();
		(void)execl("/bin/sh", "sh", "-c",
		    "[ -r /proc/$$/environ ] && [ -O /proc/$$/environ ]",
		    (char *)NULL);
		_exit(127);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0);
}
