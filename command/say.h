/*
 * The voices: results, and messages.  Everything that is printed as text goes
 * through here and cannot move a terminal's cursor, whatever names and
 * archives contain.
 *
 * Results go to standard output, or to standard error when the archive takes
 * standard output.  Messages always go to standard error.  -q silences
 * everything but errors and JSON.
 *
 * The log (--log-file, --syslog) gets all of it that is text, also what -q or
 * --json silenced here: who asks for a log wants to know afterwards what was
 * done.
 */
#ifndef COMMAND_SAY_H
#define COMMAND_SAY_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "command/option_table.h"
#include "notify/log.h"

enum { SAY_WARNINGS_MAX = 32 };

struct say {
	FILE *out; /* results */
	int out_fd; /* where they go */
	bool out_journal; /* that is the journal */
	int out_errno; /* why some of them are lost; 0: none is */
	bool json, quiet, verbose;
	bool hidden; /* lines of results go to the log alone */
	bool silent; /* there are none: somebody else makes the report */
	bool mute; /* errors go to the log alone: a plugin has its one line */
	const char *subject; /* what messages are about: a job; NULL */
	bool color; /* in messages */
	bool told; /* the error was told already */
	unsigned warnings; /* counted in full */
	char *warning[SAY_WARNINGS_MAX]; /* the first ones, for the summary */
	struct log log;
	struct err log_error; /* why there is no file; ERR_NONE */
};

/*
 * `options` may be what could be read before an error.  The say stays where it
 * is: its stream points to it.
 */
int
say_begin(const struct options *options, struct say *ret_say, struct err *err);

/*
 * --log-file and --syslog.  A file that cannot be is told of, and the voices go
 * on without it: a backup that could be made is worth more than its log.  How
 * the run ends says it again.  What was said before is in the log's tail only.
 */
void say_open_log(struct say *say, const struct options *options);

/* -1 when some of the results could not be written, now or earlier. */
int say_flush(struct say *say, struct err *err);

void say_done(struct say *say);

/*
 * Counts a warning that another process said, and keeps it for the summary.
 * `text` is taken; NULL: memory is gone.
 */
void say_keep_warning(struct say *say, char *text);

/* A line of the result, as text: silent with --json and with -q. */
void say_line(struct say *say, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, only with -v. */
void say_detail(struct say *say, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * What another program wrote, line by line, each behind "  | ".  A part of the
 * result, or, when it `failed`, of its error.
 */
void say_output(struct say *say, const char *text, bool failed);

void say_warning(struct say *say, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The error, and its hint where there is one. */
void say_error(struct say *say, const struct err *err);

#endif
