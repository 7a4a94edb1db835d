/*
 * What `litesafe backup` was asked to do: do its options and operands go
 * together?
 */
#ifndef COMMAND_BACKUP_REQUEST_H
#define COMMAND_BACKUP_REQUEST_H

#include <stdbool.h>

#include "base/err.h"
#include "command/command.h"

/*
 * It asks for all databases that can be found, by --recursive or by a pattern
 * ('*', '?', '[...]') that is not a file's name itself: each is a set.
 */
bool backup_request_finds(const struct options *options);

/*
 * ERR_USAGE when they do not.  The default proof of an archive that goes to a
 * pipe is dropped from the options.  Opens no file.
 */
int backup_request_check(struct session *session, struct err *err);

/* The same of the options alone, whatever databases there are. */
int backup_request_check_options(struct session *session, struct err *err);

/* ERR_USAGE for a checkpoint that would stop writers without a limit to it. */
int
backup_request_check_checkpoint(const struct options *options, struct err *err);

#endif
