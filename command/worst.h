/*
 * Several things are tried one after the other, and each failure is told when
 * it happens; one error in the end decides the exit code: a stop request, then
 * damage, then whatever else went wrong first.
 */
#ifndef COMMAND_WORST_H
#define COMMAND_WORST_H

#include "base/err.h"
#include "command/command.h"

/* Keeps `one` in *worst if it is the worse of the two. */
void worst_keep(struct err *worst, const struct err *one);

/*
 * Tells `one`, and keeps it in *worst (which begins as ERR_NONE) if it is the
 * worse of the two.  -1 when the rest must not be tried: a stop request.
 */
int worst_tell(struct session *session, struct err *worst, struct err *one);

#endif
