/*
 * Two orders: all pages of the batch have an entry each (a sum, a tag, the
 * parent's), and the pages that are kept lie one behind the other; `place`
 * leads from those to their entries.
 *
 * The parent's entries are read in pieces as large as the batch, out of files
 * that are in the page cache mostly: 16 bytes for a page of 4 KiB.
 */
#include "backup/compare_batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "archive/layout.h"
#include "backup/compare.h"
#include "base/file.h"

static const char parent_sums[] = "the parent's page sums";
static const char parent_tags[] = "the parent's page tags";

enum { KEPT_MAX = COMPARE_BATCH_BYTES / PAGE_SIZE_MIN };
_Static_assert(
    COMPARE_BATCH_BYTES % PAGE_SIZE_MAX == 0, "batches hold whole pages");
_Static_assert((int)KEPT_MAX <= (int)COMPARE_BATCH_PAGES &&
		   (int)COMPARE_BATCH_PAGES <= UINT16_MAX,
    "a place has room");

/* Of a page, in the files of sums and of tags. */
enum { ENTRY_BYTES = 16 };
_Static_assert(PAGE_SUM_BYTES == (int)ENTRY_BYTES &&
		   (int)PAGE_TAG_BYTES == (int)ENTRY_BYTES,
    "files of sums and of tags look alike");

static bool
has_parent_tags(const struct compare_batch *batch)
{
	const struct compare_tags *tags = &batch->options->tags;

	return tags->key != NULL && tags->parent_fd >= 0;
}

/* Of `count` pages from the first one on, those that the parent has, too. */
static size_t
parents_of(const struct compare_batch *batch, size_t count)
{
	uint32_t before = batch->first - 1;
	uint32_t pages = batch->options->parent_pages;

	if (before >= pages)
		return 0;
	return pages - before < count ? pages - before : count;
}

static int
read_parent(const struct compare_batch *batch, int fd, const char *name,
    uint8_t *ret_entries, struct err *err)
{
	size_t len = batch->parent_count * ENTRY_BYTES, got = 0;

	if (file_read_at(fd, ret_entries, len,
		(uint64_t)(batch->first - 1) * ENTRY_BYTES, name, &got,
		err) < 0)
		return -1;
	if (got < len)
		return err_set(err, ERR_FAILED, 0,
		    "%s became fewer while they were in use", name);
	return 0;
}

/* Whether page `i` of the batch has its parent's tag. */
static bool
is_known(const struct compare_batch *batch, size_t i)
{
	return has_parent_tags(batch) && i < batch->parent_count &&
	       memcmp(batch->tags + i * ENTRY_BYTES,
		   batch->parent_tags + i * ENTRY_BYTES, ENTRY_BYTES) == 0;
}

/* --- the worker's part --------------------------------------------------- */

/* Of pages that are kept: how many there are, from `k` on, that are (not) known. */
static size_t
run_of(const struct compare_batch *batch, size_t k, bool known)
{
	size_t end = k;

	while (end < batch->kept && is_known(batch, batch->place[end]) == known)
		end++;
	return end - k;
}

/* Pages that lie side by side are summed faster together (multi_buffer.h). */
static void
sum_run(struct compare_batch *batch, size_t k, size_t count)
{
	uint32_t page_size = batch->options->page_size;

	sha256_pages(batch->sha256, batch->pages + k * page_size, page_size,
	    count, batch->fresh + k * ENTRY_BYTES);
	for (size_t end = k + count; k < end; k++)
		memcpy(batch->sums + batch->place[k] * ENTRY_BYTES,
		    batch->fresh + k * ENTRY_BYTES, ENTRY_BYTES);
	batch->summed += (uint32_t)count;
}

/* What is known has its parent's sum. */
static void
sum_pages(struct compare_batch *batch)
{
	memcpy(
	    batch->sums, batch->parent_sums, batch->parent_count * ENTRY_BYTES);
	batch->summed = 0;
	for (size_t k = 0; k < batch->kept;) {
		k += run_of(batch, k, true);
		size_t unknown = run_of(batch, k, false);

		if (unknown > 0)
			sum_run(batch, k, unknown);
		k += unknown;
	}
}

/* Into the files of the new image. */
static int
write_entries(const struct compare_batch *batch, struct err *err)
{
	const struct compare_options *options = batch->options;
	size_t len = batch->count * ENTRY_BYTES;
	uint64_t at = (uint64_t)(batch->first - 1) * ENTRY_BYTES;
	struct err ignored; /* a tag that is not there costs a sum, later */

	if (options->tags.key != NULL)
		(void)file_write_at(options->tags.fd, batch->tags, len, at,
		    options->tags.name, &ignored);
	return file_write_at(
	    options->sums_fd, batch->sums, len, at, options->sums_name, err);
}

/* All pages are kept here, so that places and order are the same. */
static int
tag_pages(struct compare_batch *batch, struct err *err)
{
	const struct compare_options *options = batch->options;

	assert(batch->kept == batch->count);
	tagger_pages(batch->tagger, batch->first, batch->pages,
	    options->page_size, batch->count, batch->tags);
	return has_parent_tags(batch)
		   ? read_parent(batch, options->tags.parent_fd, parent_tags,
			 batch->parent_tags, err)
		   : 0;
}

static int
look_at(struct compare_batch *batch, struct err *err)
{
	batch->parent_count = parents_of(batch, batch->count);
	if (batch->tagger != NULL && tag_pages(batch, err) < 0)
		return -1;
	if (read_parent(batch, batch->options->parent_fd, parent_sums,
		batch->parent_sums, err) < 0)
		return -1;
	sum_pages(batch);
	return write_entries(batch, err);
}

static void
run_batch(struct task *task)
{
	struct compare_batch *batch = (struct compare_batch *)task;

	batch->err = (struct err){ .kind = ERR_NONE };
	(void)look_at(batch, &batch->err);
}

/* --- the caller's part --------------------------------------------------- */

int
compare_batch_init(struct compare_batch *batch,
    const struct compare_options *options, struct tagger *quick,
    struct err *err)
{
	const uint8_t *key = options->tags.key;
	size_t size = COMPARE_BATCH_PAGES * ENTRY_BYTES;

	batch->options = options;
	batch->quick = quick;
	batch->task.run = run_batch;
	batch->pages = malloc(COMPARE_BATCH_BYTES);
	batch->place = malloc(KEPT_MAX * sizeof(*batch->place));
	batch->sums = malloc(size);
	batch->tags = malloc(size);
	batch->parent_sums = malloc(size);
	batch->parent_tags = malloc(size);
	batch->fresh = malloc(KEPT_MAX * ENTRY_BYTES);
	if (batch->pages == NULL || batch->place == NULL ||
	    batch->sums == NULL || batch->tags == NULL ||
	    batch->parent_sums == NULL || batch->parent_tags == NULL ||
	    batch->fresh == NULL)
		return err_system(err, "get memory to compare pages");
	if (key != NULL && quick == NULL &&
	    tagger_new(key, &batch->tagger, err) < 0)
		return -1;
	return sha256_new(&batch->sha256, err);
}

void
compare_batch_free(struct compare_batch *batch)
{
	free(batch->pages);
	free(batch->place);
	free(batch->sums);
	free(batch->tags);
	free(batch->parent_sums);
	free(batch->parent_tags);
	free(batch->fresh);
	tagger_free(batch->tagger);
	sha256_free(batch->sha256);
}

int
compare_batch_begin(
    struct compare_batch *batch, uint32_t first, struct err *err)
{
	batch->first = first;
	batch->count = 0;
	batch->kept = 0;
	batch->parent_count = parents_of(batch, COMPARE_BATCH_PAGES);
	return batch->quick == NULL
		   ? 0
		   : read_parent(batch, batch->options->tags.parent_fd,
			 parent_tags, batch->parent_tags, err);
}

void
compare_batch_add(struct compare_batch *batch, const uint8_t *page)
{
	size_t page_size = batch->options->page_size;
	size_t i = batch->count++;

	if (batch->quick != NULL) {
		tagger_pages(batch->quick, batch->first + (uint32_t)i, page,
		    page_size, 1, batch->tags + i * ENTRY_BYTES);
		if (is_known(batch, i))
			return;
	}
	memcpy(batch->pages + batch->kept * page_size, page, page_size);
	batch->place[batch->kept++] = (uint16_t)i;
}

bool
compare_batch_is_full(const struct compare_batch *batch)
{
	return batch->count == COMPARE_BATCH_PAGES ||
	       batch->kept == COMPARE_BATCH_BYTES / batch->options->page_size;
}

int
compare_batch_give(const struct compare_batch *batch, struct err *err)
{
	const struct compare_options *options = batch->options;

	for (size_t k = 0; k < batch->kept; k++) {
		size_t i = batch->place[k];
		const uint8_t *sum = batch->sums + i * ENTRY_BYTES;

		if (i < batch->parent_count &&
		    memcmp(sum, batch->parent_sums + i * ENTRY_BYTES,
			ENTRY_BYTES) == 0)
			continue;
		if (options->changed(options->ctx, batch->first + (uint32_t)i,
			sum, batch->pages + k * options->page_size, err) < 0)
			return -1;
	}
	return 0;
}
