/*
 * The manifest as the last member of the tar stream.
 */
#ifndef ARCHIVE_MANIFEST_MEMBER_H
#define ARCHIVE_MANIFEST_MEMBER_H

#include "archive/detached.h"
#include "archive/frame_write.h"
#include "archive/manifest.h"
#include "archive/tar_read.h"
#include "archive/tar_write.h"
#include "base/err.h"

/*
 * The end of an archive: fills stored_bytes and stored_sha256 in *manifest,
 * stores it with the end of the tar stream in the last frame, then the seek
 * table.  *ret_file: the whole archive.
 */
int manifest_member_write(struct tar_writer *tar, struct frame_writer *frames,
    struct manifest *manifest, struct stored_file *ret_file, struct err *err);

/*
 * `member`, which was begun, is the manifest, in one piece; reads it to its end
 * and decodes it.  Errors as those of tar_read.h and manifest_decode(); that the
 * archive is newer than we are is said with its `name`.
 */
int
manifest_member_read(struct tar_reader *tar, const struct tar_member *member,
    const char *name, struct manifest *ret_manifest, struct err *err);

#endif
