/*
 * A folder is a repository when its file is there, whether or not this program
 * can read it.  All folders above are asked: a set may lie in folders.
 */
#include "repository/outside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "repository/repository_file.h"

bool
repository_is_at(const char *folder)
{
	char file[PATH_MAX + sizeof(REPOSITORY_FILE) + 1];
	struct stat st;

	(void)snprintf(file, sizeof(file), "%s/%s", folder, REPOSITORY_FILE);
	return lstat(file, &st) == 0;
}

/* The folder above what is at `path`, or will be; false when it is not there. */
static bool
folder_above(const char *path, char ret_real[PATH_MAX])
{
	AUTO(free) char *above = NULL;
	struct err ignored;

	if (realpath(path, ret_real) != NULL) {
		*strrchr(ret_real, '/') = '\0';
		return true;
	}
	return file_folder_of(path, &above, &ignored) == 0 &&
	       realpath(above, ret_real) != NULL;
}

bool
repository_is_around(const char *path, char ret_around[PATH_MAX])
{
	if (!folder_above(path, ret_around))
		return false;
	while (!repository_is_at(ret_around)) {
		char *slash = strrchr(ret_around, '/');

		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	return true;
}

int
repository_stay_out(const char *what, const char *path, struct err *err)
{
	char around[PATH_MAX];

	if (!repository_is_around(path, around))
		return 0;
	(void)err_set(err, ERR_REFUSED, 0,
	    "the %s '%s' would lie inside the repository '%s'", what, path,
	    around);
	return err_hint(err, "choose a place outside of it");
}
