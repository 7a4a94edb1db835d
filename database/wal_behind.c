/*
 * The descriptor is SQLite's, found among those of this process by device and
 * inode: it is open as long as the pin is, and we open and close none of the
 * database's files ourselves (sqlite.org/howtocorrupt.html 2.2).
 */
#include "database/wal_behind.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A piece that keeps a disk busy for a moment only. */
static const uint64_t piece_bytes = 8 << 20;

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

void
wal_behind_look(struct wal_behind *behind, uint64_t bytes)
{
	if (bytes < behind->begun) /* another one, or one that was emptied */
		behind->begun = bytes;
	if (bytes - behind->begun < piece_bytes)
		return;
	if (!behind->sought) {
		behind->sought = true;
		behind->fd = find(behind->source);
	}
	/* Only a hint: SYNC_FILE_RANGE_WRITE begins, and waits for nothing. */
	if (behind->fd >= 0)
		(void)sync_file_range(behind->fd, (off_t)behind->begun,
		    (off_t)(bytes - behind->begun), SYNC_FILE_RANGE_WRITE);
	behind->begun = bytes;
}
