/*
 * A full backup between the pin and its archive: every page in, a whole
 * archive out.
 *
 * In WAL mode the pages stream through the compressors while the state is
 * pinned, which holds nobody up.  In rollback-journal mode a pinned state
 * keeps writers from committing, so the pages go to a spool and are compressed
 * when the lock is gone (design 5.6).
 * Order of calls, from one thread: full_new(), full_page() for every page,
 * full_store().  next: archive/archive_write.h
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

struct full;

/*
 * `write->name` and `->scratch` live as long; so does `tags`, which gets every
 * page (NULL: nobody wants tags).
 */
int full_new(const struct archive_write_options *write, bool spool,
    struct tag_writer *tags, struct full **ret_full, struct err *err);
void full_free(struct full *full);

int full_page(struct full *full, const uint8_t *page, struct err *err);

/*
 * Ends the archive.  Fills, in *manifest: finished_ms, and all that
 * archive_writer_seal() and archive_writer_finish() fill.
 */
int full_store(struct full *full, struct manifest *manifest,
    struct stored_file *ret_file, struct err *err);

#endif
