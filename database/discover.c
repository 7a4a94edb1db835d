/*
 * Each folder is opened below the one that it was found in, so nobody can turn
 * the walk aside by a link while it goes on; a name that is gone when its turn
 * comes is no fault.  lstat() comes before every open(): a FIFO would block,
 * and to open a device may do anything.
 */
#include "database/discover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/draft.h"
#include "database/family.h"
#include "database/filesystem.h"
#include "database/header.h"

struct walk {
	const struct discover_options *options;
	dev_t dev; /* of the first folder */
	size_t above; /* bytes of "FOLDER/" */
};

/* One level of it. */
struct level {
	DIR *dir;
	int fd; /* the dir's own */
	const char *path;
	unsigned depth; /* 0: the folder that was given */
};

static int
look_into(struct walk *walk, const struct level *level, struct err *err);

static void
dir_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

/* It was there, or was something else, when its name was read. */
static bool
is_gone(int reason)
{
	return reason == ENOENT || reason == ENOTDIR || reason == ELOOP ||
	       reason == ENXIO;
}

/* NULL and errno. */
static DIR *
open_folder(int above, const char *name, int flags)
{
	AUTO(fd)
	int fd = openat(above, name,
	    O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC | flags);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir != NULL)
		(void)take_fd(&fd);
	return dir;
}

static int
cannot_look(const char *path, const char *what, struct err *err)
{
	int reason = errno;

	(void)err_set(err, ERR_INPUT, reason, "%s '%s' cannot be read: %s",
	    what, path, strerror(reason));
	if (reason == EACCES || reason == EPERM)
		return err_hint(err,
		    "a database there would not be saved: run litesafe as a "
		    "user that may read it");
	return -1;
}

static int
fault(const struct walk *walk, const char *path, const char *what,
    struct err *err)
{
	struct err one;

	(void)cannot_look(path, what, &one);
	return walk->options->fault(walk->options->ctx, path, &one, err);
}

/* Named as a side file, with the file there that it would be one of. */
static bool
is_side(int folder, const char *name)
{
	AUTO(free) char *first = NULL;
	struct stat st;

	if (!family_is_side(name))
		return false;
	first = strndup(name, (size_t)(strrchr(name, '-') - name));
	return first == NULL ||
	       fstatat(folder, first, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A file that by its name is nobody's database. */
static bool
is_passed_over(int folder, const char *name)
{
	const char *dot = strrchr(name, '.');

	return is_side(folder, name) || family_is_aside(name) ||
	       (dot != NULL && draft_is_suffix(dot));
}

static bool
has_wal(int folder, const char *name)
{
	char wal[PATH_MAX + sizeof("-wal")];
	struct stat st;

	(void)snprintf(wal, sizeof(wal), "%s-wal", name);
	return fstatat(folder, wal, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size > 0;
}

/* Only the owner of a file may ask for O_NOATIME. */
static int
open_quietly(int folder, const char *name, int flags)
{
	flags |= O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(folder, name, flags | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(folder, name, flags);
	return fd;
}

/*
 * Does the regular file `*st`, not empty, begin as a database?  -1 and errno.
 * Whatever has the name by now is asked; what is not a file says no.
 */
static int
begins_as_database(
    int folder, const char *name, int flags, struct stat *st, bool *ret_does)
{
	uint8_t magic[HEADER_MAGIC_BYTES];
	AUTO(fd) int fd = open_quietly(folder, name, flags);

	*ret_does = false;
	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	if (!S_ISREG(st->st_mode))
		return 0;
	ssize_t got = pread(fd, magic, sizeof(magic), 0);
	if (got < 0)
		return -1;
	*ret_does = header_has_magic(magic, (size_t)got);
	return 0;
}

/* A regular file. */
static int
look_at_file(const struct walk *walk, const struct level *level,
    const char *name, const char *path, struct stat *st, struct err *err)
{
	const struct discover_options *options = walk->options;
	bool is = false;

	if (is_passed_over(level->fd, name))
		return 0;
	if (st->st_size == 0)
		is = has_wal(level->fd, name);
	else if (st->st_size >= HEADER_MAGIC_BYTES &&
		 begins_as_database(level->fd, name, O_NOFOLLOW, st, &is) < 0 &&
		 !is_gone(errno))
		return fault(walk, path, "file", err);
	if (!is)
		return 0;
	return options->found(options->ctx, path, path + walk->above, st, err);
}

/* Is it one that is never entered? */
static bool
is_foreign(const struct walk *walk, const struct level *level)
{
	const struct discover_options *options = walk->options;
	struct stat st;

	if (options->not_in != NULL &&
	    fstatat(level->fd, options->not_in, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	if (options->one_filesystem && fstat(level->fd, &st) == 0 &&
	    st.st_dev != walk->dev)
		return true;
	return filesystem_virtual(level->fd);
}

static int
too_deep(const struct walk *walk, const char *path, struct err *err)
{
	struct err one;

	(void)err_set(&one, ERR_INPUT, 0,
	    "folder '%s' is not searched: it is the %dth below another", path,
	    DISCOVER_DEPTH_MAX);
	(void)err_hint(&one, "name it by itself");
	return walk->options->fault(walk->options->ctx, path, &one, err);
}

static int
enter(struct walk *walk, const struct level *above, const char *name,
    const char *path, struct err *err)
{
	AUTO(dir) DIR *dir = open_folder(above->fd, name, O_NOFOLLOW);

	if (dir == NULL)
		return is_gone(errno) ? 0 : fault(walk, path, "folder", err);
	const struct level level = {
		.dir = dir,
		.fd = dirfd(dir),
		.path = path,
		.depth = above->depth + 1,
	};
	if (is_foreign(walk, &level))
		return 0;
	if (level.depth >= DISCOVER_DEPTH_MAX)
		return too_deep(walk, path, err);
	return look_into(walk, &level, err);
}

static int
look_at(struct walk *walk, const struct level *level, const char *name,
    struct err *err)
{
	AUTO(free) char *path = NULL;
	bool slash = level->path[strlen(level->path) - 1] == '/';
	struct stat st;

	if (work_check(walk->options->work, err) < 0)
		return -1;
	if (asprintf(&path, "%s%s%s", level->path, slash ? "" : "/", name) <
	    0) {
		path = NULL;
		return err_system(err, "look for databases");
	}
	if (fstatat(level->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return is_gone(errno) ? 0 : fault(walk, path, "file", err);
	if (S_ISREG(st.st_mode))
		return look_at_file(walk, level, name, path, &st, err);
	/* What fsck put there has lost its name, and is nobody's database. */
	if (!S_ISDIR(st.st_mode) || strcmp(name, "lost+found") == 0)
		return 0;
	return enter(walk, level, name, path, err);
}

static int
look_into(struct walk *walk, const struct level *level, struct err *err)
{
	/* Without this right names can be read, and nothing behind them. */
	if (faccessat(level->fd, ".", X_OK, AT_EACCESS) < 0)
		return fault(walk, level->path, "folder", err);
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(level->dir);
		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    look_at(walk, level, entry->d_name, err) < 0)
			return -1;
	}
	return errno == 0 ? 0 : fault(walk, level->path, "folder", err);
}

int
discover(const struct discover_options *options, struct err *err)
{
	AUTO(dir) DIR *dir = open_folder(AT_FDCWD, options->folder, 0);
	size_t len = strlen(options->folder);
	struct walk walk = {
		.options = options,
		.above = len + (options->folder[len - 1] == '/' ? 0 : 1),
	};
	struct stat st;

	if (dir == NULL || fstat(dirfd(dir), &st) < 0)
		return fault(&walk, options->folder, "folder", err);
	const struct level level = {
		.dir = dir,
		.fd = dirfd(dir),
		.path = options->folder,
	};
	walk.dev = st.st_dev;
	return is_foreign(&walk, &level) ? 0 : look_into(&walk, &level, err);
}

int
discover_is_database(
    const char *path, bool *ret_is, struct stat *ret_st, struct err *err)
{
	*ret_is = false;
	if (stat(path, ret_st) < 0) {
		int reason = errno;

		*ret_st = (struct stat){ 0 };
		/* Side files come and go while an application works. */
		if (reason == ENOENT && is_passed_over(AT_FDCWD, path))
			return 0;
		errno = reason;
		return cannot_look(path, "file", err);
	}
	if (!S_ISREG(ret_st->st_mode) || is_passed_over(AT_FDCWD, path))
		return 0;
	if (ret_st->st_size == 0)
		*ret_is = has_wal(AT_FDCWD, path);
	else if (begins_as_database(AT_FDCWD, path, 0, ret_st, ret_is) < 0)
		return cannot_look(path, "file", err);
	return 0;
}
