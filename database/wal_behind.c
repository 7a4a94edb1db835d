/*
 * The descriptor is SQLite's, found among those of this process by device and
 * inode: it is open as long as the pin is, and by its name we open and close none
 * of the database's files ourselves (sqlite.org/howtocorrupt.html 2.2).
 */
#include "database/wal_behind.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/auto.h"

/* A piece that keeps a disk busy for a moment only. */
static const uint64_t piece_bytes = 8 << 20;

/*
 * Left out at the end: a page that is being written is locked until all of its
 * piece is on its way, and who appends to it waits.
 */
static const uint64_t tail_bytes = 1 << 20;

/* Each has to write what was appended during the one before. */
enum { most_passes = 4 };

static bool
is_file(int fd, const struct stat *wanted)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == wanted->st_dev &&
	       st.st_ino == wanted->st_ino;
}

static int
find(const struct source *source)
{
	char path[sizeof(source->path) + sizeof("-wal")];
	struct stat wanted;
	int found = -1;

	(void)snprintf(path, sizeof(path), "%s-wal", source->path);
	if (stat(path, &wanted) < 0)
		return -1;
	DIR *folder = opendir("/proc/self/fd");
	for (const struct dirent *entry; folder != NULL && found < 0 &&
					 (entry = readdir(folder)) != NULL;) {
		int fd = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && is_file(fd, &wanted))
			found = fd;
	}
	if (folder != NULL)
		(void)closedir(folder);
	return found;
}

/* Where the part ends that nobody appends to in the next moment. */
static uint64_t
quiet_end(uint64_t bytes)
{
	return bytes > tail_bytes ? bytes - tail_bytes : 0;
}

void
wal_behind_look(struct wal_behind *behind, uint64_t bytes)
{
	uint64_t end = quiet_end(bytes);

	if (end < behind->begun) /* another one, or one that was emptied */
		behind->begun = end;
	if (end - behind->begun < piece_bytes)
		return;
	if (!behind->sought) {
		behind->sought = true;
		behind->fd = find(behind->source);
	}
	/* Only a hint: SYNC_FILE_RANGE_WRITE begins, and waits for nothing. */
	if (behind->fd >= 0)
		(void)sync_file_range(behind->fd, (off_t)behind->begun,
		    (off_t)(end - behind->begun), SYNC_FILE_RANGE_WRITE);
	behind->begun = end;
}

/*
 * A wait that meets a failed write takes the error from its descriptor, and a
 * later fsync(2) there would succeed: SQLite's must not lose it so.  This is
 * another opening of the same file.  To close it drops no lock: SQLite locks
 * the database and the -shm, never the -wal.
 */
static int
open_again(int fd)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

void
wal_behind_catch_up(
    const struct source *source, double deadline, const struct work *work)
{
	AUTO(fd) int fd = open_again(find(source));
	uint64_t done = 0, end = quiet_end(source_wal_bytes(source));

	if (fd < 0)
		return;
	for (int pass = 0; pass < most_passes && end >= done + piece_bytes;
	     pass++) {
		for (; done + piece_bytes <= end; done += piece_bytes) {
			if (work_is_over(work, deadline))
				return;
			(void)sync_file_range(fd, (off_t)done,
			    (off_t)piece_bytes,
			    SYNC_FILE_RANGE_WAIT_BEFORE |
				SYNC_FILE_RANGE_WRITE |
				SYNC_FILE_RANGE_WAIT_AFTER);
		}
		end = quiet_end(source_wal_bytes(source));
	}
}
