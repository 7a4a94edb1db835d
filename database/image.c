/*
 * A read-only VFS (sqlite.org/vfs.html) whose one file is a descriptor.
 *
 * The descriptor's number travels to xOpen as a URI parameter.  Locks are had
 * for the asking and there is never a file beside the image; the two version
 * bytes of the header that say "WAL" are shown as "no WAL", because a whole
 * image needs neither a -wal nor a -shm.
 *
 * SQLite must not know that it cannot write.  When it opens a database as
 * read-only or immutable it forgets all CHECK constraints, and its integrity
 * check then calls rows right that violate them (sqlite3AddCheckConstraint, to
 * be seen in 3.40).  So xOpen grants writing, query_only=ON keeps SQL from it,
 * and xWrite refuses.
 *
 * SQLite folds a read error during its checks into the list of what is wrong
 * with the database.  For us a disk that cannot be read is not a damaged
 * backup, so the file remembers its first trouble.
 */
#include "database/image.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/engine.h"
#include "database/read_only.h"
#include "database/sqlite_error.h"

#define VFS_NAME "litesafe-image"

enum {
	/* Reads between two questions to the one who watches. */
	reads_per_question = 64,
	/* The same for SQLite's virtual machine instructions. */
	steps_per_question = 10000,
	/* Read and write version (fileformat2.html 1.3.3); 2 means WAL. */
	header_write_version = 18,
	header_read_version = 19,
};

struct image_file {
	sqlite3_file base; /* first: SQLite sees only this */
	int fd;
	const char *name;
	const struct work *work;
	unsigned reads;
	struct err trouble; /* the first one; ERR_NONE = none yet */
};

static struct image_file *
file_of(sqlite3_file *base)
{
	return (struct image_file *)base;
}

static bool
told_to_stop(struct image_file *file)
{
	struct err err = { 0 };

	if (work_check(file->work, &err) == 0)
		return false;
	if (file->trouble.kind == ERR_NONE)
		file->trouble = err;
	return true;
}

/* Shows 2 as 1 in the byte at `place` of the file, if this read covers it. */
static void
hide_wal(uint8_t *buf, int64_t offset, size_t len, int64_t place)
{
	if (offset > place || (uint64_t)(place - offset) >= len)
		return;
	if (buf[place - offset] == 2)
		buf[place - offset] = 1;
}

static int
file_xread(sqlite3_file *base, void *buf, int len, sqlite3_int64 offset)
{
	struct image_file *file = file_of(base);
	struct err err = { 0 };
	size_t want = (size_t)len;
	size_t got = 0;

	if (file->reads++ % reads_per_question == 0 && told_to_stop(file))
		return SQLITE_INTERRUPT;
	if (file_read_at(file->fd, buf, want, (uint64_t)offset, file->name,
		&got, &err) < 0) {
		if (file->trouble.kind == ERR_NONE)
			file->trouble = err;
		return SQLITE_IOERR_READ;
	}
	memset((uint8_t *)buf + got, 0, want - got);
	hide_wal(buf, offset, want, header_write_version);
	hide_wal(buf, offset, want, header_read_version);
	return got < want ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
file_xsize(sqlite3_file *base, sqlite3_int64 *ret_size)
{
	struct image_file *file = file_of(base);
	struct stat st;

	if (fstat(file->fd, &st) < 0) {
		if (file->trouble.kind == ERR_NONE)
			(void)err_system(
			    &file->trouble, "look at '%s'", file->name);
		return SQLITE_IOERR_FSTAT;
	}
	*ret_size = st.st_size;
	return SQLITE_OK;
}

/* The descriptor is the caller's. */
static int
file_xclose(sqlite3_file *base)
{
	(void)base;
	return SQLITE_OK;
}

static int
file_xcontrol(sqlite3_file *base, int op, void *arg)
{
	(void)base, (void)op, (void)arg;
	return SQLITE_NOTFOUND;
}

static const sqlite3_io_methods file_methods = {
	.iVersion = 1,
	.xClose = file_xclose,
	.xRead = file_xread,
	.xWrite = read_only_xwrite,
	.xTruncate = read_only_xtruncate,
	.xSync = read_only_xsync,
	.xFileSize = file_xsize,
	.xLock = read_only_xlock,
	.xUnlock = read_only_xlock,
	.xCheckReservedLock = read_only_xreserved,
	.xFileControl = file_xcontrol,
	.xSectorSize = read_only_xsector,
	.xDeviceCharacteristics = read_only_xtraits,
};

/* Only the main database; journals and temporary files have no place here. */
static int
vfs_xopen(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
    int *ret_flags)
{
	struct image_file *file = file_of(base);

	(void)vfs;
	memset(file, 0, sizeof(*file));
	if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
		return SQLITE_CANTOPEN;
	file->fd = (int)sqlite3_uri_int64(name, "fd", -1);
	file->name = "";
	file->base.pMethods = &file_methods;
	if (ret_flags != NULL)
		*ret_flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_DB;
	return SQLITE_OK;
}

static int
vfs_xdelete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	(void)vfs, (void)name, (void)sync_folder;
	return SQLITE_READONLY;
}

static int
vfs_xaccess(sqlite3_vfs *vfs, const char *name, int flags, int *ret_yes)
{
	(void)vfs, (void)name, (void)flags;
	*ret_yes = 0;
	return SQLITE_OK;
}

static int
vfs_xfullpath(sqlite3_vfs *vfs, const char *name, int size, char *ret_path)
{
	(void)vfs;
	return snprintf(ret_path, (size_t)size, "%s", name) < size
		   ? SQLITE_OK
		   : SQLITE_CANTOPEN;
}

static int
vfs_xlasterror(sqlite3_vfs *vfs, int size, char *ret_text)
{
	(void)vfs, (void)size, (void)ret_text;
	return errno;
}

static sqlite3_vfs *
system_vfs(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

static int
vfs_xrandomness(sqlite3_vfs *vfs, int size, char *ret_bytes)
{
	return system_vfs(vfs)->xRandomness(system_vfs(vfs), size, ret_bytes);
}

static int
vfs_xsleep(sqlite3_vfs *vfs, int microseconds)
{
	return system_vfs(vfs)->xSleep(system_vfs(vfs), microseconds);
}

static int
vfs_xtime(sqlite3_vfs *vfs, double *ret_julian_day)
{
	return system_vfs(vfs)->xCurrentTime(system_vfs(vfs), ret_julian_day);
}

/* Version 1 and no xDl methods: this VFS cannot load code. */
static sqlite3_vfs image_vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct image_file),
	.mxPathname = 64,
	.zName = VFS_NAME,
	.xOpen = vfs_xopen,
	.xDelete = vfs_xdelete,
	.xAccess = vfs_xaccess,
	.xFullPathname = vfs_xfullpath,
	.xRandomness = vfs_xrandomness,
	.xSleep = vfs_xsleep,
	.xCurrentTime = vfs_xtime,
	.xGetLastError = vfs_xlasterror,
};

static int register_result;

static void
register_vfs(void)
{
	image_vfs.pAppData = sqlite3_vfs_find(NULL);
	register_result = image_vfs.pAppData == NULL
			      ? SQLITE_ERROR
			      : sqlite3_vfs_register(&image_vfs, 0);
}

static struct image_file *
file_behind(sqlite3 *db)
{
	sqlite3_file *base = NULL;

	(void)sqlite3_file_control(
	    db, "main", SQLITE_FCNTL_FILE_POINTER, &base);
	return file_of(base);
}

static int
on_progress(void *ctx)
{
	return told_to_stop(ctx) ? 1 : 0;
}

static void
distrust_schema(sqlite3 *db)
{
	static const struct {
		int option, value;
	} settings[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		(void)sqlite3_db_config(
		    db, settings[i].option, settings[i].value, (int *)NULL);
	/*
	 * Only limits that no honest schema meets: one that was lowered too far
	 * would make a healthy table look like one that cannot be checked.
	 */
	(void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
	(void)sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
}

/*
 * The cache is a bound on memory as well as speed.  Its pragma is the only one
 * here that reads the schema: if that cannot be read, the first statement of
 * the caller says so better than this one could.
 */
static int
configure(sqlite3 *db, const char *name, struct err *err)
{
	int rc = sqlite3_exec(db,
	    "PRAGMA temp_store=MEMORY; PRAGMA query_only=ON;"
	    "PRAGMA cell_size_check=ON",
	    NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return err_sqlite(err, db, rc, "set SQLite up for '%s'", name);
	(void)sqlite3_exec(db, "PRAGMA cache_size=-8192", NULL, NULL, NULL);
	return 0;
}

int
image_open(int fd, const char *name, const struct work *work, sqlite3 **ret_db,
    struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	AUTO(image) sqlite3 *db = NULL;
	char uri[64];

	if (engine_start(err) < 0)
		return -1;
	(void)pthread_once(&once, register_vfs);
	if (register_result != SQLITE_OK)
		return err_sqlite(
		    err, NULL, register_result, "set up reading '%s'", name);

	(void)snprintf(uri, sizeof(uri), "file:image?fd=%d", fd);
	int rc = sqlite3_open_v2(uri, &db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE,
	    VFS_NAME);
	if (rc != SQLITE_OK)
		return err_sqlite(err, db, rc, "open '%s'", name);

	struct image_file *file = file_behind(db);
	file->name = name;
	file->work = work;
	sqlite3_progress_handler(db, steps_per_question, on_progress, file);
	distrust_schema(db);
	if (configure(db, name, err) < 0)
		return -1;
	file->reads = 0;
	*ret_db = take_ptr(&db);
	return 0;
}

int
image_trouble(sqlite3 *db, struct err *err)
{
	const struct image_file *file = file_behind(db);

	if (file->trouble.kind == ERR_NONE)
		return 0;
	*err = file->trouble;
	return -1;
}

void
image_close(sqlite3 *db)
{
	int rc = sqlite3_close(db);

	assert(rc == SQLITE_OK);
	(void)rc;
}

void
image_auto(sqlite3 **place)
{
	image_close(*place);
}
