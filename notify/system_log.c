/*
 * The form is that of syslog(3) of the C libraries (RFC 3164, 4.1): daemons
 * read no other one from their local socket so well.
 */
#include "notify/system_log.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"

static const int wait_ms = 200;

static const struct sockaddr_un address = {
	.sun_family = AF_UNIX,
	.sun_path = "/dev/log",
};

/* Daemons of old listen for streams, in which a NUL ends a message. */
static int
open_connection(struct system_log *log)
{
	for (int stream = 0; stream < 2; stream++) {
		int type = stream ? SOCK_STREAM : SOCK_DGRAM;

		log->fd =
		    socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		log->stream = stream != 0;
		if (log->fd < 0 ||
		    connect(log->fd, (const struct sockaddr *)&address,
			sizeof(address)) == 0)
			return log->fd < 0 ? -1 : 0;
		int why = errno;
		system_log_close(log);
		errno = why;
		if (why != EPROTOTYPE)
			break;
	}
	return -1;
}

/* All or nothing; the daemon may take a moment, once. */
static bool
sent(const struct system_log *log, const char *line, size_t len)
{
	struct pollfd pfd = { .fd = log->fd, .events = POLLOUT };
	size_t bytes = log->stream ? len + 1 : len;

	for (int tries = 0;; tries++) {
		ssize_t n = send(log->fd, line, bytes, MSG_NOSIGNAL);

		if (n == (ssize_t)bytes)
			return true;
		/* Half of it in a stream: only a new connection helps. */
		if (n >= 0)
			errno = EMSGSIZE;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
			return false;
		if (tries == 1 || log->failed)
			return false;
		(void)poll(&pfd, 1, wait_ms);
	}
}

static int
compose(int priority, const char *text, char **ret_line)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];

	(void)localtime_r(&now, &tm);
	(void)strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	return asprintf(ret_line, "<%d>%s litesafe[%ld]: %s",
	    LOG_DAEMON | priority, stamp, (long)getpid(), text);
}

/* A daemon that was started anew has a new socket. */
static bool
sent_somehow(struct system_log *log, const char *line, size_t len)
{
	if (log->fd >= 0 && sent(log, line, len))
		return true;
	if (log->fd >= 0 && errno == EAGAIN)
		return false;
	system_log_close(log);
	return open_connection(log) == 0 && sent(log, line, len);
}

int
system_log_send(
    struct system_log *log, int priority, const char *text, struct err *err)
{
	char *made = NULL;
	int len = compose(priority, text, &made);
	AUTO(free) char *line = len < 0 ? NULL : made;

	if (line == NULL)
		return err_system(err, "write to syslog");
	log->failed = !sent_somehow(log, line, (size_t)len);
	return log->failed ? err_system(err, "write to syslog at '%s'",
				 address.sun_path)
			   : 0;
}

void
system_log_close(struct system_log *log)
{
	fd_auto(&log->fd);
	log->fd = -1;
}
