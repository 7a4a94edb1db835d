/*
 * Proves pages against their stored sums.
 *
 * In:  pages with their numbers as they lie in frames, in ascending order; then
 *      what was stored of them, in the same order: a sum for each page of an
 *      image, or an entry of a page list for each page of an increment.
 * Out: each page handed to its place; how many pages have another sum than
 *      the stored one, and the numbers of the first of them.
 * Pages are summed and placed by the frame reader's workers; what must be
 * stored of them rests in an unlinked file until it comes.  All calls come from
 * one thread.
 */
#ifndef ARCHIVE_PAGE_PROOF_H
#define ARCHIVE_PAGE_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "archive/archive_read.h"
#include "archive/frame_read.h"
#include "base/err.h"

struct page_proof;

struct page_proof_options {
	struct frame_reader *frames; /* as long as pages are added */
	const char *scratch; /* folder for an unlinked scratch file */
	/* As that of archive_read_options; NULL: pages are only proved. */
	int (*place)(
	    void *ctx, const struct page_batch *batch, struct err *err);
	void *place_ctx;
	uint8_t database; /* its place in the archive, for bad pages */
	uint32_t page_size;
	uint32_t page_count; /* no page has a higher number */
	/* Stored of a page: PAGE_SUM_BYTES, or PAGE_ENTRY_BYTES. */
	uint32_t entry_bytes;
};

int page_proof_new(const struct page_proof_options *options,
    struct page_proof **ret_proof, struct err *err);
/* Only when the frames' tasks are idle: settled, or their reader is gone. */
void page_proof_free(struct page_proof *proof);
void page_proof_auto(struct page_proof **place);

/*
 * Pages in the frame that was delivered last: whole ones, `number` and those
 * that follow it, right behind what was added of that frame before.
 */
int page_proof_add(struct page_proof *proof, struct frame *frame,
    uint32_t number, const uint8_t *pages, size_t len, struct err *err);

/*
 * Before the next frame is delivered: begins to sum and place what was added.
 * Returns before that is done; what went wrong with earlier pages may be told
 * here.
 */
int page_proof_flush(struct page_proof *proof, struct err *err);

/* Waits until all pages were summed and placed. */
int page_proof_settle(struct page_proof *proof, struct err *err);

/* So many pages were added. */
uint32_t page_proof_pages(const struct page_proof *proof);

/*
 * What is stored of the next pages, after settling; bad pages are added to
 * *contents.  Numbers of other pages are ERR_DAMAGED.
 */
int page_proof_compare(struct page_proof *proof, const uint8_t *stored,
    size_t len, struct archive_contents *contents, struct err *err);

#endif
