/*
 * A repository of its own for a test: a folder with sets, snapshots that are
 * as small as they can be, and their names.
 */
#ifndef TESTS_UNIT_REPOSITORY_TREE_H
#define TESTS_UNIT_REPOSITORY_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/detached.h"
#include "archive/manifest.h"
#include "repository/repository.h"
#include "repository/snapshot_name.h"

/* A folder, and an open repository in it: .init and .fini of a suite. */
extern struct repository tree;
extern char tree_folder[PATH_MAX]; /* holds the repository and what else */
void tree_make(void);
void tree_remove(void);

/* "REPOSITORY/..."; the text is good until the eighth call after this one. */
const char *
tree_path(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

bool tree_has(const char *path);
void tree_write(const char *path, const char *text);
char *tree_read(const char *path, size_t *ret_len); /* the caller's */

/* Times of snapshots in minutes from here, 2020-11-20T00:00:00Z. */
#define TREE_START_MS 1605830400000

/*
 * The manifest of a snapshot "x" of set "app.db" at a minute; `parent` is
 * NULL for a full.  Ids are 16 times the same digit, so that they are easy to
 * tell; the root is made of the digit, too.
 */
struct manifest tree_manifest(char id, char parent, int minute);

/* Stores archive (of some bytes) and manifest; the name, as tree_path(). */
const char *tree_snapshot(char id, char parent, int minute);
const char *tree_store(const struct manifest *manifest);

/* The name of a manifest's files; good until the sixteenth call. */
const char *tree_name(const struct manifest *manifest);

/* Gives a file of the set another mtime, that many seconds ago. */
void tree_age(const char *path, long seconds);

/* How many files the set's folder holds. */
unsigned tree_count(void);

#endif
