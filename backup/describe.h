/*
 * What a manifest says of a database that is pinned.
 */
#ifndef BACKUP_DESCRIBE_H
#define BACKUP_DESCRIBE_H

#include "archive/manifest.h"
#include "database/pin.h"
#include "database/source.h"

/* The last component of a path: the database's name in an archive. */
const char *describe_name(const char *path);

/* The path as a manifest has it, printable. */
void describe_path(const struct source *source,
    char ret_path[sizeof(((struct manifest_database *)0)->path)]);

/*
 * Fills all that is known at the pin; `set`, `tool` and the id are the
 * caller's, `name` is that of the database.
 */
void describe(const struct source *source, const struct pin_facts *facts,
    const char *name, struct manifest *manifest);

#endif
