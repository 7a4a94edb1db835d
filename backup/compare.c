/*
 * A ring of batches: the owner's thread fills the newest, workers tag and sum
 * those behind it and write that down, and the owner, who has the most to do,
 * only retires the oldest when the ring is full.  So changes come out in page
 * order, whatever the order in which batches are done, and only the owner's
 * thread calls back.
 *
 * The parent's sums and tags are read by the workers, each its own piece, out of
 * files that are in the page cache mostly: 16 bytes for a page of 4 KiB.
 */
#include "backup/compare.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "archive/layout.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/page_tag.h"
#include "base/pool.h"
#include "base/sha256.h"

enum {
	COMPARE_BATCHES_PER_THREAD = 2,
	BATCH_BYTES = 1 << 20,
	BATCH_PAGES_MAX = BATCH_BYTES / PAGE_SIZE_MIN,
};
_Static_assert(BATCH_BYTES % PAGE_SIZE_MAX == 0, "batches hold whole pages");

static const char parent_sums[] = "the parent's page sums";
static const char parent_tags[] = "the parent's page tags";

struct batch {
	struct task task; /* first: the worker finds the batch by it */
	struct compare *compare;
	struct sha256 *sha256;
	struct tagger *tagger; /* with a key */
	uint8_t *pages; /* BATCH_BYTES */
	size_t count;
	uint32_t first; /* number of the first page, from 1 */

	/* The worker's answer, read after pool_wait(). */
	uint8_t *sums; /* of the pages */
	uint8_t *tags; /* of the pages; with a key */
	uint8_t *parent_sums; /* of the parent's pages ... */
	uint8_t *parent_tags;
	size_t parent_count; /* ... as far as it has them */
	uint32_t summed; /* so many pages were */
	struct err err; /* reading them failed */
};

struct compare {
	struct compare_options options;
	struct pool *pool;
	size_t batch_pages;
	struct batch *batch;
	unsigned batch_count;
	uint64_t oldest; /* the first batch that was not retired */
	uint64_t newest; /* the one that is being filled */
	uint32_t pages; /* given so far */
	uint32_t summed; /* of those that were retired */
};

/* Of a page, in the files of sums and of tags. */
enum { ENTRY_BYTES = 16 };
_Static_assert(PAGE_SUM_BYTES == (int)ENTRY_BYTES &&
		   (int)PAGE_TAG_BYTES == (int)ENTRY_BYTES,
    "files of sums and of tags look alike");

static int
read_parent(const struct batch *batch, int fd, const char *name,
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

/* Those of the batch's pages that the parent has, too. */
static size_t
count_parent(const struct batch *batch)
{
	uint32_t before = batch->first - 1;
	uint32_t pages = batch->compare->options.parent_pages;

	if (before >= pages)
		return 0;
	return pages - before < batch->count ? pages - before : batch->count;
}

static bool
has_parent_tags(const struct compare *compare)
{
	const struct compare_tags *tags = &compare->options.tags;

	return tags->key != NULL && tags->parent_fd >= 0;
}

/* Whether page `i` of the batch is known to be the parent's. */
static bool
is_parents(const struct batch *batch, size_t i)
{
	return has_parent_tags(batch->compare) && i < batch->parent_count &&
	       memcmp(batch->tags + i * PAGE_TAG_BYTES,
		   batch->parent_tags + i * PAGE_TAG_BYTES,
		   PAGE_TAG_BYTES) == 0;
}

/* From page `i` of the batch: how many there are that are (not) the parent's. */
static size_t
run_of(const struct batch *batch, size_t i, bool parents)
{
	size_t end = i;

	while (end < batch->count && is_parents(batch, end) == parents)
		end++;
	return end - i;
}

/* Pages that lie side by side are summed faster together (multi_buffer.h). */
static void
sum_pages(struct batch *batch)
{
	uint32_t page_size = batch->compare->options.page_size;
	size_t i = 0;

	batch->summed = 0;
	while (i < batch->count) {
		size_t parents = run_of(batch, i, true);

		memcpy(batch->sums + i * PAGE_SUM_BYTES,
		    batch->parent_sums + i * PAGE_SUM_BYTES,
		    parents * PAGE_SUM_BYTES);
		i += parents;
		size_t others = run_of(batch, i, false);

		sha256_pages(batch->sha256, batch->pages + i * page_size,
		    page_size, others, batch->sums + i * PAGE_SUM_BYTES);
		i += others;
		batch->summed += (uint32_t)others;
	}
}

/* Into the files of the new image. */
static int
write_entries(const struct batch *batch, struct err *err)
{
	const struct compare_options *options = &batch->compare->options;
	size_t len = batch->count * ENTRY_BYTES;
	uint64_t at = (uint64_t)(batch->first - 1) * ENTRY_BYTES;
	struct err ignored; /* a tag that is not there costs a sum, later */

	if (options->tags.key != NULL)
		(void)file_write_at(options->tags.fd, batch->tags, len, at,
		    options->tags.name, &ignored);
	return file_write_at(
	    options->sums_fd, batch->sums, len, at, options->sums_name, err);
}

static int
look_at(struct batch *batch, struct err *err)
{
	const struct compare_options *options = &batch->compare->options;
	const struct compare_tags *tags = &options->tags;

	batch->parent_count = count_parent(batch);
	if (read_parent(batch, options->parent_fd, parent_sums,
		batch->parent_sums, err) < 0)
		return -1;
	if (has_parent_tags(batch->compare) &&
	    read_parent(batch, tags->parent_fd, parent_tags, batch->parent_tags,
		err) < 0)
		return -1;
	if (tags->key != NULL)
		tagger_pages(batch->tagger, batch->first, batch->pages,
		    options->page_size, batch->count, batch->tags);
	sum_pages(batch);
	return write_entries(batch, err);
}

/* On a worker thread. */
static void
run_batch(struct task *task)
{
	struct batch *batch = (struct batch *)task;

	batch->err = (struct err){ .kind = ERR_NONE };
	(void)look_at(batch, &batch->err);
}

static int
batch_init(struct batch *batch, struct compare *compare, struct err *err)
{
	const uint8_t *key = compare->options.tags.key;
	size_t size = BATCH_PAGES_MAX * ENTRY_BYTES;

	batch->compare = compare;
	batch->task.run = run_batch;
	batch->pages = malloc(BATCH_BYTES);
	batch->sums = malloc(size);
	batch->tags = malloc(size);
	batch->parent_sums = malloc(size);
	batch->parent_tags = malloc(size);
	if (batch->pages == NULL || batch->sums == NULL ||
	    batch->tags == NULL || batch->parent_sums == NULL ||
	    batch->parent_tags == NULL)
		return err_system(err, "get memory to compare pages");
	if (key != NULL && tagger_new(key, &batch->tagger, err) < 0)
		return -1;
	return sha256_new(&batch->sha256, err);
}

int
compare_new(const struct compare_options *options, struct compare **ret_compare,
    struct err *err)
{
	AUTO(compare) struct compare *compare = calloc(1, sizeof(*compare));
	unsigned count = COMPARE_BATCHES_PER_THREAD * options->threads + 2;

	assert(options->threads > 0);
	assert(options->page_size >= PAGE_SIZE_MIN &&
	       options->page_size <= PAGE_SIZE_MAX);
	if (compare == NULL)
		return err_system(err, "begin to compare pages");
	compare->options = *options;
	compare->batch_pages = BATCH_BYTES / options->page_size;
	compare->batch = calloc(count, sizeof(*compare->batch));
	if (compare->batch == NULL)
		return err_system(err, "get memory to compare pages");
	compare->batch_count = count;
	for (unsigned i = 0; i < count; i++) {
		if (batch_init(&compare->batch[i], compare, err) < 0)
			return -1;
	}
	if (pool_new(options->threads, POOL_BEHIND, &compare->pool, err) < 0)
		return -1;
	*ret_compare = take_ptr(&compare);
	return 0;
}

void
compare_free(struct compare *compare)
{
	if (compare == NULL)
		return;
	/* First: it waits for the workers, who use all the rest. */
	pool_free(compare->pool);
	for (unsigned i = 0; i < compare->batch_count; i++) {
		free(compare->batch[i].pages);
		free(compare->batch[i].sums);
		free(compare->batch[i].tags);
		free(compare->batch[i].parent_sums);
		free(compare->batch[i].parent_tags);
		sha256_free(compare->batch[i].sha256);
		tagger_free(compare->batch[i].tagger);
	}
	free(compare->batch);
	free(compare);
}

void
compare_auto(struct compare **place)
{
	compare_free(*place);
}

static struct batch *
batch_of(struct compare *compare, uint64_t number)
{
	return &compare->batch[number % compare->batch_count];
}

static int
give_changes(
    const struct compare *compare, const struct batch *batch, struct err *err)
{
	const struct compare_options *options = &compare->options;

	for (size_t i = 0; i < batch->count; i++) {
		const uint8_t *sum = batch->sums + i * PAGE_SUM_BYTES;

		if (i < batch->parent_count &&
		    memcmp(sum, batch->parent_sums + i * PAGE_SUM_BYTES,
			PAGE_SUM_BYTES) == 0)
			continue;
		if (options->changed(options->ctx, batch->first + (uint32_t)i,
			sum, batch->pages + i * options->page_size, err) < 0)
			return -1;
	}
	return 0;
}

/* The oldest batch leaves the ring. */
static int
retire_oldest(struct compare *compare, struct err *err)
{
	struct batch *batch = batch_of(compare, compare->oldest);

	pool_wait(compare->pool, &batch->task);
	if (batch->err.kind != ERR_NONE) {
		*err = batch->err;
		return -1;
	}
	if (give_changes(compare, batch, err) < 0)
		return -1;
	compare->summed += batch->summed;
	batch->count = 0;
	compare->oldest++;
	return 0;
}

/* The batch that is being filled goes to the workers. */
static void
hand_over(struct compare *compare)
{
	pool_submit(compare->pool, &batch_of(compare, compare->newest)->task);
	compare->newest++;
}

int
compare_page(struct compare *compare, const uint8_t *page, struct err *err)
{
	size_t page_size = compare->options.page_size;

	if (compare->newest - compare->oldest == compare->batch_count &&
	    retire_oldest(compare, err) < 0)
		return -1;
	struct batch *batch = batch_of(compare, compare->newest);
	if (batch->count == 0)
		batch->first = compare->pages + 1;
	memcpy(batch->pages + batch->count * page_size, page, page_size);
	batch->count++;
	compare->pages++;
	if (batch->count == compare->batch_pages)
		hand_over(compare);
	return 0;
}

int
compare_finish(struct compare *compare, struct err *err)
{
	bool full = compare->newest - compare->oldest == compare->batch_count;

	if (!full && batch_of(compare, compare->newest)->count > 0)
		hand_over(compare);
	while (compare->oldest < compare->newest) {
		if (retire_oldest(compare, err) < 0)
			return -1;
	}
	return 0;
}

uint32_t
compare_summed(const struct compare *compare)
{
	return compare->summed;
}
