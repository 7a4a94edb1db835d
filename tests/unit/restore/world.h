/*
 * A folder with databases and archives of them, for the tests of this room.
 * Every failure in here ends the test.
 */
#ifndef TESTS_RESTORE_WORLD_H
#define TESTS_RESTORE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "archive/archive_write.h"
#include "restore/restore.h"

/* A fresh folder below `base`, entered; and the end of it. */
void world_begin_in(const char *base);
void world_begin(void);
void world_end(void);

/* A closed database with one row that says `tag`; journal mode by name. */
void world_database(const char *path, const char *mode, const char *tag);
/* The tag that SQLite finds at `path`; static text, "" when it finds none. */
const char *world_tag(const char *path);
/* "ok" when integrity_check says so. */
const char *world_integrity(const char *path);

/* An archive of a closed database, its mode in the manifest. */
void world_archive(const char *database, const char *archive, unsigned mode);

/* The same in steps: what is known beforehand; how it is written; the whole. */
struct manifest world_manifest(const uint8_t *image, size_t len, unsigned mode);
struct archive_write_options
world_writer(int fd, const char *archive, const struct manifest *m);
struct stored_file
world_write(const char *archive, const uint8_t *image, struct manifest *m);

void world_put(const char *path, const void *bytes, size_t len);
uint8_t *world_get(const char *path, size_t *ret_len);
bool world_same(const char *path, const uint8_t *bytes, size_t len);
void world_copy(const char *from, const char *to);
/* Flips one bit. */
void world_flip(const char *path, size_t at);
bool world_exists(const char *path);
ino_t world_inode(const char *path);
/* Names in the current folder that begin with `begin`. */
unsigned world_count(const char *begin);
/* The one name that begins so; static text. */
const char *world_name(const char *begin);

/*
 * A process that has the database open, after running `sql` on it (NULL: only
 * opened and read); it lives until world_stop().
 */
pid_t world_occupy(const char *path, const char *sql);
void world_stop(pid_t pid);

/* Restores with a quick check; fills *result, which stays the caller's. */
int world_restore(const char *archive, const char *target, bool replace,
    struct restore_result *result, struct err *err);

#endif
