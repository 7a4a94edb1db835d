/*
 * Frames as they are stored, one behind the other, and the seek table that
 * counts them; good ones, and others.
 */
#ifndef TESTS_SUPPORT_FORGE_FRAME_H
#define TESTS_SUPPORT_FORGE_FRAME_H

#include <stdbool.h>

#include "tests/support/forge/bytes.h"

/* What is written, and the seek table's entries. */
struct frames {
	struct bytes out, table;
};

/* All zeros is a good frame. */
struct frame_fault {
	int window; /* it needs one of 2^window bytes */
	bool dictionary; /* it needs one */
	bool bare; /* it has no checksum */
};

void frame_store(struct frames *frames, const struct bytes *raw,
    const struct frame_fault *fault);

/* A frame of raw blocks, as the last one must be. */
void frame_store_plain(struct frames *frames, const struct bytes *raw);

/* One frame of so many zeros; a liar says that it holds a thousand. */
void frame_store_bomb(struct frames *frames, uint64_t zeros, bool liar);

/*
 * The seek table.  Where it lies, `entry` is the frame of which it says that
 * `entry_bytes` are stored, and `frames` how many it says there are; -1: true.
 */
struct table_lie {
	long entry, entry_bytes, frames;
};
void frame_store_table(struct frames *frames, const struct table_lie *lie);

#endif
