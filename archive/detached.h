/*
 * The detached manifest: what a repository keeps beside an archive.
 *
 * Two lines of JSON.  The first is the manifest on one line, with two more
 * fields, "archive_bytes" and "archive_sha256": size and SHA-256 of the whole
 * stored file, as `sha256sum` prints it.  The second is {"sha256":"..."}, the
 * SHA-256 of the first line without its line end.  So a manifest proves
 * itself, and proves its archive.
 *
 * Decoding is as hostile as that of manifest.h; nothing but these two lines,
 * each ended by '\n', is accepted.
 */
#ifndef ARCHIVE_DETACHED_H
#define ARCHIVE_DETACHED_H

#include <stddef.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "base/sha256.h"

/* An archive as a file. */
struct stored_file {
	uint64_t bytes;
	uint8_t sha256[SHA256_BYTES];
};

enum { DETACHED_MAX = MANIFEST_MAX + 256 };

/* Text without a NUL counted; caller frees *ret_text. */
int
detached_encode(const struct manifest *manifest, const struct stored_file *file,
    char **ret_text, size_t *ret_len, struct err *err);

int detached_decode(const char *text, size_t len, struct manifest *ret_manifest,
    struct stored_file *ret_file, struct err *err);

#endif
