/*
 * A ring of batches: the owner's thread fills the newest, workers look at those
 * behind it, and the owner, who has the most to do, only retires the oldest
 * when the ring is full.  So changes come out in page order, whatever the order
 * in which batches are done, and only the owner's thread calls back.
 */
#include "backup/compare.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "archive/layout.h"
#include "backup/compare_batch.h"
#include "base/auto.h"
#include "base/page_tag.h"
#include "base/pool.h"

enum { COMPARE_BATCHES_PER_THREAD = 2 };

struct compare {
	struct compare_options options;
	struct pool *pool;
	struct tagger *quick; /* NULL: workers tag, if anybody does */
	struct compare_batch *batch;
	unsigned batch_count;
	uint64_t oldest; /* the first batch that was not retired */
	uint64_t newest; /* the one that is being filled */
	bool filling; /* there is something in it */
	uint32_t pages; /* given so far */
	uint32_t summed; /* of those that were retired */
};

/* Without the parent's tags every page is kept, and workers have the time. */
static int
find_quick_tagger(struct compare *compare, struct err *err)
{
	const struct compare_tags *tags = &compare->options.tags;
	AUTO(tagger) struct tagger *tagger = NULL;

	if (tags->key == NULL || tags->parent_fd < 0)
		return 0;
	if (tagger_new(tags->key, &tagger, err) < 0)
		return -1;
	if (tagger_is_quick(tagger))
		compare->quick = take_ptr(&tagger);
	return 0;
}

static int
make_batches(struct compare *compare, struct err *err)
{
	unsigned count =
	    COMPARE_BATCHES_PER_THREAD * compare->options.threads + 2;

	compare->batch = calloc(count, sizeof(*compare->batch));
	if (compare->batch == NULL)
		return err_system(err, "get memory to compare pages");
	compare->batch_count = count;
	for (unsigned i = 0; i < count; i++)
		if (compare_batch_init(&compare->batch[i], &compare->options,
			compare->quick, err) < 0)
			return -1;
	return 0;
}

int
compare_new(const struct compare_options *options, struct compare **ret_compare,
    struct err *err)
{
	AUTO(compare) struct compare *compare = calloc(1, sizeof(*compare));

	assert(options->threads > 0);
	assert(options->page_size >= PAGE_SIZE_MIN &&
	       options->page_size <= PAGE_SIZE_MAX);
	if (compare == NULL)
		return err_system(err, "begin to compare pages");
	compare->options = *options;
	if (find_quick_tagger(compare, err) < 0 ||
	    make_batches(compare, err) < 0 ||
	    pool_new(options->threads, POOL_BEHIND, &compare->pool, err) < 0)
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
	for (unsigned i = 0; i < compare->batch_count; i++)
		compare_batch_free(&compare->batch[i]);
	free(compare->batch);
	tagger_free(compare->quick);
	free(compare);
}

void
compare_auto(struct compare **place)
{
	compare_free(*place);
}

static struct compare_batch *
batch_of(struct compare *compare, uint64_t number)
{
	return &compare->batch[number % compare->batch_count];
}

/* The oldest batch leaves the ring. */
static int
retire_oldest(struct compare *compare, struct err *err)
{
	struct compare_batch *batch = batch_of(compare, compare->oldest);

	pool_wait(compare->pool, &batch->task);
	if (batch->err.kind != ERR_NONE) {
		*err = batch->err;
		return -1;
	}
	if (compare_batch_give(batch, err) < 0)
		return -1;
	compare->summed += batch->summed;
	compare->oldest++;
	return 0;
}

/* Sees to it that there is one to fill; the ring may have to make room. */
static int
open_batch(struct compare *compare, struct err *err)
{
	if (compare->filling)
		return 0;
	if (compare->newest - compare->oldest == compare->batch_count &&
	    retire_oldest(compare, err) < 0)
		return -1;
	if (compare_batch_begin(batch_of(compare, compare->newest),
		compare->pages + 1, err) < 0)
		return -1;
	compare->filling = true;
	return 0;
}

/* The batch that is being filled goes to the workers. */
static void
hand_over(struct compare *compare)
{
	pool_submit(compare->pool, &batch_of(compare, compare->newest)->task);
	compare->newest++;
	compare->filling = false;
}

int
compare_page(struct compare *compare, const uint8_t *page, struct err *err)
{
	if (open_batch(compare, err) < 0)
		return -1;
	struct compare_batch *batch = batch_of(compare, compare->newest);
	compare_batch_add(batch, page);
	compare->pages++;
	if (compare_batch_is_full(batch))
		hand_over(compare);
	return 0;
}

int
compare_finish(struct compare *compare, struct err *err)
{
	if (compare->filling)
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
