/*
 * The log: where messages go besides the terminal, and how.
 *
 * In:  lines, each with a priority of syslog(3).
 * Out: to standard error (with the prefix "<3>" of sd-daemon(3) when that is the
 *      journal: JOURNAL_STREAM names its device and inode), to a file (one line
 *      "2026-11-27T02:00:00.123Z PID error: text", by one write to a
 *      descriptor opened for appending, mode 0640 when it is made), to syslog(3) with
 *      the facility "daemon".
 * Always true: what is written is printable and one line; the last LOG_TAIL
 *      bytes of all lines are kept in memory, for a report.  A log that cannot
 *      be written is said once and loses nothing else.
 * One thread.
 */
#ifndef NOTIFY_LOG_H
#define NOTIFY_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { LOG_TAIL = 16 * 1024 };

/* As syslog(3) numbers them. */
enum log_priority { LOG_P_ERROR = 3, LOG_P_WARNING = 4, LOG_P_INFO = 6 };

struct log {
	int fd; /* the file; -1: none */
	bool syslog;
	bool journal; /* standard error is */
	char tail[LOG_TAIL];
	size_t tail_begin, tail_bytes; /* a ring */
};

struct log_options {
	const char *file; /* NULL: none */
	bool syslog;
};

int log_open(
    const struct log_options *options, struct log *ret_log, struct err *err);
void log_close(struct log *log);

/* To the file, to syslog and to the tail; not to standard error. */
void log_line(struct log *log, enum log_priority priority, const char *text);

/* What a line to standard error begins with: "<3>", or "". */
const char *log_prefix(const struct log *log, enum log_priority priority);

/* The last lines, oldest first, whole lines, at most `size` - 1 bytes. */
void log_tail(const struct log *log, char *ret_text, size_t size);

#endif
