/*
 * A finished database image in a plain file, opened read-only by SQLite
 * through its descriptor.
 *
 * The file may have no name; nothing is created beside it, no lock is taken,
 * no -wal or -journal is looked for, whatever the header says: the image is
 * whole in itself.  Pages come by pread() from the descriptor, which stays the
 * caller's and must outlive the connection.  The schema is treated as hostile:
 * it is not trusted, no extension is loaded, no trigger or view runs, nothing
 * can be attached.
 */
#ifndef DATABASE_IMAGE_H
#define DATABASE_IMAGE_H

#include <sqlite3.h>

#include "base/err.h"
#include "base/work.h"

/*
 * `name` is for messages; `work` (which may be NULL) is asked while SQLite is
 * busy with the image; both must outlive the connection.
 */
int image_open(int fd, const char *name, const struct work *work,
    sqlite3 **ret_db, struct err *err);

/*
 * -1 and the first reason when a page could not be read or `work` said stop
 * since the image was opened, else 0.  SQLite's checks report an unreadable
 * page like a damaged one, so a check is believed only after asking this.
 */
int image_trouble(sqlite3 *db, struct err *err);

/* Closes; NULL is fine.  No statement may be left. */
void image_close(sqlite3 *db);
void image_auto(sqlite3 **place);

#endif
