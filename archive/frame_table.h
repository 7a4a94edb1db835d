/*
 * The frames of a regular file, found through its seek table: any of them
 * without those before it.
 *
 * In:  an archive, every byte of it hostile.
 * Out: where each frame lies, in order; and of those that are asked for the
 *      content.
 * Always true of a place: it lies before the seek table, and its sizes are
 *      those of a frame that we would accept.  After the last place: the frames
 *      fill the file up to the table.  Always true of content: the frame keeps
 *      the rules of frame_split.h, has the sizes that the table gives it, and
 *      its checksum was right.
 * What is wrong is ERR_DAMAGED.  Memory: a piece of the table, and one frame.
 * The file offset is left alone.  One thread.
 */
#ifndef ARCHIVE_FRAME_TABLE_H
#define ARCHIVE_FRAME_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct frame_table;

struct frame_place {
	uint64_t stored_offset; /* where it begins in the file */
	uint64_t raw_offset; /* ... in the tar stream */
	uint32_t stored; /* its bytes in the file */
	uint32_t raw; /* ... in the tar stream */
};

struct frame_content {
	const uint8_t *bytes; /* place->raw of them; lent until the next read */
	bool plain; /* it is stored as plain_frame.h says */
};

/* `name` is for messages and lives as long. */
int frame_table_new(
    int fd, const char *name, struct frame_table **ret_table, struct err *err);
void frame_table_free(struct frame_table *table);
void frame_table_auto(struct frame_table **place);

/* The next place; *ret_there: false behind the last one. */
int frame_table_next(struct frame_table *table, struct frame_place *ret_place,
    bool *ret_there, struct err *err);

int frame_table_read(struct frame_table *table, const struct frame_place *place,
    struct frame_content *ret_content, struct err *err);

#endif
