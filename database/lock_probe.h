/*
 * A look at a database in use, from a process of its own.
 *
 * What /proc/locks does not show the files themselves do: fcntl(F_GETLK) finds
 * a lock whose process is in another pid namespace, and the -shm has the read
 * marks.  For that they must be opened, and in a process that has SQLite
 * connections to them no descriptor of ours may ever be closed
 * (sqlite.org/howtocorrupt.html 2.2).  So a child does it.
 */
#ifndef DATABASE_LOCK_PROBE_H
#define DATABASE_LOCK_PROBE_H

#include "base/err.h"
#include "base/work.h"
#include "database/locks.h"
#include "database/wal_marks.h"

/*
 * Who holds which lock, and the read marks, of the database at `path` or at the
 * end of the symlink, as of this moment.  May be called beside live SQLite
 * connections and other threads; our own locks are in the list under our own
 * pid.  Files that are missing or cannot be read leave what they would have
 * told out: the marks are then not `known`.  Nothing is written.
 *
 * Where several processes hold one shared lock, one that cannot be seen may
 * stay unknown behind one that can: F_GETLK names one holder.
 *
 * ERR_STOPPED when `work` (may be NULL) says so meanwhile.
 */
int lock_probe(const char *path, const struct work *work,
    struct locks *ret_locks, struct wal_marks *ret_marks, struct err *err);

#endif
