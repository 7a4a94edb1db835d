/*
 * A ring of batches: the owner's thread fills the newest, workers sum those
 * behind it and compare them with the parent's sums, and the owner retires the
 * oldest when the ring is full.  So changes come out in page order, whatever
 * the order in which batches are done, and only the owner's thread calls back.
 *
 * The parent's sums are read by the workers, each its own piece, out of a file
 * that is in the page cache mostly: 16 bytes for a page of 4 KiB.
 */
#include "backup/compare.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "archive/layout.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/sha256.h"

enum {
	COMPARE_BATCHES_PER_THREAD = 2,
	BATCH_BYTES = 1 << 20,
	BATCH_PAGES_MAX = BATCH_BYTES / PAGE_SIZE_MIN,
};
_Static_assert(BATCH_BYTES % PAGE_SIZE_MAX == 0, "batches hold whole pages");

static const char parent_name[] = "the parent's page sums";

struct batch {
	struct task task; /* first: the worker finds the batch by it */
	struct compare *compare;
	struct sha256 *sha256;
	uint8_t *pages; /* BATCH_BYTES */
	size_t count;
	uint32_t first; /* number of the first page, from 1 */

	/* The worker's answer, read after pool_wait(). */
	uint8_t *sums; /* of the pages */
	uint8_t *parent; /* of the parent's pages, as far as it has them */
	size_t parent_count;
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
};

/* Those of the batch's pages that the parent has, too. */
static int
read_parent(struct batch *batch, struct err *err)
{
	const struct compare_options *options = &batch->compare->options;
	uint32_t before = batch->first - 1;
	size_t got = 0;

	batch->parent_count = 0;
	if (before >= options->parent_pages)
		return 0;
	size_t count = options->parent_pages - before;
	if (count > batch->count)
		count = batch->count;
	size_t len = count * PAGE_SUM_BYTES;
	if (file_read_at(options->parent_fd, batch->parent, len,
		(uint64_t)before * PAGE_SUM_BYTES, parent_name, &got, err) < 0)
		return -1;
	if (got < len)
		return err_set(err, ERR_FAILED, 0,
		    "%s became fewer while they were in use", parent_name);
	batch->parent_count = count;
	return 0;
}

/* On a worker thread. */
static void
sum_batch(struct task *task)
{
	struct batch *batch = (struct batch *)task;
	const struct compare_options *options = &batch->compare->options;

	batch->err = (struct err){ .kind = ERR_NONE };
	sha256_pages(batch->sha256, batch->pages, options->page_size,
	    batch->count, batch->sums);
	(void)read_parent(batch, &batch->err);
}

static int
batch_init(struct batch *batch, struct compare *compare, struct err *err)
{
	batch->compare = compare;
	batch->task.run = sum_batch;
	batch->pages = malloc(BATCH_BYTES);
	batch->sums = malloc(BATCH_PAGES_MAX * PAGE_SUM_BYTES);
	batch->parent = malloc(BATCH_PAGES_MAX * PAGE_SUM_BYTES);
	if (batch->pages == NULL || batch->sums == NULL ||
	    batch->parent == NULL)
		return err_system(err, "get memory to compare pages");
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
	if (pool_new(options->threads, &compare->pool, err) < 0)
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
		free(compare->batch[i].parent);
		sha256_free(compare->batch[i].sha256);
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
		    memcmp(sum, batch->parent + i * PAGE_SUM_BYTES,
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
	const struct compare_options *options = &compare->options;
	struct batch *batch = batch_of(compare, compare->oldest);

	pool_wait(compare->pool, &batch->task);
	if (batch->err.kind != ERR_NONE) {
		*err = batch->err;
		return -1;
	}
	if (file_write_at(options->sums_fd, batch->sums,
		batch->count * PAGE_SUM_BYTES,
		(uint64_t)(batch->first - 1) * PAGE_SUM_BYTES,
		options->sums_name, err) < 0 ||
	    give_changes(compare, batch, err) < 0)
		return -1;
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
