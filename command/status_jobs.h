/*
 * The sets of the jobs of a configuration, each judged by what its job asks.
 *
 * A job's sets are the one that it names; else those that a backup of it would
 * make now, and those that one has made of databases that its folders and
 * patterns do not lead to any more.  Sets in the repository that are nobody's
 * are not looked at.
 */
#ifndef COMMAND_STATUS_JOBS_H
#define COMMAND_STATUS_JOBS_H

#include <stdbool.h>

#include "command/job.h"
#include "command/status_round.h"

/* By what was typed and what the environment says, and not by a repository. */
bool status_jobs_are_meant(const struct session *session);

/*
 * Of all jobs, or of those, and those sets, that the operands name; ERR_ABSENT
 * for an operand that is neither.  The jobs outlive the round.
 */
int status_jobs_look(
    struct status_round *round, const struct jobs *jobs, struct err *err);

#endif
