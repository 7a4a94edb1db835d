/*
 * The files of one database, which belong together by their names alone: the
 * main file and its -wal, -journal and -shm; and the name that all of them get
 * when a restore puts the database aside.
 *
 * Only names are looked at (lstat, readdir); none of the files is opened, so
 * this may be asked while an SQLite connection holds locks on them.
 */
#ifndef DATABASE_FAMILY_H
#define DATABASE_FAMILY_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

/* "" "-wal" "-journal" "-shm".  Who takes the names away goes by this order:
 * the main file's first (restore/aside.h). */
enum { FAMILY_FILES = 4, FAMILY_NAME_MAX = PATH_MAX + 16 };
extern const char *const family_suffix[FAMILY_FILES];

/*
 * ".before-20261121T015800Z": what is put behind the main file's name, and
 * before -wal and the others; ".2" and so on behind it when `attempt` is not 0.
 */
enum { FAMILY_ASIDE_BYTES = 40 };
void family_aside_suffix(unsigned attempt, char ret_suffix[FAMILY_ASIDE_BYTES]);

/* A name that ends so: of a database that a restore put aside. */
bool family_is_aside(const char *name);

/* A name that ends in -wal, -journal or -shm. */
bool family_is_side(const char *name);

/*
 * ERR_REFUSED when the file `st` at `path` has several hard links.  The hint
 * says which name to remove where that is known: a restore that was killed
 * between its last two steps leaves the old database under its own name and
 * under that of one put aside.  `what` begins the message: "the target " or "".
 */
int family_one_name(
    const char *what, const char *path, const struct stat *st, struct err *err);

/*
 * Of the file `st` at `path` with several hard links: the name that such a
 * restore left, which may be `path` itself.  False when there is none.
 */
enum { FAMILY_TWIN_MAX = FAMILY_NAME_MAX + NAME_MAX };
bool family_find_twin(
    const char *path, const struct stat *st, char ret_name[FAMILY_TWIN_MAX]);

#endif
