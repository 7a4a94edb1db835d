/*
 * The -wal, -shm and -journal beside a database: what is there, and whether
 * SQLite may be allowed to deal with them as this user.
 *
 * For this room only.
 */
#ifndef DATABASE_SIDE_FILES_H
#define DATABASE_SIDE_FILES_H

#include "base/err.h"
#include "database/source.h"

/*
 * Fills what `source` says about side files and permissions, from its path.
 * Only stat()s.
 */
int side_files_look(struct source *source, struct err *err);

/* Refuses by the rules of source_inspect() for a database in WAL mode. */
int side_files_check(const struct source *source, struct err *err);

/* The user's name, or "uid 1000". */
void side_files_owner_name(uid_t uid, char *ret_name, unsigned size);

#endif
