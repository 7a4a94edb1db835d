/*
 * An image being assembled: pages come from several threads, in any order, and
 * each is put in its place once.
 *
 * In:  the pages of a full archive; or those of all archives of a chain, the
 *      newest archive first.
 * Out: the image, every page of it really written; not flushed.
 * Always true: of a chain, the newest page of each number is the one that is
 *      written, and none beyond the end of the image; assembly_prove() finds
 *      no fault only when every page was written and the sums of what was
 *      written have the image's root.
 * A full archive alone holds each page once, and its reader proves that: of it
 * nothing is remembered.  Of a chain: one bit for each page, in a file without
 * a name that is mapped, and the page sums in another.
 */
#ifndef RESTORE_ASSEMBLY_H
#define RESTORE_ASSEMBLY_H

#include <stdbool.h>

#include "archive/archive_read.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"
#include "database/findings.h"

struct assembly;

struct assembly_options {
	int fd; /* empty regular file */
	const char *name; /* of it, for messages */
	bool stays; /* it will be flushed: begin to write it out early */
	bool chain; /* pages of several archives */
	const char *scratch; /* folder for unlinked scratch files */
	const struct work *work; /* may be NULL */

	/* What the image will be; NULL when that is not known beforehand
	 * (never for a chain).  Its room is reserved then. */
	const struct manifest_database *image;
};

/* ERR_NO_SPACE when there is no room for it. */
int assembly_new(const struct assembly_options *options,
    struct assembly **ret_assembly, struct err *err);
void assembly_free(struct assembly *assembly);
void assembly_auto(struct assembly **place);

/* For archive_read_options: `ctx` is the assembly.  Any thread. */
int assembly_place(void *ctx, const struct page_batch *batch, struct err *err);

/*
 * All archives were read and are right, each for itself: whether together they
 * are `image`, by the manifest of the newest.
 */
int
assembly_prove(struct assembly *assembly, const struct manifest_database *image,
    struct findings *findings, struct err *err);

#endif
