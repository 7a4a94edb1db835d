/*
 * One backup on its way; everything that its steps share.
 *
 * For this room only: backup.c and what it is made of.
 */
#ifndef BACKUP_JOB_H
#define BACKUP_JOB_H

#include "archive/archive_stream.h"
#include "archive/manifest.h"
#include "backup/backup.h"
#include "backup/bill.h"
#include "backup/full.h"
#include "backup/increment.h"
#include "backup/limits.h"
#include "backup/output.h"
#include "backup/parent.h"
#include "backup/remember.h"
#include "backup/unchanged.h"
#include "base/pace.h"
#include "base/work.h"
#include "database/pin.h"
#include "database/source.h"

/* One database of the set. */
struct part {
	const char *path; /* as it was named */
	struct source source;
	struct parent_found *found; /* in the parent; NULL: there is none */
	struct pin *pin; /* while its state is pinned */
	struct bill bill; /* from the pin on */
	struct limits limits; /* while it is pinned */
	struct pace pace; /* of its pages, where that stops nobody */
	struct full *full; /* one of these two, from the pin on */
	struct increment *increment;
	bool spooled; /* of a full: it is not in the archive yet */
	struct manifest_database database; /* what the manifest says of it */
	size_t index; /* there, once its members are in the archive */
	struct remember remember; /* in a repository */
	struct unchanged unchanged; /* in a repository */
};

struct job {
	const struct backup_options *options;
	struct work *work;
	struct part *parts; /* allocated */
	size_t part_count;
	const struct source *sources[MANIFEST_DATABASES_MAX]; /* of all parts */
	struct parent parent; /* in a repository: of the set */
	struct unchanged_set unchanged; /* the same */
	struct output output;
	struct archive_stream *stream; /* from the first database on */
	size_t stored; /* databases in it */
	struct manifest manifest;
	struct backup_result *result;
};

/* What the operator should hear although nothing failed. */
void job_notice(struct job *job, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
