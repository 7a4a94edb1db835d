/*
 * The -wal, -shm and -journal beside a database: what is there, and whether
 * SQLite may be allowed to deal with them as this user.
 *
 * For this room, and for messages about such files.
 */
#ifndef DATABASE_SIDE_FILES_H
#define DATABASE_SIDE_FILES_H

#include <stdbool.h>

#include "base/err.h"
#include "database/source.h"

/*
 * Fills what `source` says about side files and permissions, from its path.
 * Only stat()s.
 */
int side_files_look(struct source *source, struct err *err);

/*
 * Refuses by the rules of source_inspect(), or of source_inspect_frozen() when
 * source->frozen, for a database in WAL mode.
 */
int side_files_check(const struct source *source, struct err *err);

/*
 * SQLite, opened by this process now, would make side files that the
 * application, as the owner of the database, could not write to.
 */
bool side_files_would_lock_out(const struct source *source);

/* For messages: "user 'app'", or "uid 1000" when it has no name. */
enum { SIDE_FILES_WHO = 80 };
void side_files_user(uid_t uid, char ret_text[SIDE_FILES_WHO]);

/* Who may do everything with a file of `uid`: "user 'app' or root". */
void side_files_rightful(uid_t uid, char ret_text[SIDE_FILES_WHO]);

#endif
