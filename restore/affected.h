/*
 * What a damaged archive takes with it: the snapshots of a set that cannot be
 * restored without it, and no other.
 */
#ifndef RESTORE_AFFECTED_H
#define RESTORE_AFFECTED_H

#include <stdbool.h>
#include <stddef.h>

#include "repository/catalog.h"

/* Snapshot `at` is `culprit`, or descends from it. */
bool affected_by(const struct catalog *catalog, size_t at, size_t culprit);

/*
 * Notes in the catalog that the archive of `culprit` was found to be damaged:
 * it gets SNAPSHOT_BAD_ARCHIVE, its descendants SNAPSHOT_BAD_ANCESTOR.
 */
void affected_mark(struct catalog *catalog, size_t culprit);

/*
 * "snapshot 7f3a... needs it", "4 snapshots need it: 7f3a..., ... and 1 more":
 * the culprit itself is one of them.
 */
enum { AFFECTED_TEXT_BYTES = 200 };
void affected_words(const struct catalog *catalog, size_t culprit,
    char ret_text[AFFECTED_TEXT_BYTES]);

#endif
