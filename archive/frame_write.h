/*
 * Raw bytes in, zstd frames out: compressed by several threads, stored in
 * order.
 *
 * In:  the bytes of the tar stream, with a cut wherever a frame must end.
 * Out: independent zstd frames (content size and checksum on) in `fd`, in
 *      order; their sizes in a seek table; the SHA-256 of all stored bytes;
 *      and, for what was announced as pages, their page sums, in order.
 * Bound: SLOTS_PER_THREAD * threads + 2 slots of one raw and one compressed
 *      frame (about 4.2 MiB each), and one zstd context for each thread's
 *      worth of slots in flight.
 * All calls come from one thread; compression and sums run on workers.  After
 * an error only frame_writer_free() may be called.
 */
#ifndef ARCHIVE_FRAME_WRITE_H
#define ARCHIVE_FRAME_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "archive/seek_table.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/work.h"

struct frame_writer;

struct frame_write_options {
	int fd; /* regular file or pipe; stays the caller's */
	const char *name; /* of fd, for messages; lives as long */
	const char *scratch; /* folder for the seek table's spill file */
	int level; /* zstd, 1 to 19 */
	unsigned threads; /* at least 1 */
	const struct work *work; /* asked for each frame; may be NULL */

	/* Gets the sums of pages, PAGE_SUM_BYTES each, in page order, on the
	 * caller's thread.  NULL when no pages are announced. */
	int (*sums)(
	    void *ctx, const uint8_t *sums, size_t count, struct err *err);
	void *sums_ctx;
};

int frame_writer_new(const struct frame_write_options *options,
    struct frame_writer **ret_writer, struct err *err);
/* Waits for the workers, drops what was not stored.  NULL is fine. */
void frame_writer_free(struct frame_writer *writer);
void frame_writer_auto(struct frame_writer **place);

/*
 * Appends to the open frame.  A frame that would exceed FRAME_RAW_MAX is a
 * programming error: the caller cuts.
 */
int frame_writer_add(struct frame_writer *writer, const void *bytes, size_t len,
    struct err *err);

/*
 * As frame_writer_add(), for one page: its sum is wanted.  Pages of one frame
 * have one size and lie together.
 */
int frame_writer_add_page(struct frame_writer *writer, const uint8_t *page,
    size_t page_size, struct err *err);

/* Ends the open frame; nothing happens when it is empty. */
void frame_writer_cut(struct frame_writer *writer);

/* As frame_writer_cut(); the frame is stored plain, see plain_frame.h. */
void frame_writer_cut_plain(struct frame_writer *writer);

/* Cuts, and waits until all frames are stored and all sums handed over. */
int frame_writer_drain(struct frame_writer *writer, struct err *err);

/* Raw bytes appended so far: the position in the tar stream. */
uint64_t frame_writer_raw(const struct frame_writer *writer);

/*
 * Stored bytes so far, and their digest; only directly after a drain or the
 * end.
 */
uint64_t frame_writer_stored(const struct frame_writer *writer);
void frame_writer_stored_sha256(
    const struct frame_writer *writer, uint8_t ret_digest[SHA256_BYTES]);

/* Drains, then stores the seek table.  The last call. */
int frame_writer_finish(struct frame_writer *writer, struct err *err);

#endif
