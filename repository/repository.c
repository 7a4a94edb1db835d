/*
 * A folder without litesafe-repository.json is never taken for an empty
 * repository: it is what a mount point looks like when the disk is not there,
 * and a backup into it would fill the wrong disk and seem to have lost all
 * that came before.
 */
#include "repository/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "repository/readme.h"
#include "repository/repository_file.h"
#include "repository/small_file.h"

/* What goes behind the path: a set, a file in it, and slashes. */
enum { BEHIND_MAX = 512 };

static const char one_user[] =
    "a repository belongs to one user: run litesafe as the one who made it";

static int
none_there(const char *path, struct err *err)
{
	err->kind = ERR_REPOSITORY;
	return err_hint(err,
	    "is the disk mounted that should be there? a new repository is "
	    "made by: litesafe init -r %s",
	    quote_word(path, "PATH").text);
}

static int
real_path(const char *path, char ret_path[PATH_MAX], struct err *err)
{
	if (realpath(path, ret_path) == NULL) {
		if (errno != EACCES) {
			(void)err_system(
			    err, "there is no repository at '%s'", path);
			return none_there(path, err);
		}
		(void)err_system(err, "look for a repository at '%s'", path);
		err->kind = ERR_REPOSITORY;
		return err_hint(err, "%s", one_user);
	}
	if (strlen(ret_path) > PATH_MAX - BEHIND_MAX)
		return err_set(err, ERR_REPOSITORY, ENAMETOOLONG,
		    "the path of the repository '%.80s...' is too long", path);
	return 0;
}

static int
open_folder(const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd >= 0)
		return 0;
	(void)err_system(err, "open the repository '%s'", path);
	err->kind = ERR_REPOSITORY;
	return -1;
}

/* err->code is ENOENT when there is no such file, in a folder that is there. */
static int
read_file(const char *path, struct repository_file *ret_file, struct err *err)
{
	AUTO(fd) int folder = -1;
	AUTO(free) char *text = NULL;
	size_t len = 0;

	if (open_folder(path, &folder, err) < 0)
		return -1;
	if (small_file_read(folder, path, REPOSITORY_FILE, REPOSITORY_FILE_MAX,
		&text, &len, err) < 0)
		return -1;
	if (repository_file_decode(text, len, ret_file, err) < 0)
		return err_within(err, "'%s/%s'", path, REPOSITORY_FILE);
	return 0;
}

int
repository_open(
    const char *path, struct repository *ret_repository, struct err *err)
{
	struct repository_file file;

	if (real_path(path, ret_repository->path, err) < 0)
		return -1;
	if (read_file(ret_repository->path, &file, err) < 0) {
		if (err->code == ENOENT) {
			(void)err_set(err, ERR_REPOSITORY, ENOENT,
			    "'%s' is not a repository: it has no '%s'", path,
			    REPOSITORY_FILE);
			return none_there(path, err);
		}
		err->kind = ERR_REPOSITORY;
		if (err->code == EACCES)
			return err_hint(err, "%s", one_user);
		return -1;
	}
	(void)stpcpy(ret_repository->id, file.id);
	return 0;
}

/* A fault of what is stored is told; what keeps us from looking is not one. */
static int
tell(void (*fault)(void *ctx, const char *text), void *ctx,
    const struct err *err)
{
	if (err->kind != ERR_DAMAGED && err->kind != ERR_REPOSITORY &&
	    err->code != ENOENT)
		return -1;
	fault(ctx, err->text);
	return 0;
}

static int
check_readme(const struct repository *repository, int folder,
    const uint8_t sha256[SHA256_BYTES], struct err *err)
{
	AUTO(free) char *text = NULL;
	uint8_t found[SHA256_BYTES];
	size_t len = 0;

	if (small_file_read(folder, repository->path, REPOSITORY_README,
		REPOSITORY_FILE_MAX, &text, &len, err) < 0 ||
	    sha256_once(text, len, found, err) < 0)
		return -1;
	if (memcmp(found, sha256, SHA256_BYTES) == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, 0,
	    "'%s/%s' is not as litesafe init wrote it", repository->path,
	    REPOSITORY_README);
}

int
repository_check(const struct repository *repository,
    void (*fault)(void *ctx, const char *text), void *ctx, struct err *err)
{
	struct repository_file file;
	AUTO(fd) int folder = -1;

	if (read_file(repository->path, &file, err) < 0)
		return tell(fault, ctx, err);
	if (strcmp(file.id, repository->id) != 0) {
		(void)err_set(err, ERR_DAMAGED, 0,
		    "'%s/%s' is that of another repository than before",
		    repository->path, REPOSITORY_FILE);
		return tell(fault, ctx, err);
	}
	if (open_folder(repository->path, &folder, err) < 0)
		return -1;
	if (check_readme(repository, folder, file.readme_sha256, err) < 0)
		return tell(fault, ctx, err);
	return 0;
}
