/*
 * The recipe: a live database becomes one proven archive file.
 *
 * In:  the path of a database, and where the archive goes.
 * Out: the archive under its name, whole and durable, or nothing there; what
 *      it cost, as data.
 * Always true: FILE either does not exist, is what it was, or is a complete
 *      archive that was read back as asked.  The application's folder is as
 *      SQLite alone would have left it.
 * next: database/source.h
 */
#ifndef BACKUP_BACKUP_H
#define BACKUP_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"

struct backup_options {
	const char *database; /* path of the source */
	const char *output; /* path of the archive; NULL: `pipe_fd` */
	int pipe_fd; /* a stream, when output is NULL */
	const char *set; /* NULL: the file's name */
	const char *tool; /* "litesafe 0.1.0", for the manifest */
	bool replace; /* an existing archive FILE is replaced */
	int level; /* zstd, 1 to 19 */
	unsigned threads; /* at least 1 */
	bool image_sha256;
	unsigned busy_timeout_ms;
	double max_pin_seconds; /* 0: no limit */
	uint64_t max_wal_growth; /* bytes; 0: no limit */
	struct work *work; /* may be NULL */

	/*
	 * Reads the finished bytes back from `fd` before they get their name;
	 * -1 and ERR_DAMAGED when they are not what was meant.  NULL: no proof
	 * was asked for.  Not called for a stream.
	 */
	int (*prove)(void *ctx, int fd, const char *name, struct err *err);
	void *prove_ctx;
};

struct backup_result {
	struct manifest manifest;
	uint64_t archive_bytes;
	bool proved; /* prove() ran and agreed */
	bool spooled; /* rollback-journal mode: captured to a spool */
	unsigned busy_retries;
	double seconds; /* all of it */
};

int backup_run(const struct backup_options *options,
    struct backup_result *ret_result, struct err *err);

#endif
