/*
 * A batch of pages on its way through compare.c: filled by the thread that
 * holds the database, worked on by a worker, and given back to that thread.
 *
 * A page that has its parent's tag is known.  Who can tag a page as fast as it
 * can be copied (tagger_is_quick()) tags it while it is still at hand, and a
 * known page goes no further: only its number counts.  Else every page is kept,
 * and the worker tags it.
 *
 * For compare.c only.
 */
#ifndef BACKUP_COMPARE_BATCH_H
#define BACKUP_COMPARE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/page_tag.h"
#include "base/pool.h"
#include "base/sha256.h"

struct compare_options;

enum {
	COMPARE_BATCH_BYTES = 1 << 20, /* of pages that are kept */
	COMPARE_BATCH_PAGES = 4096, /* kept or not */
};

struct compare_batch {
	struct task task; /* first: the worker finds the batch by it */
	const struct compare_options *options;
	struct tagger *quick; /* the caller's; NULL: the worker tags */
	struct tagger *tagger; /* the worker's */
	struct sha256 *sha256;

	uint32_t first; /* number of the first page, from 1 */
	size_t count; /* of pages */
	size_t parent_count; /* the first of them, which the parent has, too */

	size_t kept;
	uint8_t *pages; /* those that are kept, one behind the other */
	uint16_t *place; /* of each of them: the how manieth of the batch */

	/* An entry for each page of the batch; the worker's but for tags. */
	uint8_t *sums;
	uint8_t *tags;
	uint8_t *parent_sums;
	uint8_t *parent_tags;
	uint8_t *fresh; /* sums of pages that are kept, by their order there */

	/* The worker's answer, read when its task was waited for. */
	uint32_t summed; /* so many pages were */
	struct err err;
};

/* `quick`: NULL, or outlives the batch.  After a failure, free it all the same. */
int compare_batch_init(struct compare_batch *batch,
    const struct compare_options *options, struct tagger *quick,
    struct err *err);
void compare_batch_free(struct compare_batch *batch);

/* Empty, for pages from number `first` on. */
int compare_batch_begin(
    struct compare_batch *batch, uint32_t first, struct err *err);

/* The next page; only while it is not full. */
void compare_batch_add(struct compare_batch *batch, const uint8_t *page);
bool compare_batch_is_full(const struct compare_batch *batch);

/* Those whose sum is not the parent's go to options->changed(), in order. */
int compare_batch_give(const struct compare_batch *batch, struct err *err);

#endif
