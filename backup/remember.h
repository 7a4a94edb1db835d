/*
 * The page sums of the snapshot that is being made, for the next one to be
 * compared with: in this machine's state when there is one, else in a scratch
 * file, because an increment needs them for its root.
 *
 * Memory is a convenience: whatever fails here is no failure of the backup but
 * a notice.  One thread.
 */
#ifndef BACKUP_REMEMBER_H
#define BACKUP_REMEMBER_H

#include <stdbool.h>

#include "archive/manifest.h"
#include "base/draft.h"
#include "base/err.h"
#include "repository/repository.h"
#include "repository/state.h"

struct remember {
	bool state_usable;
	struct state state; /* when usable */
	const char *sums; /* see state_sums_open() */
	struct draft draft; /* of the new sums, in the state */
	int scratch_fd; /* ... or here */
};

#define REMEMBER_NONE \
	{ \
		.draft = DRAFT_NONE, .scratch_fd = -1 \
	}

/* What the file of new sums is called in messages. */
extern const char remember_name[];

/*
 * Opens the state of a set below `base` (NULL: none is wanted); when that
 * fails *ret_why says so, and nothing is remembered.
 */
void remember_open(struct remember *remember, const char *base,
    const struct repository *repository, const char *set, struct err *ret_why);

/* A file for the new sums; `scratch` is used when there is no state. */
int remember_begin(struct remember *remember, const char *scratch, int *ret_fd,
    struct err *err);

/* Takes the sums of a full out of its archive, which was just written. */
int
remember_archive(struct remember *remember, int archive_fd, const char *name,
    const struct manifest *manifest, size_t index, struct err *err);

/* The snapshot exists now: its sums get their name. */
int remember_sums(struct remember *remember, struct err *err);

/*
 * What was found of a snapshot, just now: `level` is what was proved, or that
 * it is still the database's state.  `chain` is the id of its chain's full.
 */
int remember_check(struct remember *remember, const char *id, const char *chain,
    enum state_level level, struct err *err);

void remember_auto(struct remember *remember);

#endif
