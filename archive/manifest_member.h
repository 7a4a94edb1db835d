/*
 * The manifest as a member of the tar stream.
 */
#ifndef ARCHIVE_MANIFEST_MEMBER_H
#define ARCHIVE_MANIFEST_MEMBER_H

#include "archive/manifest.h"
#include "archive/tar_read.h"
#include "base/err.h"

/*
 * The next member must be the manifest, in one piece; reads it to its end and
 * decodes it.  Errors as those of tar_read.h and manifest_decode(); that the
 * archive is newer than we are is said with its `name`.
 */
int manifest_member_read(struct tar_reader *tar, const char *name,
    struct manifest *ret_manifest, struct err *err);

#endif
