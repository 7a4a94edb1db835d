/*
 * A child process that has nothing of ours but what it needs.
 *
 * In:  the words of its command line, its environment.
 * Out: its process id, a pipe with all that it says.
 * Always true: it leads a session, and so a process group, of its own, without
 *      a terminal: it does the same started from cron and by a person, and
 *      Ctrl-C is for us to pass on.  Standard input is empty; standard output
 *      and error are the pipe; no other descriptor is open; signals do what
 *      they do by default.  It gets SIGTERM when the thread that started it
 *      ends, so that a killed litesafe leaves no hook behind.
 * Other threads may run: between fork(2) and execve(2) are only calls that are
 * safe after a fork beside them.
 */
#ifndef NOTIFY_CHILD_H
#define NOTIFY_CHILD_H

#include <sys/types.h>

#include "base/err.h"

struct child {
	pid_t pid;
	int output; /* its pipe; does not block; -1 when it was closed */
	int news; /* why it could not become the program */
	int end; /* readable after its end; -1: not with a kernel before 5.3 */
};

#define CHILD_NONE \
	{ \
		.output = -1, .news = -1, .end = -1 \
	}

/*
 * A name without '/' is looked for in the absolute folders of PATH.  Whether
 * the program was found is known when the child has ended: child_begun().
 */
int child_start(char *const words[], char *const environment[],
    struct child *ret_child, struct err *err);

/* After its end: ERR_FAILED, with the name, when it never became the program. */
int child_begun(const struct child *child, const char *name, struct err *err);

/* Closes what is open; does not end or wait for the process. */
void child_auto(struct child *child);

#endif
