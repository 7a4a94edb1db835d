/*
 * Descriptors, not paths, are given away, and each is opened below the folder
 * whose owner gets it: in a folder of his own a user can put another file, or a
 * link to another folder, under a name while we look.  For the same reason a file with a
 * second name is never given away; it may be one of root's.
 */
#include "base/belong.h"

#include <assert.h>
#include <errno.h>
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
belong_to(int fd, int folder_fd)
{
	struct stat st;

	if (fstat(folder_fd, &st) == 0)
		give(fd, &st);
}

/* Its folder, in which its last part is to be looked for; -1 and errno. */
static int
open_above(const char *path)
{
	AUTO(free) char *folder = NULL;
	struct err ignored;

	if (file_folder_of(path, &folder, &ignored) < 0)
		return -1;
	return open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void
belong_above(const char *path)
{
	AUTO(fd) int above = open_above(path);
	AUTO(fd)
	int fd = above < 0
		     ? -1
		     : openat(above, file_last_part(path),
			   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		belong_to(fd, above);
}

static bool
has_other_names(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink > 1;
}

int
belong_open(int folder_fd, const char *name, int flags)
{
	AUTO(fd)
	int fd = openat(
	    folder_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	/* It would be cut off before it is known whose it may be. */
	assert((flags & O_TRUNC) == 0);
	if (fd < 0)
		return -1;
	if (has_other_names(fd)) {
		errno = EMLINK;
		return -1;
	}
	belong_to(fd, folder_fd);
	return take_fd(&fd);
}
