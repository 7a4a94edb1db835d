/*
 * Whether the shared memory of a WAL can be relied on where a file lies.
 */
#ifndef DATABASE_FILESYSTEM_H
#define DATABASE_FILESYSTEM_H

#include "base/err.h"

/*
 * WAL needs that all who use a database see one mapping of its -shm, in one
 * kernel (sqlite.org/wal.html, sqlite.org/howtocorrupt.html 2.1).  The name of
 * a filesystem that does not promise it ("NFS"), or NULL.
 */
int filesystem_shared(const char *path, const char **ret_name, struct err *err);

#endif
