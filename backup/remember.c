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

int
remember_sums(struct remember *remember, struct err *err)
{
	if (!remember->state_usable || remember->draft.fd < 0)
		return 0;
	return state_sums_keep(&remember->draft, err);
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
	fd_auto(&remember->scratch_fd);
	remember->scratch_fd = -1;
}
