/*
 * What kind of filesystem a file lies in: whether the shared memory of a WAL and
 * the times of changes can be relied on there, and whether it holds files at all.
 */
#ifndef DATABASE_FILESYSTEM_H
#define DATABASE_FILESYSTEM_H

#include <stdbool.h>

#include "base/err.h"

/*
 * WAL needs that all who use a database see one mapping of its -shm, in one
 * kernel (sqlite.org/wal.html, sqlite.org/howtocorrupt.html 2.1).  The name of
 * a filesystem that does not promise it ("NFS"), or NULL.
 */
int filesystem_shared(const char *path, const char **ret_name, struct err *err);

/*
 * What looks like files is the kernel itself (/proc, /sys and their like), and
 * reading may do something.  `fd` is any open one of them.
 */
bool filesystem_virtual(int fd);

/*
 * Whether the file lies on a filesystem that is known to set the ctime of a
 * file with every write, by the clock of this kernel.  False when in doubt.
 */
bool filesystem_tells_changes(const char *path);

#endif
