/*
 * The recipe back: the archives of a snapshot become databases under their
 * names.
 *
 * In:  a full archive (file or pipe) or those of a chain, and a path: of one
 *      database, or of a folder for all databases of a set.
 * Out: the database at that path, or each below it, every sum proved, the asked
 *      check passed, durable; what was there before, kept beside it.
 * Always true, whatever ends us: no database gets its name before all of them
 *      are proved, checked and flushed; then one after the other does.  PATH of
 *      each holds the old state or the new one,
 *      whole; the only exception is announced (an old database too damaged to
 *      be opened moves aside first).  Nothing is ever deleted but our draft.
 * next: restore/target.h
 */
#ifndef RESTORE_RESTORE_H
#define RESTORE_RESTORE_H

#include <limits.h>
#include <stdbool.h>

#include "archive/archive_read.h"
#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"
#include "restore/lineage.h"

enum restore_check {
	RESTORE_CHECK_NONE,
	RESTORE_CHECK_QUICK,
	RESTORE_CHECK_FULL
};

struct restore_options {
	const struct lineage *lineage; /* its archives */
	const char *target; /* path of the database to make, or of a folder */
	const char *database; /* of a set: only this one; NULL: all */
	bool replace; /* an existing database may be put aside */
	enum restore_check check;
	unsigned threads;
	struct work *work; /* may be NULL */
};

enum { RESTORE_ASIDE_MAX = 4 };

struct restore_result {
	struct archive_contents contents; /* of the newest archive */
	size_t culprit; /* which archive is damaged; see unpack.h */
	bool unsound; /* none is, but SQLite finds the database damaged */
	struct findings findings; /* damage, or what could not be checked */
	/* Where it is: a symlink as target was followed, the link stays; or the
	 * folder. */
	char path[PATH_MAX];
	struct restored *databases; /* those that are or would be there */
	size_t count;
	double seconds;
};

/* A database under its name. */
struct restored {
	char name[MEMBER_NAME_MAX + 1]; /* in the archive */
	size_t index; /* in the manifest */
	char path[PATH_MAX];
	bool done; /* it has its name: after a failure some may have */
	bool replaced;
	bool absent_meanwhile; /* the old one could not be opened by SQLite:
				* it was put aside first, path was empty */
	bool owner_kept; /* false: not permitted to set owner or group */
	/* Files that were put aside, old path and new path; in order.  After a
	 * failure too: what is listed then is aside all the same. */
	unsigned aside_count;
	struct restore_aside {
		char *from;
		char *to;
	} aside[RESTORE_ASIDE_MAX];
};

/*
 * ERR_REFUSED: target present without `replace`, or in use.  ERR_DAMAGED: an
 * archive, or the SQLite check, failed; *ret_result says how; the target is as
 * it was.  Always restore_result_done() afterwards.
 */
int restore_run(const struct restore_options *options,
    struct restore_result *ret_result, struct err *err);
void restore_result_done(struct restore_result *result);

struct restore_foreseen {
	char path[PATH_MAX]; /* where the database, or the folder, would be */
	size_t replaces; /* databases that are there, and would go aside */
};

/* Only what restore_run() would refuse before its work; nothing is changed. */
int restore_preview(const struct restore_options *options,
    struct restore_foreseen *ret_foreseen, struct err *err);

/*
 * Of one archive that is a regular file: also what its end, unproved, tells;
 * ERR_DAMAGED when that is none of an archive.  What is in a pipe nobody knows:
 * *ret_manifest stays as it was.
 */
int restore_preview_archive(const struct restore_options *options,
    struct manifest *ret_manifest, struct err *err);

#endif
