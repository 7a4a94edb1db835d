/*
 * Databases that are all still in their parent's state, known by evidence
 * (database/evidence.h) and not by reading them.
 *
 * In:  what this machine remembers of the last backup, and each database now,
 *      pinned for a moment, one after the other: when the first was looked at,
 *      all of them were the parent's, because the others still are.
 * Out: that the parent holds this state, or why the pages must be read.
 * Always true: what is remembered is of the state whose pages were read into
 *      the snapshot, taken under the same pin; it is bound to that snapshot's id
 *      and root, and whatever does not fit is a reason to read.
 * For this room only.  Nothing here can fail a backup.
 */
#ifndef BACKUP_UNCHANGED_H
#define BACKUP_UNCHANGED_H

#include <stdbool.h>

#include "archive/manifest.h"
#include "backup/bond.h"
#include "database/evidence.h"

struct job;
struct part;

struct unchanged {
	const char *evidence; /* "wal" or "stat": nothing needs to be read;
			       * NULL: it must be */
	const char *doubt; /* then why; NULL when there is nothing to tell */
	bool known; /* `past` is the evidence of the state of this backup */
	struct evidence_past past;
};

/* Of the whole set. */
struct unchanged_set {
	bool at_once; /* the catalog was not read either */
	uint8_t listing[SHA256_BYTES]; /* of the set's folder, before the
					* catalog was read; zeros: not known */
};

/* The database of `part` in `holder`; NULL when that holds others than the
 * job's. */
const struct manifest_database *unchanged_database(const struct job *job,
    const struct part *part, const struct manifest *holder);

/*
 * Whether every database of the job is still in the state of `parent`.  If so,
 * the job's manifest describes the state that was seen.
 */
bool unchanged_since(struct job *job, const struct manifest *parent);

/*
 * The same without the catalog, for a backup that would then store nothing: the
 * set's folder is as it was when the parent was found, and would be found again.
 * If so, manifest and chain of the job's parent are known, and no more of it.
 */
bool unchanged_at_once(struct job *job);

/* At the pin, before any page is read: notes the evidence of the state. */
void unchanged_note(struct part *part);

/*
 * A snapshot holds the state: its evidence is remembered on this machine.
 * The bond's path is filled in.
 */
void unchanged_keep(const struct part *part, struct bond *bond);

#endif
