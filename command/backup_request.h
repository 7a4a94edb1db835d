/*
 * What `litesafe backup` was asked to do: do its options and operands go
 * together?
 */
#ifndef COMMAND_BACKUP_REQUEST_H
#define COMMAND_BACKUP_REQUEST_H

#include "base/err.h"
#include "command/command.h"

/*
 * ERR_USAGE when they do not.  The default proof of an archive that goes to a
 * pipe is dropped from the options.  Touches no file.
 */
int backup_request_check(struct session *session, struct err *err);

#endif
