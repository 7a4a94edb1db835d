/*
 * The VFS is the system's own but for the few methods that touch files.  To
 * SQLite it looks like a filesystem on which nothing can be written and nobody
 * else is.
 *
 * Each connection begins with an index of zeros, which makes SQLite recover
 * the -wal: it reads all frames, sums them, and believes those up to the last
 * valid commit (sqlite.org/fileformat2.html 4.3), as after a power cut.  A -wal
 * that is not there reads as an empty one.
 */
#include "database/frozen.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/engine.h"
#include "database/read_only.h"
#include "database/sqlite_error.h"

#define VFS_NAME "litesafe-frozen"

struct frozen_file {
	sqlite3_file base; /* first: SQLite sees only this */
	int fd; /* -1: a -wal that is not there */
	const char *path; /* SQLite keeps it as long as the file */
	void **regions; /* the index of the -wal, by number */
	int region_count;
};

static struct frozen_file *
file_of(sqlite3_file *base)
{
	return (struct frozen_file *)base;
}

/* --- the file ------------------------------------------------------------ */

static int
file_xread(sqlite3_file *base, void *buf, int len, sqlite3_int64 offset)
{
	const struct frozen_file *file = file_of(base);
	struct err ignored; /* SQLite asks for errno */
	size_t got = 0;

	if (file->fd >= 0 &&
	    file_read_at(file->fd, buf, (size_t)len, (uint64_t)offset,
		file->path, &got, &ignored) < 0)
		return SQLITE_IOERR_READ;
	memset((uint8_t *)buf + got, 0, (size_t)len - got);
	return got < (size_t)len ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int
file_xsize(sqlite3_file *base, sqlite3_int64 *ret_size)
{
	const struct frozen_file *file = file_of(base);
	struct stat st = { .st_size = 0 };

	if (file->fd >= 0 && fstat(file->fd, &st) < 0)
		return SQLITE_IOERR_FSTAT;
	*ret_size = st.st_size;
	return SQLITE_OK;
}

static bool
has_moved(const struct frozen_file *file)
{
	struct stat ours, named;

	return fstat(file->fd, &ours) < 0 || stat(file->path, &named) < 0 ||
	       ours.st_dev != named.st_dev || ours.st_ino != named.st_ino;
}

static int
file_xcontrol(sqlite3_file *base, int op, void *arg)
{
	if (op != SQLITE_FCNTL_HAS_MOVED)
		return SQLITE_NOTFOUND;
	*(int *)arg = has_moved(file_of(base));
	return SQLITE_OK;
}

/* --- the index of the -wal ----------------------------------------------- */

static int
add_region(struct frozen_file *file, int bytes)
{
	const int count = file->region_count + 1;
	void **regions = sqlite3_realloc64(
	    file->regions, (sqlite3_uint64)count * sizeof(*regions));

	if (regions == NULL)
		return SQLITE_NOMEM;
	file->regions = regions;
	void *region = sqlite3_malloc(bytes);
	if (region == NULL)
		return SQLITE_NOMEM;
	memset(region, 0, (size_t)bytes);
	regions[file->region_count++] = region;
	return SQLITE_OK;
}

static int
file_xshmmap(sqlite3_file *base, int number, int bytes, int extend,
    void volatile **ret_region)
{
	struct frozen_file *file = file_of(base);

	*ret_region = NULL;
	while (extend != 0 && file->region_count <= number) {
		int rc = add_region(file, bytes);
		if (rc != SQLITE_OK)
			return rc;
	}
	if (number < file->region_count)
		*ret_region = file->regions[number];
	return SQLITE_OK;
}

static int
file_xshmlock(sqlite3_file *base, int first, int count, int flags)
{
	(void)base, (void)first, (void)count, (void)flags;
	return SQLITE_OK;
}

/* One connection, one thread. */
static void
file_xshmbarrier(sqlite3_file *base)
{
	(void)base;
}

static int
file_xshmunmap(sqlite3_file *base, int delete)
{
	struct frozen_file *file = file_of(base);

	(void)delete;
	while (file->region_count > 0)
		sqlite3_free(file->regions[--file->region_count]);
	sqlite3_free(take_ptr(&file->regions));
	return SQLITE_OK;
}

static int
file_xclose(sqlite3_file *base)
{
	(void)file_xshmunmap(base, 0);
	fd_auto(&file_of(base)->fd); /* was only read from */
	return SQLITE_OK;
}

static const sqlite3_io_methods file_methods = {
	.iVersion = 2,
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
	.xShmMap = file_xshmmap,
	.xShmLock = file_xshmlock,
	.xShmBarrier = file_xshmbarrier,
	.xShmUnmap = file_xshmunmap,
};

/* --- the filesystem ------------------------------------------------------ */

/* O_NONBLOCK: a FIFO that took the name meanwhile must not hold us. */
static int
vfs_xopen(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
    int *ret_flags)
{
	enum {
		known = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL |
			SQLITE_OPEN_MAIN_JOURNAL,
	};
	struct frozen_file *file = file_of(base);

	(void)vfs;
	*file = (struct frozen_file){ .fd = -1, .path = name };
	if ((flags & known) == 0)
		return SQLITE_CANTOPEN;
	file->fd = open(
	    name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (file->fd < 0 && ((flags & SQLITE_OPEN_WAL) == 0 || errno != ENOENT))
		return SQLITE_CANTOPEN;
	file->base.pMethods = &file_methods;
	if (ret_flags != NULL)
		*ret_flags = (flags & known) | SQLITE_OPEN_READONLY;
	return SQLITE_OK;
}

static int
vfs_xdelete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	(void)vfs, (void)name, (void)sync_folder;
	return SQLITE_READONLY;
}

/* To SQLite's own VFS, too, an empty file does not exist. */
static int
vfs_xaccess(sqlite3_vfs *vfs, const char *name, int flags, int *ret_yes)
{
	struct stat st;

	(void)vfs, (void)flags;
	*ret_yes = stat(name, &st) == 0 && st.st_size > 0;
	return SQLITE_OK;
}

static sqlite3_vfs frozen_vfs;
static int register_result;

static void
register_vfs(void)
{
	const sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	register_result = SQLITE_ERROR;
	if (system == NULL)
		return;
	frozen_vfs = *system;
	frozen_vfs.zName = VFS_NAME;
	frozen_vfs.pNext = NULL;
	frozen_vfs.szOsFile = sizeof(struct frozen_file);
	frozen_vfs.xOpen = vfs_xopen;
	frozen_vfs.xDelete = vfs_xdelete;
	frozen_vfs.xAccess = vfs_xaccess;
	register_result = sqlite3_vfs_register(&frozen_vfs, 0);
}

int
frozen_vfs_name(const char **ret_name, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (engine_start(err) < 0)
		return -1;
	(void)pthread_once(&once, register_vfs);
	if (register_result != SQLITE_OK)
		return err_sqlite(err, NULL, register_result,
		    "set up reading frozen databases");
	*ret_name = VFS_NAME;
	return 0;
}
