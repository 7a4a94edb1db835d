/*
 * One run of one job, from its lock to its report, in a process of its own
 * (run_child.h).
 *
 * Order: lock, ping "start", `before` hooks, backup, drill of the sets for which
 * it is due, prune, then `after` hooks or `on-failure` hooks, ping, report.
 * Always true: what a failed step leaves undone is left undone; nothing is
 * pruned after any failure; a job that somebody else is working on is not
 * touched at all: no hook, no ping.  Each error was told when it happened, and
 * the worst of them is what the job ends with.
 */
#ifndef COMMAND_RUN_JOB_H
#define COMMAND_RUN_JOB_H

#include <stdbool.h>

#include "base/err.h"
#include "command/command.h"
#include "command/job.h"
#include "command/run_sets.h"

/* One run on its way through the steps. */
struct run {
	struct session *session; /* its options are those of the job */
	const struct job *job;
	struct run_sets sets;
	struct err worst; /* ERR_NONE: nothing failed so far */
	double started; /* steady seconds */
};

/*
 * -1 and the worst that happened; everything was told.  The session's options
 * become the job's.  For a process that does nothing else.
 */
int run_job(struct session *session, const struct job *job, struct err *err);

/*
 * The same when the process that worked on it is gone without a word: *err says
 * how.  Tells it, runs `on-failure`, pings, reports; always -1.  Where another
 * process works on the job by now, or all the time, it only tells and reports.
 */
int
run_job_lost(struct session *session, const struct job *job, struct err *err);

#endif
