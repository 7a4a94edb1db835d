/*
 * The loops that POSIX leaves to its callers: short reads, short writes, EINTR.
 *
 * A pipe is written in pieces of PIPE_BUF after poll() has said that there is
 * room: POSIX promises that such a write does not block, so a reader that
 * stands still can never hold us, and with us a pinned database, for ever.  It
 * is read after poll() too: whoever gave it to us may have made it non-blocking
 * (the flag belongs to the open file, not to the process), and a signal that
 * comes just before a read() would otherwise wait with it.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/auto.h"

/* How long the other end may stand still before we look around. */
enum { poll_ms = 100 };

/*
 * Large enough that what comes a little late is the exception, and small enough
 * that little is left for the flush in the end, which everybody waits for.
 */
static const uint64_t write_behind_bytes = 4 << 20;

/* Not a regular file; what is no file at all fails at once by itself. */
static bool
may_block(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Until a read or write (`events`) would not block, or the other end is gone. */
static int
wait_for(int fd, short events, const char *name, const struct work *work,
    struct err *err)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	for (;;) {
		if (work_check(work, err) < 0)
			return -1;
		int rc = poll(&pfd, 1, poll_ms);
		if (rc > 0)
			return 0;
		if (rc < 0 && errno != EINTR)
			return err_system(err, "wait for '%s'", name);
	}
}

int
file_read(int fd, void *buf, size_t len, const char *name,
    const struct work *work, size_t *ret_got, struct err *err)
{
	bool waits = may_block(fd);
	size_t got = 0;

	while (got < len) {
		if (waits && wait_for(fd, POLLIN, name, work, err) < 0)
			return -1;
		ssize_t n = read(fd, (char *)buf + got, len - got);
		if (n == 0)
			break;
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return err_system(err, "read '%s'", name);
		else if (work_check(work, err) < 0)
			return -1;
	}
	*ret_got = got;
	return 0;
}

int
file_read_at(int fd, void *buf, size_t len, uint64_t offset, const char *name,
    size_t *ret_got, struct err *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(
		    fd, (char *)buf + got, len - got, (off_t)(offset + got));
		if (n == 0)
			break;
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR)
			return err_system(err, "read '%s' at byte %llu", name,
			    (unsigned long long)(offset + got));
	}
	*ret_got = got;
	return 0;
}

/*
 * Linux takes the memory of its page cache in blocks as large as a write, and
 * large ones cost it less.  But on a virtual machine memory that was not used
 * lately is dear (its host took it back), and small blocks, of up to 32 KiB
 * (PAGE_ALLOC_COSTLY_ORDER), are what was.  An archive, half of its database,
 * is best written in large pieces; a whole database in small ones: a restore
 * of 1 GiB took twice as long with large ones, on such a machine.
 */
enum { stream_piece_max = 512 << 10, image_piece_max = 32 << 10 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

int
file_write(int fd, const void *buf, size_t len, const char *name,
    const struct work *work, struct err *err)
{
	bool waits = may_block(fd);
	size_t done = 0;

	while (done < len) {
		size_t piece = least(len - done, stream_piece_max);
		if (waits) {
			if (wait_for(fd, POLLOUT, name, work, err) < 0)
				return -1;
			piece = least(piece, PIPE_BUF);
		}
		ssize_t n = write(fd, (const char *)buf + done, piece);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return err_system(err, "write to '%s'", name);
		else if (work_check(work, err) < 0)
			return -1;
	}
	return 0;
}

int
file_write_at(int fd, const void *buf, size_t len, uint64_t offset,
    const char *name, struct err *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, (const char *)buf + done,
		    least(len - done, image_piece_max), (off_t)(offset + done));
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return err_system(err, "write to '%s' at byte %llu",
			    name, (unsigned long long)(offset + done));
	}
	return 0;
}

void
file_write_behind(int fd, uint64_t offset, uint64_t len)
{
	uint64_t end = offset + len;
	uint64_t mark = end - end % write_behind_bytes;

	/* Asynchronous: SYNC_FILE_RANGE_WRITE waits for nothing. */
	if (mark > offset)
		(void)sync_file_range(fd, (off_t)(mark - write_behind_bytes),
		    (off_t)write_behind_bytes, SYNC_FILE_RANGE_WRITE);
}

int
file_flush(int fd, const char *name, struct err *err)
{
	if (fsync(fd) < 0)
		return err_system(err, "flush '%s' to the disk", name);
	return 0;
}

int
file_flush_folder(const char *folder, struct err *err)
{
	AUTO(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_system(err, "open folder '%s'", folder);
	return file_flush(fd, folder, err);
}

int
file_free_space(int fd, const char *name, uint64_t *ret_bytes, struct err *err)
{
	struct statvfs vfs;

	if (fstatvfs(fd, &vfs) < 0)
		return err_system(err, "ask for the free space at '%s'", name);
	*ret_bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	return 0;
}

const char *
file_scratch_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder != NULL && folder[0] == '/' ? folder : "/var/tmp";
}

/* For the few filesystems without O_TMPFILE: named for a moment only. */
static int
scratch_by_name(const char *folder, int *ret_fd, struct err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/litesafe-XXXXXX", folder) >=
	    (int)sizeof(path))
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "folder name '%.100s...' is too long", folder);
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "make a scratch file in '%s'", folder);
	if (unlink(path) < 0) {
		(void)err_system(err, "remove the name '%s'", path);
		(void)close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

int
file_scratch(const char *folder, int *ret_fd, struct err *err)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	/* EISDIR: a kernel or filesystem that takes the flag for a plain open. */
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
		return scratch_by_name(folder, ret_fd, err);
	bool absent = errno == ENOENT || errno == ENOTDIR;
	(void)err_system(err, "make a scratch file in '%s'", folder);
	return absent ? err_hint(err,
			    "make that folder, or name another one for scratch "
			    "files (--scratch, TMPDIR)")
		      : -1;
}

const char *
file_last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

int
file_folder_of(const char *path, char **ret_folder, struct err *err)
{
	AUTO(free) char *copy = strdup(path);
	char *folder = copy == NULL ? NULL : strdup(dirname(copy));

	if (folder == NULL)
		return err_system(err, "take the folder of '%s'", path);
	*ret_folder = folder;
	return 0;
}
