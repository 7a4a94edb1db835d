/*
 * Which sets there are: every folder below the repository is looked at once.
 *
 * The names found so far are the list of what is still to be looked at, so
 * nothing recurses; the limits on a set's name end the depth.  Symlinks are
 * passed over.
 */
#include "repository/repository.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/name.h"
#include "base/auto.h"
#include "repository/set_folder.h"
#include "repository/snapshot_name.h"

enum { FOLDERS_MAX = 1000000 };

/* A folder below the repository, by its path from there. */
struct found {
	char *name;
	bool is_set;
};

struct folders {
	struct found *list;
	size_t count, room;
};

static void
folders_auto(struct folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		free(folders->list[i].name);
	free(folders->list);
}

static void
dir_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

static int
folders_grow(struct folders *folders, struct err *err)
{
	size_t room = folders->room == 0 ? 64 : folders->room * 2;

	if (folders->count < folders->room)
		return 0;
	if (folders->count >= FOLDERS_MAX)
		return err_set(err, ERR_FAILED, 0,
		    "the repository has more than %d folders", FOLDERS_MAX);
	struct found *list =
	    reallocarray(folders->list, room, sizeof(*folders->list));
	if (list == NULL)
		return err_system(err, "list the sets");
	folders->list = list;
	folders->room = room;
	return 0;
}

/* Takes a name in that a set can have; others are passed over. */
static int
folders_add(struct folders *folders, const char *above, const char *name,
    struct err *err)
{
	struct err ignored;
	AUTO(free) char *path = NULL;

	if (asprintf(&path, "%s%s%s", above, above[0] == '\0' ? "" : "/",
		name) < 0) {
		path = NULL;
		return err_system(err, "list the sets");
	}
	if (name_check_set(path, &ignored) < 0)
		return 0;
	if (folders_grow(folders, err) < 0)
		return -1;
	folders->list[folders->count++] =
	    (struct found){ .name = take_ptr(&path) };
	return 0;
}

/* -1 and errno; 0 also for what is gone meanwhile. */
static int
is_folder(int above, const struct dirent *entry, bool *ret_is)
{
	struct stat st;

	*ret_is = entry->d_type == DT_DIR;
	if (entry->d_type != DT_UNKNOWN)
		return 0;
	if (fstatat(above, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	*ret_is = S_ISDIR(st.st_mode);
	return 0;
}

static bool
makes_a_set(const char *file)
{
	char name[SNAPSHOT_NAME_BYTES];
	enum snapshot_file kind = snapshot_file_kind(file, name);

	return kind == SNAPSHOT_ARCHIVE || kind == SNAPSHOT_MANIFEST;
}

/* Folders in folder `at` go to the end of the list. */
static int
look_into(struct folders *folders, size_t at, int fd, struct err *err)
{
	AUTO(dir) DIR *dir = fdopendir(fd);
	/* The list moves when it grows; the name does not. */
	const char *above = folders->list[at].name;

	if (dir == NULL) {
		fd_auto(&fd);
		return err_system(err, "list the folder '%s'", above);
	}
	for (;;) {
		bool folder = false;

		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (is_folder(dirfd(dir), entry, &folder) < 0)
			return err_system(
			    err, "look at '%s/%s'", above, entry->d_name);
		if (folder) {
			if (folders_add(folders, above, entry->d_name, err) < 0)
				return -1;
		} else if (makes_a_set(entry->d_name)) {
			folders->list[at].is_set = true;
		}
	}
	return errno == 0 ? 0 : err_system(err, "list the folder '%s'", above);
}

/* The repository itself has the name "". */
static int
open_folder(const struct repository *repository, const char *name, int *ret_fd,
    struct err *err)
{
	if (name[0] != '\0')
		return set_folder_open(repository, name, ret_fd, err);
	*ret_fd = open(repository->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? err_system(err, "open the repository '%s'",
				 repository->path)
			   : 0;
}

/*
 * Gone meanwhile, or root's folder in a filesystem that is nothing but this
 * repository.  Any other one that cannot be opened may hold a set.
 */
static bool
may_pass(const char *name, const struct err *err)
{
	return err->kind == ERR_ABSENT ||
	       (err->code == EACCES && strcmp(name, "lost+found") == 0);
}

static int
look_everywhere(const struct repository *repository, struct folders *folders,
    struct err *err)
{
	char *name = strdup("");

	if (name == NULL || folders_grow(folders, err) < 0) {
		free(name);
		return err_system(err, "list the sets");
	}
	assert(folders->list != NULL);
	folders->list[folders->count++] = (struct found){ .name = name };
	for (size_t i = 0; i < folders->count; i++) {
		int fd = -1;

		if (open_folder(repository, folders->list[i].name, &fd, err) ==
		    0) {
			if (look_into(folders, i, fd, err) < 0)
				return -1;
		} else if (!may_pass(folders->list[i].name, err)) {
			return -1;
		}
	}
	return 0;
}

static int
by_name(const void *left, const void *right)
{
	const struct found *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int
repository_sets(const struct repository *repository,
    int (*visit)(void *ctx, const char *set, struct err *err), void *ctx,
    struct err *err)
{
	AUTO(folders) struct folders folders = { 0 };

	if (look_everywhere(repository, &folders, err) < 0)
		return -1;
	qsort(folders.list, folders.count, sizeof(*folders.list), by_name);
	/* The first is the repository itself. */
	for (size_t i = 1; i < folders.count; i++)
		if (folders.list[i].is_set &&
		    visit(ctx, folders.list[i].name, err) < 0)
			return -1;
	return 0;
}

int
repository_make_set(
    const struct repository *repository, const char *set, struct err *err)
{
	AUTO(fd) int fd = -1;

	return set_folder_make(repository, set, &fd, err);
}
