/*
 * All that needs memory is made before fork(2): the paths at which the program
 * may be.  The child tells by a pipe that closes itself on execve(2) why there
 * was none: an errno, or nothing.
 */
#include "notify/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"

/* Of the same number on all machines; a kernel without them says so. */
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { NEWS_FD = 3, NOT_STARTED = 127 };

/* What the child needs to know; nothing of it changes after fork(2). */
struct plan {
	char *paths; /* each with its NUL; an empty one ends them */
	char *const *words;
	char *const *environment;
	int null, output, news;
	pid_t parent;
};

/* "PROGRAM" or "FOLDER/PROGRAM" for each folder: as many as there are. */
static char *
make_paths(const char *program)
{
	const char *path = getenv("PATH");
	size_t room = 0, folders = 1;

	if (path == NULL || strchr(program, '/') != NULL)
		path = strchr(program, '/') == NULL ? "/usr/bin:/bin" : "";
	for (const char *p = path; *p != '\0'; p++)
		folders += *p == ':';
	room = strlen(path) + folders * (strlen(program) + 2) + 2;

	char *paths = calloc(1, room), *to = paths;
	if (paths == NULL)
		return NULL;
	if (strchr(program, '/') != NULL) {
		(void)strcpy(paths, program);
		return paths;
	}
	for (size_t len = 0; *path != '\0'; path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		/* What is meant by where we happen to stand is no program. */
		if (path[0] == '/')
			to +=
			    sprintf(to, "%.*s/%s", (int)len, path, program) + 1;
	}
	return paths;
}

/*
 * Ours close themselves on execve(2); those that were inherited do not.
 * Kernels before 5.9 have no close_range(2).
 */
static void
close_from(int first)
{
	struct rlimit limit = { .rlim_cur = 0 };
	const rlim_t most = 65536;

	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = first; (rlim_t)fd < limit.rlim_cur && (rlim_t)fd < most;
	     fd++)
		(void)close(fd);
}

static void
default_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* errno of the last failure, or of one that says more than "not here". */
static int
become_first_of(const struct plan *plan)
{
	int why = ENOENT;

	for (const char *path = plan->paths; *path != '\0';
	     path += strlen(path) + 1) {
		(void)execve(path, plan->words, plan->environment);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return errno;
		if (errno == EACCES || why != EACCES)
			why = errno;
	}
	return why;
}

/* The standard descriptors, and the news where close_from() spares them. */
static int
arrange_descriptors(const struct plan *plan)
{
	if (dup2(plan->null, STDIN_FILENO) < 0 ||
	    dup2(plan->output, STDOUT_FILENO) < 0 ||
	    dup2(plan->output, STDERR_FILENO) < 0)
		return -1;
	return plan->news == NEWS_FD ? 0 : dup3(plan->news, NEWS_FD, O_CLOEXEC);
}

static _Noreturn void
become(const struct plan *plan)
{
	int news = plan->news, why = 0;

	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* It may have ended before it could be said. */
	if (getppid() != plan->parent)
		_exit(NOT_STARTED);
	if (arrange_descriptors(plan) < 0) {
		why = errno;
	} else {
		news = NEWS_FD;
		close_from(NEWS_FD + 1);
		default_signals();
		why = become_first_of(plan);
	}
	/* A few bytes into an empty pipe: whole, or nobody reads it. */
	ssize_t ignored = write(news, &why, sizeof(why));
	(void)ignored;
	_exit(NOT_STARTED);
}

/* No handler of ours may run in the child. */
static pid_t
fork_in_silence(const struct plan *plan)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		become(plan);
	int saved = errno;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}

/* A pipe whose end for us does not block. */
static int
open_pipe(int ends[2], struct err *err)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_system(err, "make a pipe");
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	return 0;
}

int
child_start(char *const words[], char *const environment[],
    struct child *ret_child, struct err *err)
{
	AUTO(child) struct child child = CHILD_NONE;
	int output[2] = { -1, -1 }, news[2] = { -1, -1 };
	AUTO(free) char *paths = make_paths(words[0]);
	AUTO(fd) int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (paths == NULL || null < 0)
		return err_system(err, "prepare to start '%.200s'", words[0]);
	if (open_pipe(output, err) < 0)
		return -1;
	child.output = output[0];
	AUTO(fd) int output_in = output[1];
	if (open_pipe(news, err) < 0)
		return -1;
	child.news = news[0];
	AUTO(fd) int news_in = news[1];

	const struct plan plan = {
		.paths = paths,
		.words = words,
		.environment = environment,
		.null = null,
		.output = output_in,
		.news = news_in,
		.parent = getpid(),
	};
	child.pid = fork_in_silence(&plan);
	if (child.pid < 0)
		return err_system(err, "start a process");
	child.end = (int)syscall(SYS_pidfd_open, child.pid, 0);
	*ret_child = child;
	child = (struct child)CHILD_NONE;
	return 0;
}

int
child_begun(const struct child *child, const char *name, struct err *err)
{
	int why = 0;

	if (read(child->news, &why, sizeof(why)) != (ssize_t)sizeof(why))
		return 0;
	errno = why;
	(void)err_system(err, "cannot start '%.200s'", name);
	if (why == ENOENT && strchr(name, '/') == NULL)
		return err_hint(err,
		    "it is in no folder of PATH; name it with its whole path");
	if (why == ENOENT && access(name, F_OK) == 0)
		return err_hint(err,
		    "the file is there: what its first line names as its "
		    "interpreter is not");
	if (why == ENOENT)
		return err_hint(err, "look at the path: there is no such file");
	if (why == ENOEXEC)
		return err_hint(err,
		    "a script begins with a line that names its interpreter, "
		    "such as #!/bin/sh");
	if (why == EACCES)
		return err_hint(err,
		    "it must be a file that this user may execute: see "
		    "'ls -l'");
	return -1;
}

void
child_auto(struct child *child)
{
	fd_auto(&child->output);
	fd_auto(&child->news);
	fd_auto(&child->end);
	*child = (struct child)CHILD_NONE;
}
