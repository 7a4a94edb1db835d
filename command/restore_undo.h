/*
 * How a restore over something is undone: one line for a shell.
 */
#ifndef COMMAND_RESTORE_UNDO_H
#define COMMAND_RESTORE_UNDO_H

#include "restore/restore.h"

/*
 * Commands that stop at the first one that fails; each path is quoted where
 * that is needed.  The caller's to free; NULL when nothing was put aside, or
 * memory is gone.
 */
char *restore_undo(const struct restored *restored);

#endif
