/*
 * The health check of a job hears how it goes.
 */
#ifndef COMMAND_RUN_PING_H
#define COMMAND_RUN_PING_H

#include "command/run_job.h"
#include "notify/ping.h"

/*
 * Where the job has a ping-url.  What is said at the end has the last lines of
 * the log with it.  A ping that fails is a warning: the backup is what counts.
 * A check that several jobs of a run share hears of no success after a failure,
 * which that would hide.
 */
void run_ping(struct run *run, enum ping_kind kind);

#endif
