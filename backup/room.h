/*
 * Whether there can be room for an archive at all, before it is begun.
 *
 * A full disk found half-way costs nothing but time: the draft vanishes.  So
 * this refuses only what is sure to fail, going by how well the last full of
 * the set could be compressed.
 */
#ifndef BACKUP_ROOM_H
#define BACKUP_ROOM_H

#include <stdint.h>

#include "archive/manifest.h"
#include "backup/output.h"
#include "backup/parent.h"
#include "base/err.h"

/* ERR_NO_SPACE when the archive of so much would not fit. */
int room_for_full(const struct output *output, const struct parent *parent,
    const struct manifest_database *db, struct err *err);
int room_for_increment(const struct output *output, const struct parent *parent,
    const struct manifest_database *db, uint32_t pages, struct err *err);

#endif
