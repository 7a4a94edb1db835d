/*
 * Which pages changed: every page of the new image in, those that differ from
 * the parent's out.
 *
 * In:  the pages of the pinned state, in order, and the parent's page sums.
 * Out: the sums of all pages, in a file; each page whose sum is another than
 *      the parent's page of that number had, or that the parent had not, given
 *      to changed(), in order.
 * With a key there are page tags, too (base/page_tag.h): a page that has its
 * parent's tag is the parent's page, has its sum, and is not summed; every
 * other one is.  So a tag that is wrong costs a sum, and only one that is right
 * saves it.
 * Pages are summed and compared on workers, a batch at a time; those that can be
 * tagged as fast as copied are tagged by the thread that holds the database,
 * and the others, which it only copies, on workers, too.
 * Bound: COMPARE_BATCHES_PER_THREAD * threads + 2 batches of about 1.5 MiB.
 * All calls, and changed(), are on one thread.
 */
#ifndef BACKUP_COMPARE_H
#define BACKUP_COMPARE_H

#include <stdint.h>

#include "base/err.h"

struct compare;

struct compare_options {
	uint32_t page_size;
	int parent_fd; /* the parent's sums: PAGE_SUM_BYTES a page */
	uint32_t parent_pages; /* so many of them */
	int sums_fd; /* gets the new ones, from its beginning on */
	const char *sums_name; /* for messages */
	struct compare_tags {
		const uint8_t *key; /* PAGE_TAG_KEY_BYTES; NULL: no tags */
		int parent_fd; /* the parent's, PAGE_TAG_BYTES a page; -1:
				* there are none under this key */
		int fd; /* gets the new ones, from its beginning on, or,
			 * if that fails, not all of them */
		const char *name; /* for messages */
	} tags;
	unsigned threads; /* at least 1 */

	int (*changed)(void *ctx, uint32_t number, const uint8_t *sum,
	    const uint8_t *page, struct err *err);
	void *ctx;
};

int compare_new(const struct compare_options *options,
    struct compare **ret_compare, struct err *err);
void compare_free(struct compare *compare);
void compare_auto(struct compare **place);

/* The next page; if it is needed any longer it is copied. */
int compare_page(struct compare *compare, const uint8_t *page, struct err *err);

/* After the last page: all sums are in the file, all changes were given. */
int compare_finish(struct compare *compare, struct err *err);

/* Afterwards: so many pages were summed, and the others known by their tag. */
uint32_t compare_summed(const struct compare *compare);

#endif
