/*
 * The way is gone one part at a time, each opened below the one before it and
 * without following a link.
 */
#include "repository/set_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/name.h"
#include "base/auto.h"
#include "base/belong.h"
#include "base/file.h"
#include "base/quote.h"

static const int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

static int
cannot_open(const struct repository *repository, const char *set,
    const char *part, struct err *err)
{
	switch (errno) {
	case ENOENT:
		(void)err_set(err, ERR_ABSENT, ENOENT,
		    "there is no set '%s' in the repository '%s'", set,
		    repository->path);
		return err_hint(err,
		    "the sets are shown by: litesafe list -r %s",
		    quote_word(repository->path, "PATH").text);
	case ENOTDIR:
	case ELOOP:
		(void)err_set(err, ERR_REFUSED, errno,
		    "'%s', on the way to set '%s' in the repository '%s', is "
		    "not a folder",
		    part, set, repository->path);
		return err_hint(err,
		    "a symlink is not followed there; choose another name "
		    "with --set, or look at what has this one");
	default:
		return err_system(
		    err, "open the folder '%s/%s'", repository->path, set);
	}
}

/*
 * Whoever made it may not have flushed it yet, so its name is flushed even if
 * it was there.
 */
static int
make_part(const struct repository *repository, int above, const char *part,
    struct err *err)
{
	if (mkdirat(above, part, 0700) < 0) {
		if (errno != EEXIST)
			return err_system(err,
			    "make folder '%s' in the repository '%s'", part,
			    repository->path);
	} else if (fchmodat(above, part, 0700, 0) < 0) {
		/* The umask took bits away; it must not decide. */
		return err_system(err, "set the mode of folder '%s'", part);
	}
	return file_flush(above, repository->path, err);
}

static int
walk(const struct repository *repository, const char *set, bool make,
    int *ret_fd, struct err *err)
{
	char parts[MEMBER_NAME_MAX + 1];
	AUTO(fd) int fd = open(repository->path, folder_flags);

	if (fd < 0)
		return err_system(
		    err, "open the repository '%s'", repository->path);
	if (name_check_set(set, err) < 0)
		return -1;
	(void)stpcpy(parts, set);
	for (char *rest = parts; rest != NULL;) {
		const char *part = strsep(&rest, "/");

		if (make && make_part(repository, fd, part, err) < 0)
			return -1;
		int next = openat(fd, part, folder_flags);
		if (next < 0)
			return cannot_open(repository, set, part, err);
		if (make)
			belong_to(next, fd);
		fd_auto(&fd);
		fd = next;
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

int
set_folder_open(const struct repository *repository, const char *set,
    int *ret_fd, struct err *err)
{
	return walk(repository, set, false, ret_fd, err);
}

int
set_folder_make(const struct repository *repository, const char *set,
    int *ret_fd, struct err *err)
{
	return walk(repository, set, true, ret_fd, err);
}
