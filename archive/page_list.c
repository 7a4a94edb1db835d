/*
 * Entries gather in a block and go to the file when it is full, or before
 * anything is read.
 */
#include "archive/page_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"

enum { BLOCK_ENTRIES = 1024 };

static const char scratch_name[] = "the scratch file of changed pages";

struct page_list {
	int fd;
	uint32_t count;
	uint32_t written; /* of them, in the file */
	uint32_t newest; /* number of the page added last */
	uint8_t block[BLOCK_ENTRIES * PAGE_ENTRY_BYTES]; /* the others */
};

int
page_list_new(const char *folder, struct page_list **ret_list, struct err *err)
{
	AUTO(page_list) struct page_list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return err_system(err, "begin a list of pages");
	list->fd = -1;
	if (file_scratch(folder, &list->fd, err) < 0)
		return -1;
	*ret_list = take_ptr(&list);
	return 0;
}

void
page_list_free(struct page_list *list)
{
	if (list == NULL)
		return;
	fd_auto(&list->fd);
	free(list);
}

void
page_list_auto(struct page_list **place)
{
	page_list_free(*place);
}

static int
spill(struct page_list *list, struct err *err)
{
	size_t held = list->count - list->written;

	if (file_write_at(list->fd, list->block, held * PAGE_ENTRY_BYTES,
		(uint64_t)list->written * PAGE_ENTRY_BYTES, scratch_name,
		err) < 0)
		return -1;
	list->written = list->count;
	return 0;
}

int
page_list_add(struct page_list *list, uint32_t number,
    const uint8_t sum[PAGE_SUM_BYTES], struct err *err)
{
	assert(number > list->newest);
	uint8_t *entry =
	    list->block + (list->count - list->written) * PAGE_ENTRY_BYTES;
	put_le32(entry, number);
	memcpy(entry + PAGE_ENTRY_NUMBER, sum, PAGE_SUM_BYTES);
	list->newest = number;
	list->count++;
	if (list->count - list->written == BLOCK_ENTRIES)
		return spill(list, err);
	return 0;
}

uint32_t
page_list_count(const struct page_list *list)
{
	return list->count;
}

int
page_list_read(struct page_list *list, uint32_t first, uint32_t count,
    uint8_t *ret_entries, uint32_t *ret_count, struct err *err)
{
	uint32_t there = first < list->count ? list->count - first : 0;
	size_t got = 0;

	if (count > there)
		count = there;
	size_t len = (size_t)count * PAGE_ENTRY_BYTES;
	if (spill(list, err) < 0 || file_read_at(list->fd, ret_entries, len,
					(uint64_t)first * PAGE_ENTRY_BYTES,
					scratch_name, &got, err) < 0)
		return -1;
	if (got < len)
		return err_set(err, ERR_FAILED, 0,
		    "%s became shorter while it was in use", scratch_name);
	*ret_count = count;
	return 0;
}
