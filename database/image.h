/*
 * A finished database image in a plain file, opened read-only by SQLite
 * through its descriptor.
 *
 * The file may have no name; nothing is created beside it, no lock is taken,
 * no -wal or -journal is looked for, whatever the header says: the image is
 * whole in itself.  Pages come by pread() from the descriptor, which stays the
 * caller's and must outlive the connection.
 */
#ifndef DATABASE_IMAGE_H
#define DATABASE_IMAGE_H

#include <sqlite3.h>

#include "base/err.h"

/* `name` is for messages.  Close with sqlite3_close(). */
int image_open(int fd, const char *name, sqlite3 **ret_db, struct err *err);

#endif
