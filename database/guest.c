/*
 * Two places of SQLite make side files.  The -wal comes from the VFS, so ours
 * is the system's own but for the permission to create.  The -shm is opened
 * inside the file methods, where only a URI parameter keeps SQLite from making
 * it (readonly_shm, see unixOpenSharedMemory() in its os_unix.c).
 */
#include "database/guest.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define VFS_NAME "litesafe-guest"

static sqlite3_vfs *system_vfs; /* written once, before anybody uses it */
static sqlite3_vfs guest_vfs;
static int register_result;

static int
vfs_xopen(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *ret_flags)
{
	(void)vfs;
	return system_vfs->xOpen(
	    system_vfs, name, file, flags & ~SQLITE_OPEN_CREATE, ret_flags);
}

static int
vfs_xdelete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	(void)vfs, (void)name, (void)sync_folder;
	return SQLITE_READONLY;
}

static void
register_vfs(void)
{
	register_result = SQLITE_ERROR;
	system_vfs = sqlite3_vfs_find(NULL);
	if (system_vfs == NULL)
		return;
	guest_vfs = *system_vfs;
	guest_vfs.zName = VFS_NAME;
	guest_vfs.pNext = NULL;
	guest_vfs.xOpen = vfs_xopen;
	guest_vfs.xDelete = vfs_xdelete;
	register_result = sqlite3_vfs_register(&guest_vfs, 0);
}

/* What means something in a URI, or may (sqlite.org/uri.html 3.1). */
static void
encode(const char *path, char *ret_uri)
{
	char *end = stpcpy(ret_uri, "file:");

	for (const char *p = path; *p != '\0'; p++)
		end += sprintf(
		    end, strchr("%?#", *p) != NULL ? "%%%02X" : "%c", *p);
	(void)stpcpy(end, "?readonly_shm=1");
}

int
guest_open(const char *path, int flags, sqlite3 **ret_db)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char uri[3 * 4096 + 64];

	*ret_db = NULL;
	(void)pthread_once(&once, register_vfs);
	if (register_result != SQLITE_OK)
		return register_result;
	if (3 * strlen(path) + 64 > sizeof(uri))
		return SQLITE_CANTOPEN;
	encode(path, uri);
	return sqlite3_open_v2(uri, ret_db,
	    (flags & ~SQLITE_OPEN_READWRITE) | SQLITE_OPEN_READONLY |
		SQLITE_OPEN_URI,
	    VFS_NAME);
}
