/*
 * A lock is listed by the device of the filesystem and the inode.  On btrfs
 * and overlayfs stat() gives another device number than that; the one that the
 * kernel means stands in the mount table, under the mount of the file.
 */
#include "database/lock_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/auto.h"

static void
stream_auto(FILE **place)
{
	if (*place != NULL)
		(void)fclose(*place); /* only read from */
}

/* The device of the mount with this id, or `fallback`. */
static dev_t
device_of_mount(uint64_t id, dev_t fallback)
{
	AUTO(stream) FILE *mounts = fopen("/proc/self/mountinfo", "re");
	AUTO(free) char *line = NULL;
	size_t room = 0;

	while (mounts != NULL && getline(&line, &room, mounts) > 0) {
		unsigned long long mount;
		unsigned major_number, minor_number;
		if (sscanf(line, "%llu %*u %u:%u", &mount, &major_number,
			&minor_number) == 3 &&
		    mount == id)
			return makedev(major_number, minor_number);
	}
	return fallback;
}

static dev_t
device_of_locks(const char *path, dev_t fallback)
{
#ifdef STATX_MNT_ID
	struct statx stx;

	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &stx) == 0 &&
	    (stx.stx_mask & STATX_MNT_ID) != 0)
		return device_of_mount(stx.stx_mnt_id, fallback);
#endif
	(void)path;
	return fallback;
}

static int
identify(const char *path, struct lock_file *file, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		return err_system(err, "look at '%s'", path);
	}
	*file = (struct lock_file){
		.exists = true,
		.dev = st.st_dev,
		.lock_dev = device_of_locks(path, st.st_dev),
		.ino = st.st_ino,
	};
	return 0;
}

int
lock_files_find(const char *path, struct lock_files *ret_files, struct err *err)
{
	AUTO(free) char *real = realpath(path, NULL);
	char name[FAMILY_NAME_MAX];

	memset(ret_files, 0, sizeof(*ret_files));
	for (unsigned i = 0; i < FAMILY_FILES; i++) {
		if (snprintf(name, sizeof(name), "%s%s",
			real != NULL ? real : path,
			family_suffix[i]) >= (int)sizeof(name))
			return err_set(err, ERR_USAGE, ENAMETOOLONG,
			    "path '%.100s...' is too long", path);
		if (identify(name, &ret_files->file[i], err) < 0)
			return -1;
	}
	return 0;
}

bool
lock_files_any(const struct lock_files *files)
{
	for (unsigned i = 0; i < FAMILY_FILES; i++)
		if (files->file[i].exists)
			return true;
	return false;
}

bool
lock_files_has(const struct lock_files *files, const struct stat *st)
{
	for (unsigned i = 0; i < FAMILY_FILES; i++)
		if (files->file[i].exists && files->file[i].ino == st->st_ino &&
		    files->file[i].dev == st->st_dev)
			return true;
	return false;
}

static bool
find_file(
    const struct lock_files *files, dev_t dev, uint64_t ino, unsigned *ret_file)
{
	for (unsigned i = 0; i < FAMILY_FILES; i++) {
		const struct lock_file *file = &files->file[i];
		if (!file->exists || file->ino != ino ||
		    (file->dev != dev && file->lock_dev != dev))
			continue;
		*ret_file = i;
		return true;
	}
	return false;
}

/*
 * "1: POSIX  ADVISORY  WRITE 708 fe:00:24577 0 EOF" (proc(5)): the device in
 * hex, the inode in decimal.  A lock that is still waited for has "->" after
 * the number; who waits holds nothing.  A pid that is not positive belongs to
 * a lock of an open file description, or to a process outside our namespace.
 */
static bool
decode(
    const char *line, const struct lock_files *files, struct lock_entry *entry)
{
	char kind[16], mode[16], last[24];
	long pid;
	unsigned major_number, minor_number;
	unsigned long long ino;

	if (sscanf(line, "%*u: %15s %*s %15s %ld %x:%x:%llu %" SCNu64 " %23s",
		kind, mode, &pid, &major_number, &minor_number, &ino,
		&entry->first, last) != 8 ||
	    !find_file(
		files, makedev(major_number, minor_number), ino, &entry->file))
		return false;
	entry->posix =
	    strcmp(kind, "POSIX") == 0 || strcmp(kind, "OFDLCK") == 0;
	entry->write = strcmp(mode, "WRITE") == 0;
	entry->pid = pid > 0 ? (pid_t)pid : 0;
	entry->last =
	    strcmp(last, "EOF") == 0 ? UINT64_MAX : strtoull(last, NULL, 10);
	return true;
}

int
lock_table_read(const struct lock_files *files,
    int (*visit)(void *ctx, const struct lock_entry *entry, struct err *err),
    void *ctx, struct err *err)
{
	AUTO(stream) FILE *locks = fopen("/proc/locks", "re");
	AUTO(free) char *line = NULL;
	size_t room = 0;

	if (locks == NULL)
		return err_system(err, "read '/proc/locks'");
	while (getline(&line, &room, locks) > 0) {
		struct lock_entry entry;
		if (decode(line, files, &entry) && visit(ctx, &entry, err) < 0)
			return -1;
	}
	return ferror(locks) ? err_system(err, "read '/proc/locks'") : 0;
}
