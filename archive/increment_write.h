/*
 * Writes the changed pages of a database into an archive.
 *
 * Which pages there are is known beforehand (a tar header comes before its
 * data).  Order of calls, from one thread: increment_writer_new(),
 * increment_writer_page() for every page of the list in its order,
 * increment_writer_seal(), increment_writer_finish(); these two as those of
 * archive_write.h.  Memory does not grow with the increment: layout.h bounds
 * the runs of a member, and the list rests in a file.
 */
#ifndef ARCHIVE_INCREMENT_WRITE_H
#define ARCHIVE_INCREMENT_WRITE_H

#include <stdint.h>

#include "archive/archive_write.h"
#include "archive/detached.h"
#include "archive/manifest.h"
#include "archive/page_list.h"
#include "base/err.h"

struct increment_writer;

/*
 * `options` as for a full archive, image_sha256 false; page_count is that of
 * the new image.  `pages` (may be empty) outlives the writer.
 */
int increment_writer_new(const struct archive_write_options *options,
    struct page_list *pages, struct increment_writer **ret_writer,
    struct err *err);
void increment_writer_free(struct increment_writer *writer);
void increment_writer_auto(struct increment_writer **place);

int increment_writer_page(
    struct increment_writer *writer, const uint8_t *page, struct err *err);

/*
 * Stores the sums member.  Fills, in *database: pages_stored and offsets.  Its
 * root and parent_root are the caller's to fill.
 */
int increment_writer_seal(struct increment_writer *writer,
    struct manifest_database *database, struct err *err);

int increment_writer_finish(struct increment_writer *writer,
    struct manifest *manifest, struct stored_file *ret_file, struct err *err);

#endif
