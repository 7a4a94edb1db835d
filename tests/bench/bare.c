/*
 * The least that a capture can take: the online backup API out of a read
 * transaction into a file that forgets everything.
 *
 * usage: bare DATABASE      prints the seconds from the begin of the
 *                           transaction to its end
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
die(sqlite3 *db, const char *what)
{
	(void)fprintf(stderr, "bare: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

/* --- a file that is always empty and takes everything --------------------- */

static int
null_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static int
null_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 at)
{
	(void)file, (void)at;
	memset(buf, 0, (size_t)len);
	return SQLITE_IOERR_SHORT_READ;
}

static int
null_write(sqlite3_file *file, const void *buf, int len, sqlite3_int64 at)
{
	(void)file, (void)buf, (void)len, (void)at;
	return SQLITE_OK;
}

static int
null_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	(void)file;
	*ret_size = 0;
	return SQLITE_OK;
}

static int
null_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	(void)file, (void)size;
	return SQLITE_OK;
}

static int
null_flags(sqlite3_file *file, int flags)
{
	(void)file, (void)flags;
	return SQLITE_OK;
}

static int
null_reserved(sqlite3_file *file, int *ret_reserved)
{
	(void)file;
	*ret_reserved = 0;
	return SQLITE_OK;
}

static int
null_control(sqlite3_file *file, int op, void *arg)
{
	(void)file, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static int
null_sector(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int
null_device(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods null_methods = {
	.iVersion = 1,
	.xClose = null_close,
	.xRead = null_read,
	.xWrite = null_write,
	.xTruncate = null_truncate,
	.xSync = null_flags,
	.xFileSize = null_size,
	.xLock = null_flags,
	.xUnlock = null_flags,
	.xCheckReservedLock = null_reserved,
	.xFileControl = null_control,
	.xSectorSize = null_sector,
	.xDeviceCharacteristics = null_device,
};

static int
null_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *ret_flags)
{
	(void)vfs, (void)name;
	file->pMethods = &null_methods;
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int
null_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_there)
{
	(void)vfs, (void)name, (void)flags;
	*ret_there = 0;
	return SQLITE_OK;
}

static int
null_path(sqlite3_vfs *vfs, const char *name, int size, char *ret_path)
{
	(void)vfs;
	(void)snprintf(ret_path, (size_t)size, "%s", name);
	return SQLITE_OK;
}

static sqlite3 *
open_null(void)
{
	static sqlite3_vfs null_vfs;
	const sqlite3_vfs *real = sqlite3_vfs_find(NULL);
	sqlite3 *db = NULL;

	null_vfs = *real;
	null_vfs.pNext = NULL;
	null_vfs.zName = "null";
	null_vfs.szOsFile = (int)sizeof(sqlite3_file);
	null_vfs.xOpen = null_open;
	null_vfs.xAccess = null_access;
	null_vfs.xFullPathname = null_path;
	if (sqlite3_vfs_register(&null_vfs, 0) != SQLITE_OK ||
	    sqlite3_open_v2("null", &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		"null") != SQLITE_OK ||
	    sqlite3_exec(db,
		"PRAGMA cache_size = 10; PRAGMA journal_mode = OFF;"
		"PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE",
		NULL, NULL, NULL) != SQLITE_OK)
		die(db, "open the null file");
	return db;
}

int
main(int argc, char **argv)
{
	sqlite3 *db = NULL;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: bare DATABASE\n");
		return 2;
	}
	sqlite3 *null = open_null();
	if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) !=
		SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA cache_size = 10", NULL, NULL, NULL) !=
		SQLITE_OK)
		die(db, argv[1]);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);

	double start = now();
	if (sqlite3_exec(db, "BEGIN; PRAGMA schema_version", NULL, NULL,
		NULL) != SQLITE_OK)
		die(db, "begin");
	sqlite3_backup *backup = sqlite3_backup_init(null, "main", db, "main");
	if (backup == NULL || sqlite3_backup_step(backup, -1) != SQLITE_DONE ||
	    sqlite3_backup_finish(backup) != SQLITE_OK)
		die(null, "copy");
	if (sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
		die(db, "end");
	(void)printf("%.3f\n", now() - start);
	(void)sqlite3_close(db);
	(void)sqlite3_close(null);
	return 0;
}
