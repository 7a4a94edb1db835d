/*
 * How far a job stands back for others: `nice` and `ionice`.  It is done by the
 * process that works, before it has threads, and all that it starts inherits
 * it.
 */
#ifndef COMMAND_RUN_GENTLE_H
#define COMMAND_RUN_GENTLE_H

#include "command/command.h"

/*
 * As the options say; never less than the process stands back already.  What
 * the system does not let us do is a warning.
 */
void run_gentle(struct session *session);

#endif
