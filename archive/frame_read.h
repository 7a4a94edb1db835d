/*
 * zstd frames in, raw bytes out: decoded by several threads, delivered in
 * order.  The mirror of frame_write.h; file and pipe are read the same way,
 * from front to back.
 *
 * In:  an archive's bytes, every one of them hostile.
 * Out: one decoded frame after the other.  Always true of a delivered frame:
 *      it keeps the rules of frame_split.h, decoded to exactly the size that
 *      it states, and its checksum was right.
 * At the end: the seek table was compared byte for byte with what was counted
 *      here, and nothing followed it.
 * Bound: as in frame_write.h.  All calls come from one thread.
 * Everything that is wrong with the bytes is ERR_DAMAGED and says where: the
 * frame's number and its offset in the file.  It is told after all frames
 * before it were delivered.  After an error only frame_reader_free() may be
 * called.
 */
#ifndef ARCHIVE_FRAME_READ_H
#define ARCHIVE_FRAME_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/layout.h"
#include "archive/page_list.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/work.h"

enum { FRAME_PAGES_MAX = FRAME_RAW_MAX / PAGE_SIZE_MIN };

struct frame_reader;

struct frame_read_options {
	int fd; /* at the archive's beginning; the caller's */
	const char *name; /* of fd, for errors of the system; lives as long */
	const char *scratch; /* folder for the seek table's spill file */
	unsigned threads; /* at least 1 */
	struct work *work; /* gets stored bytes as done; may be NULL */
};

/*
 * A decoded frame, lent to the caller until the next call of
 * frame_reader_next(); and longer while `task` is at work: the frame's buffer
 * is not used again before that task is idle.  The task is free for the
 * caller's own parallel work on these bytes, see frame_reader_pool().
 */
struct frame {
	uint64_t number; /* 0, 1, 2, ... */
	uint64_t stored_offset; /* where it begins in the file */
	uint64_t raw_offset; /* where it begins in the tar stream */
	uint8_t *bytes;
	size_t len;
	bool plain; /* it is stored as plain_frame.h says */
	struct task task;
	/* Room for what the task needs; the caller's. */
	struct frame_job {
		void *ctx;
		const uint8_t *pages;
		size_t count;
		uint64_t first;
		struct sha256 *sha256; /* a stream for each frame */
		uint32_t numbers[FRAME_PAGES_MAX];
		uint8_t sums[FRAME_PAGES_MAX * PAGE_SUM_BYTES];
		uint8_t entries[FRAME_PAGES_MAX * PAGE_ENTRY_BYTES];
	} job;
};

int frame_reader_new(const struct frame_read_options *options,
    struct frame_reader **ret_reader, struct err *err);
/* Waits for all tasks, the caller's too.  NULL is fine. */
void frame_reader_free(struct frame_reader *reader);
void frame_reader_auto(struct frame_reader **place);

/* The next frame, or NULL when the seek table and the end were reached. */
int frame_reader_next(
    struct frame_reader *reader, struct frame **ret_frame, struct err *err);

/* Stored bytes read so far: all of them once the end was reached. */
uint64_t frame_reader_stored(const struct frame_reader *reader);

/* The pool that decodes, for the caller's tasks. */
struct pool *frame_reader_pool(struct frame_reader *reader);

/* Waits until the tasks that the caller gave to frames are idle. */
void frame_reader_settle(struct frame_reader *reader);

/*
 * Digest of all stored bytes before the frame that was delivered last; of all
 * of them once the end was reached.
 */
void frame_reader_stored_sha256(
    const struct frame_reader *reader, uint8_t ret_digest[SHA256_BYTES]);

struct frame_last {
	uint8_t *bytes; /* the caller's to free */
	size_t len;
	uint64_t stored_offset; /* where it begins in the file */
	uint64_t raw_offset; /* ... in the tar stream, says the seek table */
};

/*
 * For a regular file: finds the last frame, which must be plain, through the
 * seek table alone and decodes it into memory, without reading the rest.
 * Leaves the file offset alone.
 */
int frame_read_last(
    int fd, const char *name, struct frame_last *ret_last, struct err *err);

#endif
