/*
 * One backup on its way; everything that its steps share.
 *
 * For this room only: backup.c and what it is made of.
 */
#ifndef BACKUP_JOB_H
#define BACKUP_JOB_H

#include "archive/manifest.h"
#include "backup/backup.h"
#include "backup/full.h"
#include "backup/increment.h"
#include "backup/output.h"
#include "backup/parent.h"
#include "backup/remember.h"
#include "base/work.h"
#include "database/source.h"

struct job {
	const struct backup_options *options;
	struct work *work;
	struct source source;
	struct parent parent; /* in a repository */
	struct remember remember; /* in a repository */
	struct output output;
	struct full *full; /* one of these two, from the pin on */
	struct increment *increment;
	struct manifest manifest;
	struct backup_result *result;
};

#endif
