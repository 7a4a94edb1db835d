/*
 * SQLite, too, follows a symlink before it names its side files, so the rules
 * about those are asked of the real name.
 */
#include "database/place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/family.h"

static int
names_file(const struct place_words *words, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = strlen(path);
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		while (len > 1 && path[len - 1] == '/')
			len--;
		(void)err_set(err, ERR_USAGE, EISDIR, "the %s '%s' is a folder",
		    words->object, path);
		return err_hint(err, "name a file in it: %s '%.*s/%s'",
		    words->option, (int)len, path, words->example);
	}
	if ((slash == NULL ? path : slash + 1)[0] == '\0')
		return err_set(err, ERR_USAGE, 0, "the %s '%s' names no file",
		    words->object, path);
	if (len < PATH_MAX)
		return 0;
	return err_set(err, ERR_USAGE, ENAMETOOLONG,
	    "the name of the %s '%.80s...' is too long", words->object, path);
}

static int
follow(const struct place_words *words, const char *path,
    char ret_path[PATH_MAX], struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode)) {
		(void)snprintf(ret_path, PATH_MAX, "%s", path);
		return 0;
	}
	if (realpath(path, ret_path) != NULL)
		return 0;
	if (errno != ENOENT)
		return err_system(err, "follow the link '%s'", path);
	/* The text of a link in /proc need not be the path of anything. */
	if (stat(path, &st) == 0 &&
	    place_takes_file(words, path, st.st_mode, err) < 0)
		return -1;
	(void)err_set(err, ERR_REFUSED, ENOENT,
	    "the %s '%s' is a symlink that leads nowhere", words->object, path);
	return err_hint(err, "remove the link, or name the file that it means");
}

static int
has_folder(const struct place_words *words, const char *path, struct err *err)
{
	AUTO(free) char *folder = NULL;
	struct stat st;

	if (file_folder_of(path, &folder, err) < 0)
		return -1;
	if (stat(folder, &st) < 0) {
		bool missing = errno == ENOENT;

		(void)err_system(
		    err, "the folder of the %s, '%s'", words->object, folder);
		return missing ? err_hint(err, "make the folder first") : -1;
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_FAILED, ENOTDIR,
		    "'%s', where the %s would be, is not a folder", folder,
		    words->object);
	return 0;
}

/* A dangling symlink counts: its file may be on a disk that is not mounted. */
static bool
is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? !S_ISDIR(st.st_mode)
				    : lstat(path, &st) == 0;
}

static int
is_no_side_file(
    const struct place_words *words, const char *path, struct err *err)
{
	char other[PATH_MAX];
	size_t len = strlen(path);

	for (unsigned i = 1; i < FAMILY_FILES; i++) {
		size_t end = strlen(family_suffix[i]);

		if (len <= end || strcmp(path + len - end, family_suffix[i]))
			continue;
		(void)snprintf(
		    other, sizeof(other), "%.*s", (int)(len - end), path);
		if (!is_there(other))
			continue;
		(void)err_set(err, ERR_REFUSED, 0,
		    "the %s '%s' is a name that SQLite uses beside '%s'",
		    words->object, path, other);
		return err_hint(
		    err, "choose another name for %s", words->option);
	}
	return 0;
}

int
place_find(const struct place_words *words, const char *path,
    char ret_path[PATH_MAX], struct err *err)
{
	if (names_file(words, path, err) < 0 ||
	    follow(words, path, ret_path, err) < 0 ||
	    has_folder(words, ret_path, err) < 0)
		return -1;
	return is_no_side_file(words, ret_path, err);
}

int
place_takes_file(const struct place_words *words, const char *path, mode_t mode,
    struct err *err)
{
	if (S_ISREG(mode))
		return 0;
	(void)err_set(err, ERR_REFUSED, 0, "the %s '%s' is not a regular file",
	    words->object, path);
	return err_hint(err, "%s", words->instead);
}
