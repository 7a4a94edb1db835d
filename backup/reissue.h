/*
 * A snapshot once more, as a full archive that stands alone: same id, set,
 * times and root, whatever chain it was stored in.
 *
 * In:  a manifest, and somebody who rebuilds the images that it describes.
 * Out: the archive under its name, whole and durable, or nothing there.
 * Always true: the archive holds images with the manifest's roots, or it gets
 *      no name.  What can be refused is refused before anything is
 *      rebuilt.
 * next: backup/output.h
 */
#ifndef BACKUP_REISSUE_H
#define BACKUP_REISSUE_H

#include <stdbool.h>

#include "archive/detached.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"

/* Of one database of the manifest. */
struct reissue_image {
	const char *database; /* its name */
	int fd; /* empty regular file */
};

struct reissue_options {
	const struct manifest *manifest; /* of the snapshot */
	const char *output; /* path of the archive; NULL: `pipe_fd` */
	int pipe_fd; /* a stream, when output is NULL */
	const char *tool; /* "litesafe 0.1.0", for the manifest */
	const char *scratch; /* folder with room for the image */
	bool replace; /* an existing archive FILE is replaced */
	int level; /* zstd, 1 to 19 */
	unsigned threads; /* at least 1 */
	struct work *work;

	/* Writes the whole images; `name` is that of all files. */
	int (*rebuild)(void *ctx, const struct reissue_image *images,
	    size_t count, const char *name, struct err *err);
	void *rebuild_ctx;
	/* As that of backup.h. */
	int (*prove)(void *ctx, int fd, const char *name,
	    const struct manifest *manifest, struct err *err);
	void *prove_ctx;
};

struct reissue_result {
	struct manifest manifest; /* of the new archive */
	struct stored_file file;
	bool proved; /* prove() ran and agreed */
};

/* *ret_result is freed with reissue_result_done(), also after a failure. */
int reissue_run(const struct reissue_options *options,
    struct reissue_result *ret_result, struct err *err);
void reissue_result_done(struct reissue_result *result);

#endif
