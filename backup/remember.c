/*
 * New sums are written to a draft in the state from the start, so that keeping
 * them is giving them a name.
 */
#include "backup/remember.h"

#include <string.h>

#include "archive/sums.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"

const char remember_name[] = "the file of page sums";

static const char tags_name[] = "the file of page tags";

void
remember_open(struct remember *remember, const char *base,
    const struct repository *repository, const char *set, struct err *ret_why)
{
	remember->state_usable =
	    base != NULL &&
	    state_open(base, repository, set, &remember->state, ret_why) == 0;
}

int
remember_begin(struct remember *remember, const char *scratch, int *ret_fd,
    struct err *err)
{
	struct err ignored;

	/* No room for a memory is no reason to fail: then without. */
	if (remember->state_usable && remember->draft.fd < 0 &&
	    state_sums_draft(&remember->state, remember->sums, &remember->draft,
		&ignored) < 0)
		remember->state_usable = false;
	*ret_fd = remember->draft.fd;
	if (remember->state_usable)
		return 0;
	if (file_scratch(scratch, &remember->scratch_fd, err) < 0)
		return -1;
	*ret_fd = remember->scratch_fd;
	return 0;
}

int
remember_archive(struct remember *remember, int archive_fd, const char *name,
    const struct manifest *manifest, size_t index, struct err *err)
{
	if (!remember->state_usable)
		return 0;
	if (state_sums_draft(
		&remember->state, remember->sums, &remember->draft, err) < 0)
		return -1;
	struct sums sums = {
		.fd = remember->draft.fd,
		.name = remember_name,
		.page_size = manifest_at(manifest, index)->page_size,
	};
	return sums_apply(&sums, archive_fd, name, manifest, index, err);
}

/* A file for tags and the key for them; false: there will be none. */
static bool
begin_tags(struct remember *remember, const struct state_tags *parent)
{
	struct state_tags *tags = &remember->tags;
	struct err ignored;

	if (!remember->state_usable ||
	    state_tags_draft(&remember->state, remember->sums,
		&remember->tags_draft, &ignored) < 0)
		return false;
	if (parent->fd >= 0) {
		memcpy(tags->key, parent->key, sizeof(tags->key));
		tags->age = parent->age + 1;
		return true;
	}
	tags->age = 0;
	if (page_tag_new_key(tags->key, &ignored) == 0)
		return true;
	draft_auto(&remember->tags_draft);
	return false;
}

void
remember_tags(struct remember *remember, const struct state_tags *parent,
    struct compare_tags *ret_tags)
{
	bool made = begin_tags(remember, parent);

	*ret_tags = (struct compare_tags){
		.key = made ? remember->tags.key : NULL,
		.parent_fd = made ? parent->fd : -1,
		.fd = remember->tags_draft.fd,
		.name = tags_name,
	};
}

struct tag_writer *
remember_tag_writer(struct remember *remember, uint32_t page_size)
{
	const struct state_tags none = STATE_TAGS_NONE;
	struct err ignored;

	if (begin_tags(remember, &none) &&
	    tag_writer_new(remember->tags.key, remember->tags_draft.fd,
		tags_name, page_size, &remember->tag_writer, &ignored) < 0)
		draft_auto(&remember->tags_draft);
	return remember->tag_writer;
}

static int
keep_tags(struct remember *remember, const struct manifest_database *db,
    struct err *err)
{
	if (remember->tags_draft.fd < 0)
		return 0;
	if (remember->tag_writer != NULL &&
	    tag_writer_finish(remember->tag_writer, err) < 0)
		return -1;
	return state_tags_keep(&remember->tags_draft, &remember->tags, db, err);
}

int
remember_pages(struct remember *remember, const struct manifest_database *db,
    struct err *err)
{
	if (!remember->state_usable || remember->draft.fd < 0)
		return 0;
	if (state_sums_keep(&remember->draft, err) < 0)
		return -1;
	return keep_tags(remember, db, err);
}

int
remember_check(struct remember *remember, const char *id, const char *chain,
    enum state_level level, struct err *err)
{
	struct state_check check = {
		.level = level,
		.answer = STATE_OK,
		.time_ms = clock_now_ms(),
	};

	if (!remember->state_usable || level == STATE_NONE)
		return 0;
	(void)memcpy(check.id, id, sizeof(check.id));
	(void)memcpy(check.chain, chain, sizeof(check.chain));
	return state_check_add(&remember->state, &check, err);
}

void
remember_auto(struct remember *remember)
{
	draft_auto(&remember->draft);
	draft_auto(&remember->tags_draft);
	tag_writer_free(take_ptr(&remember->tag_writer));
	fd_auto(&remember->scratch_fd);
	remember->scratch_fd = -1;
	state_auto(&remember->state);
}
