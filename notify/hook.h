/*
 * Hooks: programs of the operator's that run before and after a job.
 *
 * In:  a line, split at blanks into words as systemd does ("..." and '...' hold
 *      a word together, a backslash takes the next character as it is; no
 *      variables, no patterns), or given whole to /bin/sh -c when that was
 *      asked for; variables for its environment; a time limit.
 * Out: its exit status, and what it wrote to standard output and error: the
 *      last HOOK_OUTPUT_MAX bytes.
 * Always true: it runs in a process group of its own, with standard input
 *      empty, no descriptor but 0 to 2, no secret in its environment, default
 *      signals.  After the time limit, or a stop request, its group gets
 *      SIGTERM, and five seconds later SIGKILL.  Nobody is left to be waited
 *      for; a grandchild that keeps the output open does not hold us.
 * The line is no secret: it is shown in messages and reports.
 * One thread, in a process that does not ignore SIGCHLD.
 */
#ifndef NOTIFY_HOOK_H
#define NOTIFY_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/work.h"

enum { HOOK_OUTPUT_MAX = 64 * 1024 };

struct hook_variable {
	const char *name, *value; /* "LITESAFE_JOB" */
};

struct hook {
	const char *line;
	bool shell;
	double timeout; /* seconds; 0: none */
	const struct hook_variable *variables;
	size_t variable_count;
	struct work *work; /* may be NULL */
};

struct hook_result {
	char *output; /* text; NULL when nothing was started */
	size_t output_bytes;
	bool cut; /* what it wrote first is not there */
	double seconds;
};

/*
 * ERR_USAGE for a line that cannot be split; ERR_FAILED when it could not be
 * started, ended with another status than 0, by a signal, or by its time limit,
 * and the text says which; ERR_STOPPED.  *ret_result is filled in each case,
 * for hook_result_done().
 */
int hook_run(
    const struct hook *hook, struct hook_result *ret_result, struct err *err);

void hook_result_done(struct hook_result *result);

/* Whether a line can be split, for who reads a configuration. */
int hook_line_check(const char *line, struct err *err);

#endif
