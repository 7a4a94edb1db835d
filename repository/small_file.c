/*
 * O_NONBLOCK opens a FIFO at once, and means nothing for a regular file.
 */
#include "repository/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"

static int
open_regular(int folder_fd, const char *folder, const char *name, int *ret_fd,
    uint64_t *ret_size, struct err *err)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	AUTO(fd) int fd = openat(folder_fd, name, flags);
	struct stat st = { 0 };

	/* ELOOP: a symlink; ENXIO: a socket. */
	if (fd < 0 && errno != ELOOP && errno != ENXIO)
		return err_system(err, "open '%s/%s'", folder, name);
	if (fd >= 0 && fstat(fd, &st) < 0)
		return err_system(err, "look at '%s/%s'", folder, name);
	if (fd < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_DAMAGED, 0,
		    "'%s/%s' is not a regular file", folder, name);
	*ret_size = (uint64_t)st.st_size;
	*ret_fd = take_fd(&fd);
	return 0;
}

int
small_file_read(int folder_fd, const char *folder, const char *name,
    size_t most, char **ret_text, size_t *ret_len, struct err *err)
{
	AUTO(fd) int fd = -1;
	uint64_t size = 0;

	if (open_regular(folder_fd, folder, name, &fd, &size, err) < 0)
		return -1;
	if (size > most)
		return err_set(err, ERR_DAMAGED, 0,
		    "'%s/%s' has %llu bytes, more than the limit of %zu",
		    folder, name, (unsigned long long)size, most);
	AUTO(free) char *text = malloc((size_t)size + 1);
	if (text == NULL)
		return err_system(err, "read '%s/%s'", folder, name);
	if (file_read(fd, text, (size_t)size, name, NULL, ret_len, err) < 0)
		return err_within(err, "folder '%s'", folder);
	text[*ret_len] = '\0';
	*ret_text = take_ptr(&text);
	return 0;
}
