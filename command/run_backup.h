/*
 * The backups of a job: of each database, or of all of them as one set.
 */
#ifndef COMMAND_RUN_BACKUP_H
#define COMMAND_RUN_BACKUP_H

#include "base/err.h"
#include "command/backup_one.h"
#include "command/run_job.h"

/* ERR_USAGE when the job's options do not go together.  Opens no file. */
int run_backup_check(struct run *run, struct err *err);

/*
 * What came of each is in run->sets.  -1 when any failed; what did not fail was
 * stored all the same.  With dry_run it is only said what would be stored.
 */
int run_backup(struct run *run, struct backup_place *place, struct err *err);

#endif
