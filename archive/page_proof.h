/*
 * Proves the pages of an image against their stored sums.
 *
 * In:  pages as they lie in frames, in order; then the stored sums, in order.
 * Out: each page handed to its place; how many pages have another sum than
 *      the stored one, and the numbers of the first of them.
 * Pages are summed and placed by the frame reader's workers; the computed sums
 * rest in an unlinked file until the stored ones come.  All calls come from
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

/* `read` lives as long: its scratch folder and its place(). */
int page_proof_new(const struct archive_read_options *read, uint32_t page_size,
    struct page_proof **ret_proof, struct err *err);
/* Only when the frames' tasks are idle: settled, or their reader is gone. */
void page_proof_free(struct page_proof *proof);
void page_proof_auto(struct page_proof **place);

/*
 * The pages in the frame that was delivered last: whole ones, one run of them
 * in a frame.  Returns before they are summed or placed; what went wrong with
 * earlier ones may be told here.
 */
int page_proof_add(struct page_proof *proof, struct frame_reader *frames,
    struct frame *frame, const uint8_t *pages, size_t len, struct err *err);

/* Waits until all pages were summed and placed. */
int page_proof_settle(
    struct page_proof *proof, struct frame_reader *frames, struct err *err);

/* The next stored sums, after settling; bad pages are added to *contents. */
int page_proof_compare(struct page_proof *proof, const uint8_t *sums,
    size_t len, struct archive_contents *contents, struct err *err);

#endif
