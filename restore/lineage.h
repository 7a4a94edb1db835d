/*
 * The lineage of a snapshot: the archives that its image is made of, the
 * snapshot's own first, the full one last.  A full archive alone, given as a
 * file or a pipe, is a lineage of one.
 */
#ifndef RESTORE_LINEAGE_H
#define RESTORE_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "archive/manifest.h"
#include "base/err.h"
#include "repository/catalog.h"
#include "repository/chain.h"

struct lineage_archive {
	int fd; /* at its beginning, and the caller's; or -1: */
	const char *path; /* then it is open only while it is read */
	const char *name; /* for messages */
};

struct lineage {
	const struct lineage_archive *archives;
	size_t count; /* at least 1 */
	/* What the first of them must be; NULL: whatever it is. */
	const char *id;
	const uint8_t *state; /* SHA256_BYTES, manifest_state() */
};

/*
 * That of a chain.  Memory: a path for each archive.  `catalog` lives as long;
 * freed with lineage_done().
 */
int lineage_of(const struct catalog *catalog, const struct chain *chain,
    struct lineage *ret_lineage, struct err *err);
void lineage_done(struct lineage *lineage);
void lineage_auto(struct lineage *lineage);

/* Its descriptor, or a new one to close in *ret_own (else -1). */
int lineage_open(const struct lineage_archive *archive, int *ret_own,
    int *ret_fd, struct err *err);

/* What kind of file it is, and how large. */
int lineage_stat(const struct lineage_archive *archive, struct stat *ret_stat,
    struct err *err);

/*
 * What the archive's end, unproved, tells of itself; nobody knows what is in a
 * pipe, where *ret_file is false and *ret_manifest stays as it was.  An error
 * with *ret_file: the end is none of an archive.
 */
int lineage_peek(const struct lineage_archive *archive, bool *ret_file,
    struct manifest *ret_manifest, struct err *err);

/* The name without its folders: what tells the archives of a lineage apart. */
const char *lineage_short_name(const struct lineage_archive *archive);

#endif
