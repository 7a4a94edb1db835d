/*
 * The members of a tar stream, as our archives have them; the mirror of
 * tar_read.h.
 *
 * In:  a member's header, then its data; pages announced as pages.
 * Out: the bytes of the tar stream, in the open frame of a frame writer.
 * Always true: a page reaches its frame in one piece, and copied once.  Where
 *      frames are cut is the caller's, but for these: tar_writer_begin_sparse()
 *      and tar_writer_end() cut.
 * Memory: that of a header and the map of a sparse member, RUNS_MAX runs
 *      (about 12 MiB at the most).
 * One thread.  After an error only tar_writer_free() may be called.
 */
#ifndef ARCHIVE_TAR_WRITE_H
#define ARCHIVE_TAR_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "archive/frame_write.h"
#include "base/err.h"

struct tar_writer;

struct tar_write_options {
	struct frame_writer *frames; /* outlives the tar writer */
	const char *name; /* the database's: decides the format of headers */
	int64_t mtime; /* seconds; for all headers */
};

/* What the header of a member says. */
struct tar_write_member {
	const char *path;
	uint64_t size; /* of a sparse one: holes included */
	uint32_t uid, gid, mode;
};

/* A part of a sparse file that is stored, in bytes. */
struct tar_run {
	uint64_t offset;
	uint64_t len;
};

int tar_writer_new(const struct tar_write_options *options,
    struct tar_writer **ret_writer, struct err *err);
/* Gives the stream up: nothing more goes to the frames.  NULL is fine. */
void tar_writer_free(struct tar_writer *writer);
void tar_writer_auto(struct tar_writer **place);

int tar_writer_begin(struct tar_writer *writer,
    const struct tar_write_member *member, struct err *err);

/*
 * Begins a sparse file, and cuts: its header and map are a frame.  Up to
 * RUNS_MAX runs, in order, none touching the next.  A single run of the whole
 * size makes an ordinary member.
 */
int tar_writer_begin_sparse(struct tar_writer *writer,
    const struct tar_write_member *member, const struct tar_run *runs,
    size_t count, struct err *err);

/* Data of the member; of a sparse one only pages and holes. */
int tar_writer_add(
    struct tar_writer *writer, const void *bytes, size_t len, struct err *err);

/* The next page of the member; see frame_writer_add_page(). */
int tar_writer_page(struct tar_writer *writer, const uint8_t *page,
    size_t page_size, struct err *err);

/* Passes over the next `len` bytes of a sparse file, which are in no run. */
int tar_writer_hole(struct tar_writer *writer, uint64_t len, struct err *err);

/* Ends the member with its padding, and cuts. */
int tar_writer_end(struct tar_writer *writer, struct err *err);

/* Ends the last member and the tar stream, in the same frame; does not cut. */
int tar_writer_finish(struct tar_writer *writer, struct err *err);

#endif
