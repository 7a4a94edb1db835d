/*
 * What a backup into a repository has more than one into a file: where its set
 * comes from, its name, the commit, and what is remembered of it.
 *
 * For this room only.
 */
#ifndef BACKUP_SNAPSHOT_H
#define BACKUP_SNAPSHOT_H

#include "backup/job.h"
#include "base/err.h"

/* Before the pin: finds the parent, makes the set, opens the archive. */
int snapshot_open(struct job *job, struct err *err);

/* Finds the parent as that would, and makes nothing. */
int snapshot_foresee(struct job *job, struct err *err);

/*
 * After the proof: names the archive, commits it.  On failure the repository
 * is as it was.
 */
int snapshot_publish(struct job *job, struct err *err);

/* Instead: nothing changed and nothing is stored, and that is written down. */
void snapshot_unchanged(struct job *job);

#endif
