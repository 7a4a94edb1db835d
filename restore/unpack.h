/*
 * An archive becomes a database image in a file: pages in their places, every
 * sum proved.
 */
#ifndef RESTORE_UNPACK_H
#define RESTORE_UNPACK_H

#include "archive/archive_read.h"
#include "base/err.h"
#include "base/work.h"
#include "database/integrity.h"

struct unpack_options {
	int archive_fd;
	const char *archive_name;
	int image_fd; /* empty regular file; -1: only prove */
	const char *image_name;
	const char *scratch; /* folder for unlinked scratch files */
	unsigned threads;
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
