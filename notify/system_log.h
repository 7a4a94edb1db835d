/*
 * syslog: one line, one datagram to /dev/log, with the facility "daemon".
 *
 * Always true: it never waits longer than a moment.  syslog(3) waits until the
 * daemon reads, and says nothing of what was lost: a daemon that stands still
 * would hold a backup, and with it a pinned database, for ever.
 * One thread.
 */
#ifndef NOTIFY_SYSTEM_LOG_H
#define NOTIFY_SYSTEM_LOG_H

#include <stdbool.h>

#include "base/err.h"

struct system_log {
	int fd; /* the connection; -1: none */
	bool stream;
	bool failed; /* the last time: then there is no waiting at all */
};

#define SYSTEM_LOG_NONE \
	{ \
		.fd = -1 \
	}

/* `priority` as syslog(3) numbers it.  Connects where that is needed. */
int system_log_send(
    struct system_log *log, int priority, const char *text, struct err *err);

void system_log_close(struct system_log *log);

#endif
