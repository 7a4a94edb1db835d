/*
 * Reading a database that stands still: a file-system snapshot, or a copy that
 * was made while no application had it open.
 *
 * SQLite alone cannot do that without leaving traces: it makes a -shm (and a
 * -wal) beside the database even to read, or ignores the -wal altogether
 * (immutable=1), with the commits that are only there.  This VFS
 * (sqlite.org/vfs.html) opens the files read-only, has no locks, and keeps the
 * index of the -wal in memory, where SQLite builds it anew from the -wal: so
 * every commit is there, a -shm that happens to lie there is never believed,
 * and no file is made, changed or removed.  A hot journal stays one, and
 * SQLite says so.
 *
 * Memory: 8 bytes for each frame of the -wal, within ENGINE_HEAP_MAX.
 *
 * For this room only.
 */
#ifndef DATABASE_FROZEN_H
#define DATABASE_FROZEN_H

#include "base/err.h"

/* The name of the VFS, for sqlite3_open_v2(); SQLITE_OPEN_READONLY goes along. */
int frozen_vfs_name(const char **ret_name, struct err *err);

#endif
