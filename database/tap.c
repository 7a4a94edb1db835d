/*
 * A VFS (sqlite.org/vfs.html) whose file begins empty, takes whole pages, and
 * has nothing to give back.  Once a page was refused nothing more is taken, so
 * that the first reason is the one that is told.
 *
 * The file learns of its struct tap by a file control of our own
 * (sqlite3_file_control() passes unknown codes down to the VFS).
 */
#include "database/tap.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "database/engine.h"
#include "database/sqlite_error.h"

#define VFS_NAME "litesafe-tap"

enum {
	fcntl_attach = 0x6c697465, /* ours; argument: struct tap * */
	sector_bytes = 512, /* never larger than a page: one write, one page */
};

struct tap_file {
	sqlite3_file base; /* first: SQLite sees only this */
	struct tap *tap;
	uint32_t page_size; /* of the first write; 0 = none yet */
	uint64_t bytes; /* what the size of the file would be */
};

static struct tap_file *
file_of(sqlite3_file *base)
{
	return (struct tap_file *)base;
}

static int
xclose(sqlite3_file *base)
{
	(void)base;
	return SQLITE_OK;
}

/* The first reason stays. */
static int
refuse(const struct tap_file *file, const char *what, long long where)
{
	struct tap *tap = file->tap;

	if (tap != NULL && tap->err.kind == ERR_NONE)
		(void)err_set(&tap->err, ERR_FAILED, 0,
		    "SQLite %s %lld of the copy, which has only whole pages "
		    "to give away",
		    what, where);
	return SQLITE_IOERR;
}

/* An empty file; and SQLite has no reason to read back what it wrote. */
static int
xread(sqlite3_file *base, void *buf, int len, sqlite3_int64 offset)
{
	if (file_of(base)->bytes != 0)
		return refuse(file_of(base), "wants to read byte", offset);
	memset(buf, 0, (size_t)len);
	return SQLITE_IOERR_SHORT_READ;
}

static bool
is_page(const struct tap_file *file, int len, sqlite3_int64 offset)
{
	if (len < 512 || len > 65536 || (len & (len - 1)) != 0)
		return false;
	if (file->page_size != 0 && (uint32_t)len != file->page_size)
		return false;
	return offset >= 0 && offset % len == 0 && offset / len < UINT32_MAX;
}

static int
take_page(struct tap_file *file, const void *buf, int len, sqlite3_int64 offset)
{
	struct tap *tap = file->tap;

	if (!is_page(file, len, offset))
		return refuse(file, "wrote something else at byte", offset);
	file->page_size = (uint32_t)len;
	return tap->page(tap->ctx, (uint32_t)(offset / len + 1), buf,
	    (uint32_t)len, &tap->err);
}

static int
xwrite(sqlite3_file *base, const void *buf, int len, sqlite3_int64 offset)
{
	struct tap_file *file = file_of(base);

	if (file->tap == NULL || file->tap->err.kind != ERR_NONE ||
	    take_page(file, buf, len, offset) != 0)
		return SQLITE_IOERR_WRITE;

	uint64_t end = (uint64_t)offset + (uint64_t)len;
	if (end > file->bytes)
		file->bytes = end;
	return SQLITE_OK;
}

static int
xtruncate(sqlite3_file *base, sqlite3_int64 size)
{
	if ((uint64_t)size == file_of(base)->bytes)
		return SQLITE_OK;
	return refuse(file_of(base), "wants to cut to byte", size);
}

static int
xsync(sqlite3_file *base, int flags)
{
	(void)base;
	(void)flags;
	return SQLITE_OK;
}

static int
xfilesize(sqlite3_file *base, sqlite3_int64 *ret_size)
{
	*ret_size = (sqlite3_int64)file_of(base)->bytes;
	return SQLITE_OK;
}

/* Nobody else can see the file. */
static int
xlock(sqlite3_file *base, int level)
{
	(void)base;
	(void)level;
	return SQLITE_OK;
}

static int
xcheckreservedlock(sqlite3_file *base, int *ret_reserved)
{
	(void)base;
	*ret_reserved = 0;
	return SQLITE_OK;
}

static int
xfilecontrol(sqlite3_file *base, int op, void *arg)
{
	if (op != fcntl_attach)
		return SQLITE_NOTFOUND;
	file_of(base)->tap = arg;
	return SQLITE_OK;
}

static int
xsectorsize(sqlite3_file *base)
{
	(void)base;
	return sector_bytes;
}

static int
xdevicecharacteristics(sqlite3_file *base)
{
	(void)base;
	return 0;
}

static const sqlite3_io_methods file_methods = {
	.iVersion = 1, /* no shared memory, so never WAL; no mapping */
	.xClose = xclose,
	.xRead = xread,
	.xWrite = xwrite,
	.xTruncate = xtruncate,
	.xSync = xsync,
	.xFileSize = xfilesize,
	.xLock = xlock,
	.xUnlock = xlock,
	.xCheckReservedLock = xcheckreservedlock,
	.xFileControl = xfilecontrol,
	.xSectorSize = xsectorsize,
	.xDeviceCharacteristics = xdevicecharacteristics,
};

/* Only the database itself: no journal, no temporary file. */
static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
    int *ret_flags)
{
	(void)vfs;
	(void)name;
	base->pMethods = NULL;
	if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
		return SQLITE_CANTOPEN;
	*file_of(base) = (struct tap_file){ .base.pMethods = &file_methods };
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_IOERR_DELETE;
}

static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_there)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*ret_there = 0;
	return SQLITE_OK;
}

static int
vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int size, char *ret_path)
{
	(void)vfs;
	return snprintf(ret_path, (size_t)size, "%s", name) < size
		   ? SQLITE_OK
		   : SQLITE_CANTOPEN;
}

/* Chance, sleep and time are the default VFS's. */
static int
vfs_randomness(sqlite3_vfs *vfs, int size, char *ret_bytes)
{
	sqlite3_vfs *base = vfs->pAppData;

	return base->xRandomness(base, size, ret_bytes);
}

static int
vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
	sqlite3_vfs *base = vfs->pAppData;

	return base->xSleep(base, microseconds);
}

static int
vfs_current_time(sqlite3_vfs *vfs, double *ret_time)
{
	sqlite3_vfs *base = vfs->pAppData;

	return base->xCurrentTime(base, ret_time);
}

static sqlite3_vfs tap_vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct tap_file),
	.mxPathname = 64,
	.zName = VFS_NAME,
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_pathname,
	.xRandomness = vfs_randomness,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_current_time,
};

static pthread_once_t registered = PTHREAD_ONCE_INIT;

static void
register_vfs(void)
{
	tap_vfs.pAppData = sqlite3_vfs_find(NULL);
	if (tap_vfs.pAppData != NULL)
		(void)sqlite3_vfs_register(&tap_vfs, 0);
}

/*
 * A small cache makes SQLite write early and in order, and is the fast case:
 * with a large one the pages are sorted in the end (measured: 10x slower).
 */
static const char settings[] = "PRAGMA cache_size = 50;"
			       "PRAGMA journal_mode = OFF;"
			       "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA synchronous = OFF";

static void
connection_auto(sqlite3 **place)
{
	(void)sqlite3_close(*place);
}

int
tap_open(struct tap *tap, sqlite3 **ret_db, struct err *err)
{
	AUTO(connection) sqlite3 *db = NULL;

	if (engine_start(err) < 0)
		return -1;
	(void)pthread_once(&registered, register_vfs);

	int rc = sqlite3_open_v2("tap", &db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_PRIVATECACHE,
	    VFS_NAME);
	if (rc == SQLITE_OK) {
		(void)sqlite3_extended_result_codes(db, 1);
		rc = sqlite3_exec(db, settings, NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_file_control(db, "main", fcntl_attach, tap);
	if (rc != SQLITE_OK)
		return err_sqlite(
		    err, db, rc, "set SQLite up to hand on pages");
	tap->err = (struct err){ 0 };
	*ret_db = take_ptr(&db);
	return 0;
}
