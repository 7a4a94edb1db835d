/*
 * An archive that is being written, and takes one database after the other.
 *
 * In:  what writers of databases put into its frames and tar stream
 *      (archive_write.h, increment_write.h), then the manifest of all.
 * Out: the archive's bytes in a descriptor, whose fate is the caller's.
 * Always true: one writer at a time; the next may begin when the one before it
 *      was sealed.  After an error only archive_stream_free() may be called.
 * One thread.
 */
#ifndef ARCHIVE_ARCHIVE_STREAM_H
#define ARCHIVE_ARCHIVE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "archive/archive_write.h"
#include "archive/detached.h"
#include "archive/frame_write.h"
#include "archive/manifest.h"
#include "archive/tar_write.h"
#include "base/err.h"

struct archive_stream;

/* By the part of the options that is about the archive. */
int archive_stream_new(const struct archive_write_options *options,
    struct archive_stream **ret_stream, struct err *err);
void archive_stream_free(struct archive_stream *stream);
void archive_stream_auto(struct archive_stream **place);

/*
 * All databases are sealed.  Fills stored_bytes and stored_sha256 in *manifest,
 * stores the manifest, the end of the tar stream and the seek table.
 * *ret_file: the archive as a file.
 */
int archive_stream_finish(struct archive_stream *stream,
    struct manifest *manifest, struct stored_file *ret_file, struct err *err);

/*
 * For writers of databases: begins one, whose first member has this path, which
 * decides the format of its headers.  `sums` as in frame_write.h.
 */
int archive_stream_begin(struct archive_stream *stream, const char *path,
    int (*sums)(void *ctx, const uint8_t *sums, size_t count, struct err *err),
    void *ctx, struct err *err);
struct frame_writer *archive_stream_frames(struct archive_stream *stream);
struct tar_writer *archive_stream_tar(struct archive_stream *stream);

#endif
