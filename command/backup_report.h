/*
 * How one backup is told.
 */
#ifndef COMMAND_BACKUP_REPORT_H
#define COMMAND_BACKUP_REPORT_H

#include "backup/backup.h"
#include "command/command.h"
#include "command/proof.h"

/* What was stored, or that nothing had changed; with its notices. */
void backup_report(struct session *session, const struct backup_result *result,
    const struct proof *proof);

/* What should be heard of a backup that failed, too: warnings. */
void backup_report_notices(
    struct session *session, const struct backup_result *result);

#endif
