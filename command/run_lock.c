/*
 * The number in the file is written by the one who has the lock, and read by
 * those who do not get it.  Between the two it may be that of the last holder:
 * then that process is gone, and one more look finds the right one.
 */
#include "command/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/file.h"
#include "repository/state.h"

static const struct timespec nap = { .tv_nsec = 100 * 1000 * 1000 };

void
run_lock_auto(struct run_lock *lock)
{
	if (lock->fd >= 0)
		(void)close(lock->fd);
	lock->fd = -1;
}

/* 0: not known. */
static long
holder(int fd)
{
	char text[24] = "";
	size_t got = 0;
	struct err ignored;

	if (file_read_at(
		fd, text, sizeof(text) - 1, 0, "lock", &got, &ignored) < 0)
		return 0;
	long pid = strtol(text, NULL, 10);
	return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM) ? pid
								       : 0;
}

static int
busy(const struct run_lock_options *options, int fd, struct err *err)
{
	long pid = holder(fd);

	if (pid == 0) {
		(void)nanosleep(&nap, NULL);
		pid = holder(fd);
	}
	if (pid == 0)
		(void)err_set(err, ERR_BUSY, 0,
		    "job '%s' is being worked on by another process",
		    options->job);
	else
		(void)err_set(err, ERR_BUSY, 0,
		    "job '%s' is being worked on by process %ld", options->job,
		    pid);
	return err_hint(err,
	    "--wait waits for it to end; if it hangs, end it: its lock ends "
	    "with it");
}

/* As long as somebody else has it. */
static int
take(const struct run_lock_options *options, int fd, const char *path,
    struct err *err)
{
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_system(err, "lock '%s'", path);
		if (!options->wait)
			return busy(options, fd, err);
		if (work_check(options->work, err) < 0)
			return -1;
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}

/* That it cannot be written costs only the answer to who it is. */
static void
sign(int fd)
{
	char text[24];
	struct err ignored;

	(void)snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) == 0)
		(void)file_write_at(
		    fd, text, strlen(text), 0, "lock", &ignored);
}

int
run_lock_take(const struct run_lock_options *options, struct run_lock *ret_lock,
    struct err *err)
{
	char name[NAME_MAX + 1];
	AUTO(fd) int folder = -1;

	ret_lock->fd = -1;
	if ((size_t)snprintf(name, sizeof(name), "%s.lock", options->job) >=
	    sizeof(name))
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "the name of job '%.80s...' is too long", options->job);
	if (state_subfolder(options->state, "run", &folder, err) < 0)
		return -1;
	AUTO(fd) int fd = belong_open(folder, name, O_RDWR | O_CREAT);
	if (fd < 0)
		return err_system(
		    err, "open the lock '%s/run/%s'", options->state, name);
	if (take(options, fd, name, err) < 0)
		return -1;
	sign(fd);
	ret_lock->fd = take_fd(&fd);
	return 0;
}
