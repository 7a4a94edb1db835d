/*
 * Reads a full archive from front to back and proves it.
 *
 * In:  an archive (file or pipe), every byte of it hostile.
 * Out: each page, handed to `place` as soon as it is decoded; what is wrong,
 *      as findings; the manifest.
 * Always true on success with no findings: every frame decoded and its
 *      checksum agreed; the members were exactly those of the format, in
 *      order; every page's sum equals the stored sum; the root, the image
 *      digest (where there is one), all offsets and sizes and the SHA-256 of
 *      the stored bytes equal the manifest's; the seek table equals what was
 *      counted; nothing follows.
 * A page whose sum is wrong is a finding and the walk goes on.  Damage to the
 * structure ends the walk: -1 with ERR_DAMAGED; the bad pages found until then
 * stay in *ret_contents, the rest of it means nothing.  Names from the archive are
 * never used as paths.  Memory does not grow with the archive.
 */
#ifndef ARCHIVE_ARCHIVE_READ_H
#define ARCHIVE_ARCHIVE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"

struct archive_read_options {
	int fd; /* at the beginning of the archive */
	const char *name; /* for messages */
	const char *scratch; /* folder for unlinked scratch files */
	unsigned threads;
	bool image_sha256; /* sum the image, and compare when the
				 * manifest has the digest */
	struct work *work; /* stored bytes done; may be NULL */

	/*
	 * Where pages go; NULL when they are only proved.  Called on worker
	 * threads, concurrently, each page exactly once: `count` pages from
	 * page number `first` (1 is the first), `page_size` bytes each.
	 */
	int (*place)(void *ctx, uint32_t first, const uint8_t *pages,
	    size_t count, uint32_t page_size, struct err *err);
	void *place_ctx;
};

enum { ARCHIVE_BAD_PAGES_LISTED = 20 };

struct archive_contents {
	struct manifest manifest;
	uint64_t archive_bytes; /* all stored bytes read */
	uint64_t frames;
	uint32_t bad_pages; /* pages whose sum is wrong */
	uint32_t bad_page[ARCHIVE_BAD_PAGES_LISTED]; /* the first of them */
	bool image_sha256_checked;
};

int archive_read(const struct archive_read_options *options,
    struct archive_contents *ret_contents, struct err *err);

/*
 * Only the manifest, of a regular file, through the seek table.  What it says
 * is not proved by this.
 */
int archive_peek(
    int fd, const char *name, struct manifest *ret_manifest, struct err *err);

#endif
