/*
 * Where the databases of an archive shall be: one at a path, or those of a set
 * in a folder.
 *
 * In:  what a restore was asked for, and its archives.
 * Out: what is refused, before anything is done; nothing is changed.
 * For restore.c.
 */
#ifndef RESTORE_PLACES_H
#define RESTORE_PLACES_H

#include <limits.h>
#include <stdbool.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "restore/restore.h"
#include "restore/target.h"

/* "TARGET/NAME"; the name passed name_check(). */
int places_path(const struct restore_options *options, const char *name,
    char ret_path[PATH_MAX], struct err *err);

/* That a database can be at this path. */
int places_look(const struct restore_options *options, const char *path,
    struct target *ret_target, struct err *err);

/*
 * Whether the target is a folder for all databases.  *ret_manifest is what the
 * newest archive says of itself, when *ret_known; freed by the caller.
 * ERR_ABSENT when the database that is wanted is known not to be in it.
 */
int places_choose(const struct restore_options *options, bool *ret_folder,
    struct manifest *ret_manifest, bool *ret_known, struct err *err);

/*
 * That the databases of a manifest can be in the folder; it may be missing.
 * *ret_replaces: how many of them are there now.
 */
int places_look_into(const struct restore_options *options,
    const struct manifest *manifest, size_t *ret_replaces, struct err *err);

/* ERR_ABSENT, with the names of those that are there; returns -1. */
int places_no_database(const struct restore_options *options,
    const struct manifest *manifest, struct err *err);

#endif
