/*
 * The name that a new file shall get, be it an archive or a database: where it
 * really is, and that nothing but a file can be meant by it.
 */
#ifndef DATABASE_PLACE_H
#define DATABASE_PLACE_H

#include <limits.h>
#include <sys/types.h>

#include "base/err.h"

/* The operator's words for it, for messages. */
struct place_words {
	const char *object; /* "output" */
	const char *option; /* "-o" */
	const char *example; /* a file to name in a folder: "app.db.tar.zst" */
	const char *instead; /* the hint where a pipe or a device is named */
};

/*
 * `path`, or where the symlink leads that it is, so that the link survives.
 * ERR_USAGE for a folder, no name at all or one that is too long; ERR_FAILED
 * when its folder does not exist; ERR_REFUSED for a symlink that leads nowhere,
 * and for the name of a -wal, -journal or -shm of another file: SQLite would
 * take what is put there for that file's log, and delete it.
 * Whether something has the name already is not asked.
 */
int place_find(const struct place_words *words, const char *path,
    char ret_path[PATH_MAX], struct err *err);

/*
 * ERR_REFUSED unless the mode of what has the name is a regular file's.
 * place_find() asks it too where a link leads to a pipe that has no name, as
 * /dev/stdout may.
 */
int place_takes_file(const struct place_words *words, const char *path,
    mode_t mode, struct err *err);

#endif
