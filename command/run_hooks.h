/*
 * The hooks of a job, in the order in which they stand in the configuration.
 */
#ifndef COMMAND_RUN_HOOKS_H
#define COMMAND_RUN_HOOKS_H

#include "base/err.h"
#include "command/run_job.h"

enum run_hooks_when { RUN_BEFORE, RUN_AFTER, RUN_ON_FAILURE };

/*
 * Each gets LITESAFE_JOB, _STATUS, _ERROR, _SET, _SNAPSHOT, _BYTES and _PIN (see
 * litesafe-run(1)).  `before` and `after` end with the first that fails: -1,
 * which was told with what it wrote.  One of `on-failure` that fails is a
 * warning, the others have their turn, and a stop request does not keep them
 * from running: what `before` stopped may have to be started again.
 */
int run_hooks(struct run *run, enum run_hooks_when when, struct err *err);

#endif
