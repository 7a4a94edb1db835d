/*
 * Descriptors, not paths, are given away: in a folder of his own a user can put
 * another file under a name while we look.  For the same reason a file with a
 * second name is never given away; it may be one of root's.
 */
#include "base/belong.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/file.h"

static bool
is_roots_alone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == 0 &&
	       (S_ISDIR(st.st_mode) ||
		   (S_ISREG(st.st_mode) && st.st_nlink <= 1));
}

static void
give(int fd, const struct stat *folder)
{
	if (geteuid() == 0 && folder->st_uid != 0 && is_roots_alone(fd))
		(void)!fchown(fd, folder->st_uid, folder->st_gid);
}

void
belong_to_folder(int fd, const char *folder)
{
	struct stat st;

	if (stat(folder, &st) == 0)
		give(fd, &st);
}

void
belong_to(int fd, int folder_fd)
{
	struct stat st;

	if (fstat(folder_fd, &st) == 0)
		give(fd, &st);
}

void
belong_above(const char *path)
{
	AUTO(fd)
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO(free) char *folder = NULL;
	struct err ignored;

	if (fd >= 0 && file_folder_of(path, &folder, &ignored) == 0)
		belong_to_folder(fd, folder);
}
