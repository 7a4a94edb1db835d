/*
 * What a manifest says of a database that is pinned.
 */
#ifndef BACKUP_DESCRIBE_H
#define BACKUP_DESCRIBE_H

#include "archive/archive_write.h"
#include "archive/manifest.h"
#include "backup/output.h"
#include "database/pin.h"
#include "database/source.h"

/* The last component of a path: the database's name in an archive. */
const char *describe_name(const char *path);

/* The path as a manifest has it, printable. */
void describe_path(const struct source *source,
    char ret_path[sizeof(((struct manifest_database *)0)->path)]);

/*
 * Fills all that is known of a database at the pin; `name` is that in the
 * archive.
 */
void
describe_database(const struct source *source, const struct pin_facts *facts,
    const char *name, struct manifest_database *database);

/* Where and by whom a snapshot is made; the rest is the caller's. */
void describe_maker(const char *tool, struct manifest *manifest);

/*
 * What the writer of the archive must know of that; how it is to work (level,
 * threads, work, image_sha256) is the caller's to fill.
 */
struct archive_write_options describe_archive(const struct output *output,
    const struct manifest *manifest, const struct manifest_database *database);

#endif
