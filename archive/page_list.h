/*
 * Numbers and sums of the pages that an increment stores, in ascending order:
 * the content of its sums member.  20 bytes a page, in an unlinked file.  One
 * thread.
 */
#ifndef ARCHIVE_PAGE_LIST_H
#define ARCHIVE_PAGE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"

enum {
	/* The page's number (little-endian), then its sum. */
	PAGE_ENTRY_NUMBER = 4,
	PAGE_ENTRY_BYTES = PAGE_ENTRY_NUMBER + PAGE_SUM_BYTES,
};

struct page_list;

int
page_list_new(const char *folder, struct page_list **ret_list, struct err *err);
void page_list_free(struct page_list *list);
void page_list_auto(struct page_list **place);

/* `number` is greater than all before it. */
int page_list_add(struct page_list *list, uint32_t number,
    const uint8_t sum[PAGE_SUM_BYTES], struct err *err);

/* Entries in it. */
uint32_t page_list_count(const struct page_list *list);

/*
 * Up to `count` entries from index `first` on, as PAGE_ENTRY_BYTES each;
 * *ret_count < count only at the end.
 */
int page_list_read(struct page_list *list, uint32_t first, uint32_t count,
    uint8_t *ret_entries, uint32_t *ret_count, struct err *err);

#endif
