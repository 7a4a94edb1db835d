/*
 * Nothing is cleaned up in a handler: a draft has no name, so there is nothing
 * that a second signal, or kill -9, could leave behind.
 */
#include "command/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LONG_LOCK_FREE == 2,
    "a handler stores into atomics");

/*
 * One request often comes twice: timeout(1) signals its child and then the
 * whole process group, a closing terminal is told of by the kernel and by the
 * shell.  What comes this soon after the first one is the same request.
 */
static const long same_request_ms = 500;

static struct work *watched;
static atomic_long asked_ms;

static long
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
ask_to_stop(int number)
{
	int none = 0, saved = errno;
	long now = now_ms();

	if (atomic_compare_exchange_strong(&watched->stop, &none, number)) {
		atomic_store(&asked_ms, now);
	} else if (now - atomic_load(&asked_ms) >= same_request_ms) {
		/* Patience is over.  Delivered when this handler returns. */
		(void)signal(number, SIG_DFL);
		(void)raise(number);
	}
	errno = saved;
}

void
signals_fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The lowest free number is `fd`.  The wrong direction makes
		 * its use fail: an archive must not vanish in /dev/null. */
		if (open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			abort();
	}
}

static void
catch_unless_ignored(int number, const struct sigaction *action)
{
	struct sigaction old;

	if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		(void)sigaction(number, action, NULL);
}

void
signals_catch(struct work *work)
{
	/* No SA_RESTART: a blocked read or write ends with EINTR and asks. */
	struct sigaction action = { .sa_handler = ask_to_stop };

	watched = work;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaddset(&action.sa_mask, SIGINT);
	(void)sigaddset(&action.sa_mask, SIGTERM);
	(void)sigaddset(&action.sa_mask, SIGHUP);
	catch_unless_ignored(SIGINT, &action);
	catch_unless_ignored(SIGTERM, &action);
	catch_unless_ignored(SIGHUP, &action);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	/* Who started us may have ignored it: no child's end would be told. */
	(void)signal(SIGCHLD, SIG_DFL);
	/* Or blocked these: then nothing but SIGKILL would end us. */
	(void)sigprocmask(SIG_UNBLOCK, &action.sa_mask, NULL);
}
