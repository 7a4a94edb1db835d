/*
 * The whole of a database between the pin and its archive: every page in, its
 * members out.
 *
 * In WAL mode the pages stream through the compressors while the state is
 * pinned, which holds nobody up.  In rollback-journal mode a pinned state
 * keeps writers from committing, so the pages go to a spool and are compressed
 * when the lock is gone (design 5.6).
 * Order of calls, from one thread: full_new(), full_page() for every page, then
 * full_seal() or full_store().  next: archive/archive_write.h
 */
#ifndef BACKUP_FULL_H
#define BACKUP_FULL_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive_write.h"
#include "archive/detached.h"
#include "archive/manifest.h"
#include "backup/tag_writer.h"
#include "base/err.h"
#include "base/pace.h"

struct full;

/*
 * `write->stream` is the archive; without a spool its next member is this
 * one's.  `tags` lives as long, and gets every page (NULL: nobody wants tags).
 */
int full_new(const struct archive_write_options *write, bool spool,
    struct tag_writer *tags, struct full **ret_full, struct err *err);
void full_free(struct full *full);

int full_page(struct full *full, const uint8_t *page, struct err *err);

/* Without a spool: all pages were given, others may write to the archive. */
int full_seal(
    struct full *full, struct manifest_database *database, struct err *err);

/* With a spool: all pages were given, it will be a while before full_store(). */
int full_rest(struct full *full, struct err *err);

/*
 * With a spool: into the archive at this pace, and sealed.  Both as
 * archive_writer_seal().
 */
int full_store(struct full *full, struct pace *pace,
    struct manifest_database *database, struct err *err);

#endif
