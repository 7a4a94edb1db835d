/*
 * A repository "r" with a history of the set "app.db", as backups would have
 * made it: snapshots by number, in the order in which they were taken, an hour
 * apart.  Every failure in here ends the test.
 */
#ifndef TESTS_RESTORE_HISTORY_H
#define TESTS_RESTORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "repository/catalog.h"
#include "repository/repository.h"
#include "repository/snapshot_name.h"
#include "world.h"

enum { HISTORY_MAX = 40 };

/*
 * A folder, with a database app.db (page size 1024) and an empty repository;
 * or only these, in the folder that there is.
 */
void history_begin(void);
void history_make(void);
void history_end(void);

extern struct repository history_repository;

/* Changes app.db. */
void history_sql(const char *sql);

/* Takes a snapshot of app.db; the image is kept as "image.NUMBER". */
size_t history_full(void);
size_t history_increment(size_t parent);
/* Three of them: 0 is a full, 1 has changed rows, 2 has rows more. */
void history_chain(void);
/* One that is right in itself, and lacks a page that changed. */
size_t history_lacking(size_t parent);

/* Writes its detached manifest anew, with another host or archive digest. */
void history_restate(size_t number, const char *host, bool other_sha256);

const char *history_id(size_t number);
int64_t history_time(size_t number);

/* "r/app.db/NAME.SUFFIX"; static text. */
const char *history_path(size_t number, enum snapshot_file file);

/* Whether a file is the image of a snapshot, byte for byte. */
bool history_same(const char *path, size_t number);

/* The set's catalog; to be freed. */
struct catalog history_catalog(void);

/* Where a snapshot stands in it. */
size_t history_at(const struct catalog *catalog, size_t number);

#endif
