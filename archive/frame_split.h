/*
 * Where a zstd frame ends, and whether it is one that we accept, from its own
 * bytes and before anything is decoded (RFC 8878, 3.1.1).
 *
 * In:  the bytes of one frame, as many as were asked for, hostile.
 * Out: how many more are needed; at the end, the frame's exact size.
 * Always true of an accepted frame: it states its content size, 1 to
 *      FRAME_RAW_MAX; its window is at most 2^WINDOW_LOG_MAX; it has a
 *      checksum, no dictionary and no reserved bit; it is at most
 *      frame_stored_max() bytes.
 * Nothing here reads or allocates:
 *
 *     frame_split_begin(&split);
 *     while (!split.done) {
 *             ... make `split.need` bytes of the frame available ...
 *             frame_split_step(&split, frame, err);
 *     }
 */
#ifndef ARCHIVE_FRAME_SPLIT_H
#define ARCHIVE_FRAME_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Bytes that tell what kind of frame begins here. */
enum { FRAME_MAGIC_BYTES = 4 };

enum frame_kind {
	FRAME_ZSTD,
	FRAME_SEEK_TABLE, /* the skippable frame of the seekable format */
	FRAME_OTHER, /* any other skippable frame, or no frame at all */
};

struct frame_split {
	size_t need; /* so many bytes from its beginning must be there */
	bool done; /* they are the whole frame */
	size_t content; /* what it says that it holds; known when done */
	enum {
		FRAME_SPLIT_START,
		FRAME_SPLIT_FIELDS,
		FRAME_SPLIT_BLOCK,
		FRAME_SPLIT_END,
	} at; /* what the newest of them are */
};

enum frame_kind frame_kind(const uint8_t magic[FRAME_MAGIC_BYTES]);

/* The most bytes that an accepted frame may have. */
size_t frame_stored_max(void);

void frame_split_begin(struct frame_split *split);

/* Looks at frame[0 .. need); ERR_DAMAGED with the rule that it breaks. */
int frame_split_step(
    struct frame_split *split, const uint8_t *frame, struct err *err);

#endif
