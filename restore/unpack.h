/*
 * A lineage becomes database images in files: pages in their places, every sum
 * proved.
 *
 * In:  one full archive, file or pipe; or the archives of a chain, files, which
 *      are read from the newest to the oldest, each once and one at a time.
 * Out: the images of those databases that are wanted; or, of a single archive,
 *      only what is wrong with it.
 * Always true on success without damage: every archive proved as
 *      archive_read.h says; each is the parent that the one before it was made
 *      against; each file holds exactly page_count pages of page_size bytes, all
 *      of them really written, and they have the root that the newest manifest
 *      states.  It is not flushed.
 * next: restore/assembly.h
 */
#ifndef RESTORE_UNPACK_H
#define RESTORE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive_read.h"
#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"
#include "restore/lineage.h"

/* Where the image of a database goes. */
struct unpack_image {
	int fd; /* empty regular file; -1: it is not wanted, only proved */
	const char *name; /* for messages; lives as long */
};

struct unpack_options {
	const struct lineage *lineage;
	/*
	 * Asked once for each database of the newest archive, before its pages
	 * come; by then the name is no more than what the archive says.  NULL:
	 * only prove, one archive.
	 */
	int (*image)(void *ctx, const char *database,
	    struct unpack_image *ret_image, struct err *err);
	void *image_ctx;
	bool images_stay; /* they will be flushed: begin to write them early */
	const char *scratch; /* folder for unlinked scratch files */
	unsigned threads;
	const char *phase; /* static text: what this is, for who watches */
	struct work *work; /* may be NULL */
};

struct unpack_result {
	struct archive_contents contents; /* of the newest archive */
	size_t culprit; /* index in the lineage of the archive that is damaged,
			 * when one is; 0 for what all together are not */
};

/*
 * What is wrong with the archives' content is in *findings (and then the image
 * is not to be used; archives after the culprit were not read); -1 is for what
 * kept us from finding out, except that damage that ends the walk is a finding
 * too, and of the newest archive leaves contents.manifest.id empty.
 * ERR_REFUSED for an image from an increment alone.  The contents are freed
 * with archive_contents_done(), also after a failure.
 */
int unpack_run(const struct unpack_options *options,
    struct unpack_result *ret_result, struct findings *findings,
    struct err *err);

/* How an increment alone is refused; returns -1. */
int unpack_refuse_increment(const struct lineage_archive *archive,
    const struct manifest *manifest, struct err *err);

void unpack_result_auto(struct unpack_result *result);

#endif
