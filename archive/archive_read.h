/*
 * Reads an archive, full or increment, from front to back and proves it.
 *
 * In:  an archive (file or pipe), every byte of it hostile.
 * Out: each page, handed to `place` as soon as it is decoded; what is wrong,
 *      as findings; the manifest.
 * Always true on success with no findings: every frame decoded and its
 *      checksum agreed; the members were exactly those of the format, in
 *      order, for each database; every page's sum equals the stored sum; the root, the image
 *      digest (where there is one), all offsets and sizes and the SHA-256 of
 *      the stored bytes equal the manifest's; the seek table equals what was
 *      counted; nothing follows.  Of an increment the numbers of its pages are
 *      proved as well; its root is not, which needs the parent's pages.
 * A page whose sum is wrong is a finding and the walk goes on.  Damage to the
 * structure ends the walk: -1 with ERR_DAMAGED; the bad pages found until then
 * stay in *ret_contents, the rest of it means nothing.  Names from the archive are
 * never used as paths.  Memory does not grow with the archive.
 */
#ifndef ARCHIVE_ARCHIVE_READ_H
#define ARCHIVE_ARCHIVE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/detached.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"

/* Pages as they lie in a frame, one behind the other. */
struct page_batch {
	const uint8_t *pages; /* page_size bytes each */
	const uint32_t *numbers; /* ascending; 1 is the first */
	const uint8_t *sums; /* of these bytes, PAGE_SUM_BYTES each */
	size_t count; /* at least 1 */
	uint32_t page_size;
};

/* A database whose pages come next. */
struct archive_begun {
	const char *name; /* as its members are called */
	uint32_t page_size, page_count;
	bool increment; /* not all of its pages */
	bool alone; /* no other is in the archive, as far as is known */
	const struct manifest_database *known; /* NULL: not beforehand */
};

struct archive_read_options {
	int fd; /* at the beginning of the archive */
	const char *name; /* for messages */
	const char *scratch; /* folder for unlinked scratch files */
	unsigned threads;
	bool image_sha256; /* sum the image, and compare when the
				 * manifest has the digest */
	struct work *work; /* stored bytes done; may be NULL */

	/*
	 * What is known beforehand, as a detached manifest tells it.  The
	 * archive's own must then say the same.  NULL: a regular file is
	 * peeked at, a pipe is taken for a full archive; an increment in it is
	 * ERR_USAGE.
	 */
	const struct manifest *manifest;

	/*
	 * Where pages go; NULL when they are only proved.  Called on worker
	 * threads, concurrently, each page at most once; on success each page
	 * that is stored was.
	 */
	int (*place)(
	    void *ctx, const struct page_batch *batch, struct err *err);
	void *place_ctx;
	/*
	 * Asked for the `place_ctx` of each database, on the caller's thread;
	 * left NULL, its pages are only proved.  NULL: one is right for all.
	 */
	int (*begin)(void *ctx, const struct archive_begun *begun,
	    void **ret_place_ctx, struct err *err);
	void *begin_ctx;
};

enum { ARCHIVE_BAD_PAGES_LISTED = 20 };

struct archive_contents {
	struct manifest manifest;
	struct stored_file file; /* all stored bytes */
	uint64_t frames;
	uint32_t bad_pages; /* pages whose sum is wrong */
	uint32_t bad_page[ARCHIVE_BAD_PAGES_LISTED]; /* the first of them */
	/* ... and of which database, by its place in the archive. */
	uint8_t bad_database[ARCHIVE_BAD_PAGES_LISTED];
	bool image_sha256_checked;
};

/* *ret_contents is freed with archive_contents_done(), also after a failure. */
int archive_read(const struct archive_read_options *options,
    struct archive_contents *ret_contents, struct err *err);
void archive_contents_done(struct archive_contents *contents);
void archive_contents_auto(struct archive_contents *contents);

/*
 * Only the manifest, of a regular file, through the seek table.  What it says
 * is not proved by this.
 */
int archive_peek(
    int fd, const char *name, struct manifest *ret_manifest, struct err *err);

#endif
