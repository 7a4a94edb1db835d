/*
 * An archive becomes a database image in a file: pages in their places, every
 * sum proved.
 *
 * On success without damage the file holds exactly page_count pages of
 * page_size bytes, all of them really written; it is not flushed.
 * next: restore/publish.h
 */
#ifndef RESTORE_UNPACK_H
#define RESTORE_UNPACK_H

#include <stdbool.h>

#include "archive/archive_read.h"
#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"

struct unpack_options {
	int archive_fd;
	const char *archive_name;
	int image_fd; /* empty regular file; -1: only prove */
	const char *image_name;
	bool image_stays; /* it will be flushed: begin to write it out early */
	const char *scratch; /* folder for unlinked scratch files */
	unsigned threads;
	const char *phase; /* static text: what this is, for who watches */
	struct work *work; /* may be NULL */
};

/*
 * What is wrong with the archive's content is in *findings (and then the image
 * is not to be used); -1 is for what kept us from finding out, except that
 * damage that ends the walk is a finding too and returns 0 with
 * ret_contents->manifest.id empty.
 */
int unpack_run(const struct unpack_options *options,
    struct archive_contents *ret_contents, struct findings *findings,
    struct err *err);

#endif
