/*
 * What is right in a configuration, and not there yet on this machine: a
 * repository that nobody made, a database that a run would miss, a log's folder.
 *
 * Repositories are looked into.  Of databases only their folders are: to open
 * and close one is no matter of a look (discover.h).
 */
#ifndef COMMAND_CONFIG_NOTES_H
#define COMMAND_CONFIG_NOTES_H

#include "base/err.h"
#include "command/command.h"
#include "command/job.h"

/* One line for each, with file, line and the next step. */
int config_notes_tell(
    struct session *session, const struct jobs *jobs, struct err *err);

#endif
