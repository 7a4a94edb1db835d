/*
 * A job runs in a process of its own: what it does to its priority, its
 * environment of threads and its memory ends with it, and so does a crash.
 *
 * In:  a job.
 * Out: what it ended with, what it counted and its warnings, through a pipe.
 * Always true: a stop request reaches it once; it ends in good order when this
 *      process is killed; nobody is left to be waited for.
 * Call it before this process has threads or an open database: they would not
 * survive a fork().
 */
#ifndef COMMAND_RUN_CHILD_H
#define COMMAND_RUN_CHILD_H

#include "base/err.h"
#include "command/command.h"
#include "command/job.h"

/*
 * -1 and what the job ended with; it was told.  Counts and warnings are added
 * to the session.  A process that ended without a word is an error of the job:
 * then another one does what has to be done after a failure.
 */
int run_child(struct session *session, const struct job *job, struct err *err);

#endif
