/*
 * The page sums of a whole image in a plain file: PAGE_SUM_BYTES for every
 * page, in page order, and nothing else.
 *
 * A set of sums is brought from one snapshot to the next by the sums member of
 * the next one's archive, which is found through the seek table: a chain's
 * sums are had without reading a page.  Nothing here proves anything but the
 * frames' own checksums: whoever uses sums compares their root first.
 * Memory: one frame, decoded and encoded.  One thread.
 */
#ifndef ARCHIVE_SUMS_H
#define ARCHIVE_SUMS_H

#include <stdint.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "base/sha256.h"

struct sums {
	int fd; /* read-write, the caller's */
	const char *name; /* for messages */
	uint32_t page_size;
	uint32_t page_count; /* of the image that they are of */
};

/*
 * Makes *sums those of the archive's snapshot, of the database at `index` in
 * its manifest: stored full they are replaced, an increment changes those of its pages, after they were cut to or extended
 * (by zeros) for its page_count.  `manifest` is the archive's, as archive_peek()
 * or a detached manifest tells it.  A member that is not as the manifest says,
 * a page number out of order or range: ERR_DAMAGED.  After a failure what is in
 * the file means nothing.
 */
int sums_apply(struct sums *sums, int archive_fd, const char *archive_name,
    const struct manifest *manifest, size_t index, struct err *err);

/*
 * The root (manifest.h) of what is there; ERR_DAMAGED when the file is too
 * short.
 */
int sums_root(
    const struct sums *sums, uint8_t ret_root[SHA256_BYTES], struct err *err);

#endif
