/*
 * What the process sets up before anything else: standard descriptors that
 * exist, and signals that ask instead of kill.
 */
#ifndef COMMAND_SIGNALS_H
#define COMMAND_SIGNALS_H

#include "base/work.h"

/*
 * Descriptors 0 to 2 are open afterwards, so that no database can land on
 * them (sqlite.org/howtocorrupt.html 2.4).  One that was closed fails every
 * read and write, as it would have.
 */
void signals_fill_standard_fds(void);

/*
 * The first SIGINT, SIGTERM or SIGHUP is stored into work->stop and interrupts
 * a blocked call; a second one, half a second later or more, ends the process
 * at once.  Those that are ignored
 * (nohup) stay ignored.  A broken pipe and a file-size limit are errors of the
 * write.  The end of a child is told.  `work` must live as long as the process.
 */
void signals_catch(struct work *work);

#endif
