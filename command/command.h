/*
 * The commands: one table, and one run of one of them.
 *
 * Each cmd_*.c is one entry and three steps: check what was asked, call one
 * recipe, report.  A command returns like everything else, 0 or -1 and an
 * error; only main() knows exit codes.
 */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/work.h"
#include "command/options.h"
#include "command/say.h"
#include "config/config.h"

/* What a run did that dealt with several databases. */
struct counts {
	bool several; /* the others mean something */
	size_t databases, stored, unchanged, failed;
	size_t jobs, jobs_failed; /* of a run; 0 jobs: it was none */
};

/* What a monitoring plugin answers; without a line there is no answer yet. */
enum { PLUGIN_LINE_BYTES = 4096 }; /* with its NUL: all that may be said */
struct plugin {
	int code;
	char line[PLUGIN_LINE_BYTES];
};

/* One run of the program. */
struct session {
	const struct command *command; /* NULL: none was named */
	struct options options;
	struct config config; /* some of their texts are in it */
	struct say say;
	struct work work;
	double started; /* steady seconds */
	struct counts counts;
	bool state_missed; /* that it cannot be used was said */
	bool check_failed; /* the job's health check heard of a failure in
			    * this run: of another job's */
	struct plugin plugin; /* with --nagios */
};

struct command {
	const char *name;
	unsigned bit; /* FOR_... in the table of options */
	const char *usage; /* what follows the name */
	const char *summary; /* one line */
	int (*run)(struct session *session, struct err *err);
	const char *about; /* a paragraph for --help; NULL: none */
	const char *examples; /* lines for --help; NULL: none */
};

/* The table; it ends with a NULL name. */
extern const struct command command_table[];

/* ERR_USAGE, with the nearest name as hint, when there is none of that name. */
int command_named(
    const char *name, const struct command **ret_command, struct err *err);

/* Runs what was read: help and version as options win over the command. */
int command_run(struct session *session, struct err *err);

int cmd_init(struct session *session, struct err *err);
int cmd_backup(struct session *session, struct err *err);
int cmd_list(struct session *session, struct err *err);
int cmd_show(struct session *session, struct err *err);
int cmd_restore(struct session *session, struct err *err);
int cmd_verify(struct session *session, struct err *err);
int cmd_prune(struct session *session, struct err *err);
int cmd_pin(struct session *session, struct err *err);
int cmd_unpin(struct session *session, struct err *err);
int cmd_discard(struct session *session, struct err *err);
int cmd_export(struct session *session, struct err *err);
int cmd_doctor(struct session *session, struct err *err);
int cmd_run(struct session *session, struct err *err);
int cmd_status(struct session *session, struct err *err);
int cmd_config(struct session *session, struct err *err);
int cmd_help(struct session *session, struct err *err);
int cmd_version(struct session *session, struct err *err);

/* ERR_USAGE unless there are `least` to `most` operands. */
int command_operands(const struct session *session, unsigned least,
    unsigned most, struct err *err);

/* --threads, or the default. */
unsigned command_threads(const struct options *options);

/* --scratch, or the default. */
const char *command_scratch(const struct options *options);

#endif
