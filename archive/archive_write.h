/*
 * Writes a full archive of one database: pages in, a .tar.zst out.
 *
 * Order of calls, from one thread: archive_writer_new(), archive_writer_page()
 * for every page from 1 to page_count, archive_writer_seal(), then
 * archive_writer_finish().  Nothing here flushes or renames: the bytes are in
 * `fd` after the last call and their fate is the caller's.  Memory does not
 * grow with the database: page sums rest in an unlinked file.
 */
#ifndef ARCHIVE_ARCHIVE_WRITE_H
#define ARCHIVE_ARCHIVE_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/detached.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"

struct archive_writer;

struct archive_write_options {
	int fd; /* regular file or pipe, at its beginning */
	const char *name; /* of fd, for messages */
	const char *scratch; /* folder for unlinked scratch files */
	int level;
	unsigned threads;
	bool image_sha256; /* also sum the whole image */
	struct work *work; /* may be NULL */

	const char *member; /* the database's name; passed name_check() */
	uint32_t page_size;
	uint32_t page_count;
	uint32_t uid, gid, mode; /* for the image's tar header */
	int64_t mtime; /* seconds; for all tar headers */
};

int archive_writer_new(const struct archive_write_options *options,
    struct archive_writer **ret_writer, struct err *err);
void archive_writer_free(struct archive_writer *writer);
void archive_writer_auto(struct archive_writer **place);

/* The next page, page_size bytes. */
int archive_writer_page(
    struct archive_writer *writer, const uint8_t *page, struct err *err);

/*
 * All pages were given: stores the sums member.  Fills, in *manifest: the
 * database's pages_stored, root, image digest and offsets.
 */
int archive_writer_seal(
    struct archive_writer *writer, struct manifest *manifest, struct err *err);

/*
 * Fills stored_bytes and stored_sha256 in *manifest, stores the manifest, the
 * end of the tar stream and the seek table.  *ret_file: the archive as a file.
 */
int archive_writer_finish(struct archive_writer *writer,
    struct manifest *manifest, struct stored_file *ret_file, struct err *err);

#endif
