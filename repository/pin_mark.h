/*
 * Pins: an empty file NAME.pin beside a snapshot's manifest.  A pinned snapshot
 * and its chain are never pruned.
 */
#ifndef REPOSITORY_PIN_MARK_H
#define REPOSITORY_PIN_MARK_H

#include <stdbool.h>

#include "base/err.h"
#include "repository/catalog.h"

/* Both are durable when they return; *ret_changed: it was not so before. */
int pin_mark_set(const struct catalog *catalog, const struct snapshot *snapshot,
    bool *ret_changed, struct err *err);
int pin_mark_clear(const struct catalog *catalog,
    const struct snapshot *snapshot, bool *ret_changed, struct err *err);

#endif
