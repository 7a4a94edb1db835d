/*
 * Writes the whole of a database into an archive: pages in, a .tar.zst out.
 *
 * Order of calls, from one thread: archive_writer_new(), archive_writer_page()
 * for every page from 1 to page_count, archive_writer_seal(), then
 * archive_writer_finish(), or with other databases in the same archive
 * archive_stream_finish().  Nothing here flushes or renames: the bytes are in
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

struct archive_stream;
struct archive_writer;

struct archive_write_options {
	/* The archive.  NULL: a new one, by the options that follow; it is the
	 * writer's then and holds one database. */
	struct archive_stream *stream;
	int fd; /* regular file or pipe, at its beginning */
	const char *name; /* of fd, for messages */
	const char *scratch; /* folder for unlinked scratch files */
	int level;
	unsigned threads;
	struct work *work; /* may be NULL */
	int64_t mtime; /* seconds; for all tar headers */

	/* The database in it. */
	bool image_sha256; /* also sum the whole image */
	const char *member; /* the database's name; passed name_check() */
	uint32_t page_size;
	uint32_t page_count;
	uint32_t uid, gid, mode; /* for the image's tar header */
};

int archive_writer_new(const struct archive_write_options *options,
    struct archive_writer **ret_writer, struct err *err);
void archive_writer_free(struct archive_writer *writer);
void archive_writer_auto(struct archive_writer **place);

/* The next page, page_size bytes. */
int archive_writer_page(
    struct archive_writer *writer, const uint8_t *page, struct err *err);

/*
 * All pages were given: stores the sums member.  Fills, in *database:
 * pages_stored, root, image digest and offsets.
 */
int archive_writer_seal(struct archive_writer *writer,
    struct manifest_database *database, struct err *err);

/* archive_stream_finish() of an archive that is the writer's. */
int archive_writer_finish(struct archive_writer *writer,
    struct manifest *manifest, struct stored_file *ret_file, struct err *err);

#endif
