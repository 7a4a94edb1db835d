/*
 * The configuration as it works: each key with the value that counts, and where
 * that comes from.
 *
 * As text it is a configuration again, in which what is not set is a comment;
 * with --origin each line begins with FILE:LINE, the variable, "command line"
 * or "default".  Secrets are not shown.
 */
#ifndef COMMAND_CONFIG_SHOW_H
#define COMMAND_CONFIG_SHOW_H

#include "command/command.h"
#include "command/job.h"

/* [global] as other commands than `run` see it, the repositories, all jobs. */
int config_show_all(
    struct session *session, const struct jobs *jobs, struct err *err);

int config_show_job(struct session *session, const struct jobs *jobs,
    const struct job *job, struct err *err);

#endif
