/*
 * Backups of all databases that can be found: each is a set of its own.
 */
#ifndef COMMAND_BACKUP_FOUND_H
#define COMMAND_BACKUP_FOUND_H

#include "base/err.h"
#include "command/backup_one.h"
#include "command/command.h"

/*
 * One after the other; a failure is told and does not stop the rest.  With
 * --dry-run it is only said which there are, and which could not be read as
 * they are now.  -1 as tally_end() says.
 */
int backup_found(
    struct session *session, const struct backup_place *place, struct err *err);

#endif
