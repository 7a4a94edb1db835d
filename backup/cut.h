/*
 * The cut: the states of all databases leave them, at one instant where several
 * are asked for, or one after the other.
 *
 * For this room only.
 */
#ifndef BACKUP_CUT_H
#define BACKUP_CUT_H

#include <stdbool.h>

#include "backup/job.h"
#include "base/err.h"

/*
 * The pages that are wanted are ours when this returns, and the databases are
 * as they were.  *ret_nothing when nothing changed since the parent.
 */
int cut_take(struct job *job, bool *ret_nothing, struct err *err);

#endif
