/*
 * The spool of a rollback-journal database: pages go in as fast as they can be
 * read, the lock on the database is dropped, and only then they are
 * compressed (design 5.6).
 *
 * An unlinked file of page_count * page_size bytes.  Memory: one buffer of
 * SPOOL_BUFFER bytes, but none while it rests.  One thread.
 */
#ifndef BACKUP_SPOOL_H
#define BACKUP_SPOOL_H

#include <stdint.h>

#include "base/err.h"

enum { SPOOL_BUFFER = 1 << 20 };

struct spool;

/* ERR_NO_SPACE at once when `folder` has no room for `bytes`. */
int spool_new(const char *folder, uint64_t bytes, struct spool **ret_spool,
    struct err *err);
void spool_free(struct spool *spool);
void spool_auto(struct spool **place);

int spool_add(struct spool *spool, const uint8_t *page, uint32_t page_size,
    struct err *err);

/* After the last page, for a while: gives its buffer back. */
int spool_rest(struct spool *spool, struct err *err);

/* After the last page: hands every page to `page`, in the same order. */
int spool_replay(struct spool *spool, uint32_t page_size,
    int (*page)(void *ctx, const uint8_t *page, struct err *err), void *ctx,
    struct err *err);

#endif
