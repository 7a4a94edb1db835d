/*
 * The page sums of the snapshot that is being made, for the next one to be
 * compared with: in this machine's state when there is one, else in a scratch
 * file, because an increment needs them for its root.  And its page tags, when
 * there is a state; without one there is nobody to keep their key from.
 *
 * Memory is a convenience: whatever fails here is no failure of the backup but
 * a notice.  One thread.
 */
#ifndef BACKUP_REMEMBER_H
#define BACKUP_REMEMBER_H

#include <stdbool.h>

#include "archive/manifest.h"
#include "backup/compare.h"
#include "backup/tag_writer.h"
#include "base/draft.h"
#include "base/err.h"
#include "repository/repository.h"
#include "repository/state.h"
#include "repository/state_tags.h"

struct remember {
	bool state_usable;
	struct state state; /* when usable */
	const char *sums; /* see state_sums_open() */
	struct draft draft; /* of the new sums, in the state */
	int scratch_fd; /* ... or here */
	struct draft tags_draft; /* of the new tags, if there are any */
	struct state_tags tags; /* what they were made with */
	struct tag_writer *tag_writer; /* of a full */
};

#define REMEMBER_NONE \
	{ \
		.state = STATE_CLOSED, .draft = DRAFT_NONE, .scratch_fd = -1, \
		.tags_draft = DRAFT_NONE, .tags = STATE_TAGS_NONE \
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

/*
 * Tags for the pages of an increment: the parent's go on when there are any
 * (`parent`), else they begin anew.  When none can be made *ret_tags has no
 * key, and every page is summed.
 */
void remember_tags(struct remember *remember, const struct state_tags *parent,
    struct compare_tags *ret_tags);

/* Who makes those of a full, or NULL; `remember` keeps it. */
struct tag_writer *
remember_tag_writer(struct remember *remember, uint32_t page_size);

/* The snapshot exists now: its sums and tags get their names. */
int remember_pages(struct remember *remember,
    const struct manifest_database *db, struct err *err);

/*
 * What was found of a snapshot, just now: `level` is what was proved, or that
 * it is still the database's state.  `chain` is the id of its chain's full.
 */
int remember_check(struct remember *remember, const char *id, const char *chain,
    enum state_level level, struct err *err);

void remember_auto(struct remember *remember);

#endif
