/*
 * The seek table is walked to its end, which proves that it fits the file; its
 * last entry is what we came for.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/frame_read.h"
#include "archive/frame_table.h"
#include "base/auto.h"

static int
find_last(
    struct frame_table *table, struct frame_place *ret_place, struct err *err)
{
	bool there = true;

	while (there) {
		if (frame_table_next(table, ret_place, &there, err) < 0)
			return -1;
	}
	return 0;
}

int
frame_read_last(
    int fd, const char *name, struct frame_last *ret_last, struct err *err)
{
	AUTO(frame_table) struct frame_table *table = NULL;
	struct frame_place place = { 0 };
	struct frame_content content = { 0 };

	if (frame_table_new(fd, name, &table, err) < 0 ||
	    find_last(table, &place, err) < 0 ||
	    frame_table_read(table, &place, &content, err) < 0)
		return -1;
	if (!content.plain)
		return err_set(err, ERR_DAMAGED, 0,
		    "the last frame, at byte %llu: it is not stored raw, as "
		    "the format demands of the last one",
		    (unsigned long long)place.stored_offset);
	AUTO(free) uint8_t *bytes = malloc(place.raw);
	if (bytes == NULL)
		return err_system(err, "read the last frame of '%s'", name);
	memcpy(bytes, content.bytes, place.raw);
	*ret_last = (struct frame_last){
		.bytes = take_ptr(&bytes),
		.len = place.raw,
		.stored_offset = place.stored_offset,
		.raw_offset = place.raw_offset,
	};
	return 0;
}
