/*
 * The log: where messages go besides the terminal, and how.
 *
 * In:  lines, each with a priority of syslog(3).
 * Out: to standard error (with the prefix "<3>" of sd-daemon(3) when that is the
 *      journal: JOURNAL_STREAM names its device and inode; results to standard
 *      output likewise), to a file (one line
 *      "2026-11-27T02:00:00.123Z PID error: text", by one write to a
 *      descriptor opened for appending, mode 0640 when it is made), to syslog
 *      with the facility "daemon".
 * Always true: what is written is printable and one line; the last LOG_TAIL
 *      bytes of all lines are kept in memory, for a report.  A log that cannot
 *      be written is told once and loses nothing else.
 *
 * The file is opened for each run, so that it may be renamed between two
 * (logrotate).  A symbolic link, a file with several names, and another user's
 * file in a folder that everybody may write are refused: who can put them there
 * could have root append to any file.
 * One thread.
 */
#ifndef NOTIFY_LOG_H
#define NOTIFY_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "notify/recent.h"
#include "notify/system_log.h"

enum { LOG_TAIL = 16 * 1024 };

/* As syslog(3) numbers them. */
enum log_priority {
	LOG_P_ERROR = 3,
	LOG_P_WARNING = 4,
	LOG_P_HINT = 5,
	LOG_P_INFO = 6,
};

/* All zero: none, also without a tail. */
struct log {
	const char *file; /* NULL: none */
	int fd; /* of it, where there is one */
	bool syslog;
	struct system_log system; /* where it is asked for */
	bool journal; /* standard error is */
	bool file_failed, syslog_failed; /* was told */
	struct recent recent;
	char tail[LOG_TAIL];
};

struct log_options {
	const char *file; /* NULL: none; lives as long as the log */
	bool syslog;
};

/* Looks at standard error, and keeps the tail from here on.  It stays there. */
void log_begin(struct log *log);

/* Opens the file.  After an error the log goes on without one. */
int
log_open(struct log *log, const struct log_options *options, struct err *err);

void log_close(struct log *log);

/*
 * To the file, to syslog and to the tail; not to standard error.  -1 when one
 * of them failed for the first time: somebody should be told.
 */
int log_line(struct log *log, enum log_priority priority, const char *text,
    struct err *err);

/* Whether the journal reads what goes there. */
bool log_is_journal(int fd);

/* What a line to the journal begins with: "<3>"; "" for anybody else. */
const char *log_prefix(bool journal, enum log_priority priority);

/* The last lines, oldest first, whole lines, at most `size` - 1 bytes. */
void log_tail(const struct log *log, char *ret_text, size_t size);

#endif
