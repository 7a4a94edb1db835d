/*
 * An increment between the pin and its archive: every page in, members of the
 * changed ones out.
 *
 * Under the pin pages are only copied, summed and compared (compare.h); the
 * changed ones rest in a spool: a tar header must know them all before the
 * first.  So the pin is as short for a WAL database as for one with a
 * rollback journal, and nothing is compressed under it.
 * Order of calls, from one thread: increment_new(), increment_page() for every
 * page, increment_settle(), increment_store().
 * next: archive/increment_write.h
 */
#ifndef BACKUP_INCREMENT_H
#define BACKUP_INCREMENT_H

#include <stdint.h>

#include "archive/archive_write.h"
#include "archive/detached.h"
#include "archive/manifest.h"
#include "backup/compare.h"
#include "base/err.h"
#include "base/work.h"

struct increment;

struct increment_options {
	uint32_t page_size;
	int parent_fd; /* the parent's page sums */
	uint32_t parent_pages;
	int sums_fd; /* empty; gets those of the new image */
	const char *sums_name; /* for messages */
	struct compare_tags tags;
	const char *scratch; /* folder for unlinked scratch files */
	unsigned threads;
	struct work *work; /* may be NULL */
};

int increment_new(const struct increment_options *options,
    struct increment **ret_increment, struct err *err);
void increment_free(struct increment *increment);

int increment_page(
    struct increment *increment, const uint8_t *page, struct err *err);

struct increment_count {
	uint32_t changed; /* pages */
	uint32_t summed; /* pages that were; the others had their tag */
};

/* After the last page, the pin may be gone. */
int increment_settle(struct increment *increment,
    struct increment_count *ret_count, struct err *err);

/*
 * Into the archive, `write->stream`.  Fills, in *database: the root, and all
 * that increment_write.h fills.
 */
int increment_store(struct increment *increment,
    const struct archive_write_options *write,
    struct manifest_database *database, struct err *err);

/*
 * The same of an image that is known to be the parent's: an archive without
 * pages, and the parent's root.  No increment is needed for it.
 */
int increment_store_nothing(const struct archive_write_options *write,
    struct manifest_database *database, struct err *err);

#endif
