/*
 * verify -r: one answer for each snapshot, and for what belongs to none.
 */
#ifndef COMMAND_VERIFY_REPOSITORY_H
#define COMMAND_VERIFY_REPOSITORY_H

#include "base/err.h"
#include "command/command.h"

/*
 * Tells everything; -1 with the worst of it.  What could not be remembered is
 * a warning.
 */
int verify_repository(struct session *session, struct err *err);

#endif
