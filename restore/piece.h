/*
 * One database of a restore on its way to its name: the place, the draft there,
 * and what is told of it.
 *
 * For this room only.  The draft is abandoned by who opened it; one that was
 * published has nothing left to abandon.
 */
#ifndef RESTORE_PIECE_H
#define RESTORE_PIECE_H

#include "archive/manifest.h"
#include "base/draft.h"
#include "base/err.h"
#include "restore/restore.h"
#include "restore/target.h"

struct piece {
	struct target target;
	struct draft draft;
	struct restored *restored; /* in the result */
};

/*
 * Gives the draft owner and mode of the file that it replaces, else those that
 * `db` tells.  restored->owner_kept says whether that was permitted.
 */
int piece_own(
    struct piece *piece, const struct manifest_database *db, struct err *err);

/* Switches (publish.h).  What lies aside is told also after a failure. */
int piece_publish(struct piece *piece, struct err *err);

#endif
