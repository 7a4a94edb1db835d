/*
 * A folder becomes a repository in one step, the last one: when
 * litesafe-repository.json gets its name.  Until then it is a folder with at
 * most a reserve and a README of ours in it, and init begins anew.
 */
#include "repository/repository.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/draft.h"
#include "base/file.h"
#include "base/sha256.h"
#include "repository/outside.h"
#include "repository/readme.h"
#include "repository/repository_file.h"
#include "repository/reserve.h"
#include "repository/small_file.h"

static const char another_folder[] =
    "choose an empty folder for the repository, or one that does not exist";

/* As errno says. */
static int
cannot_make(const char *path, struct err *err)
{
	(void)err_system(err, "make the folder '%s'", path);
	if (err->code == ENOENT)
		return err_hint(err, "make the folder above it first");
	if (err->code != EACCES)
		return -1;
	return err_hint(err,
	    "have root make it and give it to this user: install -d -o USER "
	    "'%s'",
	    path);
}

static int
make_folder(const char *path, struct err *err)
{
	AUTO(free) char *above = NULL;

	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? 0 : cannot_make(path, err);
	/* The umask took bits away; it must not decide. */
	if (chmod(path, 0700) < 0)
		return err_system(err, "set the mode of '%s'", path);
	if (file_folder_of(path, &above, err) < 0)
		return -1;
	return file_flush_folder(above, err);
}

static int
open_folder(const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd >= 0)
		return 0;
	(void)err_system(err, "open the folder '%s'", path);
	if (err->code != ENOTDIR)
		return -1;
	return err_hint(err, "%s", another_folder);
}

/* A README that an init which did not come to its end has left. */
static bool
is_our_readme(int folder, const char *path)
{
	AUTO(free) char *text = NULL;
	struct err ignored;
	size_t len = 0;

	return small_file_read(folder, path, REPOSITORY_README,
		   REPOSITORY_FILE_MAX, &text, &len, &ignored) == 0 &&
	       strncmp(text, README_TITLE, strlen(README_TITLE)) == 0;
}

static bool
may_be_there(int folder, const char *path, const char *name)
{
	static const char *const harmless[] = { ".", "..",
		"lost+found", /* of a new filesystem */
		RESERVE_FILE, RESERVE_FILE ".litesafe-", /* drafts of ours */
		REPOSITORY_README ".litesafe-", REPOSITORY_FILE ".litesafe-" };

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		size_t len = strlen(harmless[i]);

		if (strcmp(name, harmless[i]) == 0 ||
		    (harmless[i][len - 1] == '-' &&
			strncmp(name, harmless[i], len) == 0))
			return true;
	}
	return strcmp(name, REPOSITORY_README) == 0 &&
	       is_our_readme(folder, path);
}

static int
must_be_empty(const char *path, struct err *err)
{
	int rc = 0;
	DIR *dir = opendir(path);

	if (dir == NULL)
		return err_system(err, "list the folder '%s'", path);
	while (rc == 0) {
		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (entry == NULL) {
			if (errno != 0)
				rc = err_system(
				    err, "list the folder '%s'", path);
			break;
		}
		if (may_be_there(dirfd(dir), path, entry->d_name))
			continue;
		(void)err_set(err, ERR_REFUSED, ENOTEMPTY,
		    "the folder '%s' is not empty: it holds '%s'", path,
		    entry->d_name);
		rc = err_hint(err, "%s", another_folder);
	}
	(void)closedir(dir);
	return rc;
}

static int
store(const char *path, const char *name, const char *text, size_t len,
    enum draft_conflict conflict, struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	AUTO(free) char *file = NULL;

	if (asprintf(&file, "%s/%s", path, name) < 0) {
		file = NULL;
		return err_system(err, "make '%s' in '%s'", name, path);
	}
	if (draft_open(file, &draft, err) < 0 ||
	    file_write(draft.fd, text, len, file, NULL, err) < 0)
		return -1;
	belong_to(draft.fd, draft.folder_fd);
	return draft_publish(&draft, conflict, err);
}

static int
new_id(char ret_id[REPOSITORY_ID_BYTES], struct err *err)
{
	uint64_t numbers[2];

	if (getrandom(numbers, sizeof(numbers), 0) != sizeof(numbers))
		return err_system(err, "take a random number");
	(void)snprintf(ret_id, REPOSITORY_ID_BYTES, "%016llx%016llx",
	    (unsigned long long)numbers[0], (unsigned long long)numbers[1]);
	return 0;
}

/*
 * If we die before the last name is there, the folder holds at most our
 * reserve and README.  Of two at once, one gets the last name and the other ERR_REFUSED.
 */
static int
fill(const char *path, struct err *err)
{
	struct repository_file file;
	AUTO(free) char *text = NULL;
	size_t readme_len = strlen(readme_text), len = 0;

	if (new_id(file.id, err) < 0 ||
	    sha256_once(readme_text, readme_len, file.readme_sha256, err) < 0 ||
	    repository_file_encode(&file, &text, &len, err) < 0)
		return -1;
	if (reserve_make(path, err) < 0 ||
	    store(path, REPOSITORY_README, readme_text, readme_len,
		DRAFT_REPLACE, err) < 0)
		return -1;
	return store(path, REPOSITORY_FILE, text, len, DRAFT_REFUSE, err);
}

static bool
is_repository(int folder)
{
	struct stat st;

	return fstatat(folder, REPOSITORY_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
is_one_already(const char *path, struct err *err)
{
	(void)err_set(
	    err, ERR_REFUSED, EEXIST, "'%s' is a repository already", path);
	return err_hint(err,
	    "back up into it, or choose another folder; scripts say "
	    "--if-missing");
}

/*
 * The sets of a repository in another one would be taken for sets of that, and
 * for damage.  One that is there already is left to who made it.
 */
static int
not_in_another(const char *path, struct err *err)
{
	char around[PATH_MAX];

	if (repository_is_at(path) || !repository_is_around(path, around))
		return 0;
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' would lie inside the repository '%s'", path, around);
	return err_hint(err,
	    "choose a place outside of it; several databases need only one "
	    "repository");
}

int
repository_init(const char *path, bool if_missing,
    struct repository *ret_repository, bool *ret_made, struct err *err)
{
	AUTO(fd) int folder = -1;

	*ret_made = false;
	if (not_in_another(path, err) < 0 || make_folder(path, err) < 0 ||
	    open_folder(path, &folder, err) < 0)
		return -1;
	if (!is_repository(folder)) {
		if (must_be_empty(path, err) < 0)
			return -1;
		if (fill(path, err) == 0)
			*ret_made = true;
		else if (err->code != EEXIST)
			return -1;
	}
	if (!*ret_made && !if_missing)
		return is_one_already(path, err);
	return repository_open(path, ret_repository, err);
}

/* 0 when it is there, or could be made; *ret_there: which. */
static int
look_for_folder(const char *path, bool *ret_there, struct err *err)
{
	AUTO(free) char *above = NULL;
	struct stat st;

	*ret_there = lstat(path, &st) == 0;
	if (*ret_there)
		return 0;
	if (errno != ENOENT)
		return cannot_make(path, err);
	if (file_folder_of(path, &above, err) < 0)
		return -1;
	return faccessat(AT_FDCWD, above, W_OK | X_OK, AT_EACCESS) == 0
		   ? 0
		   : cannot_make(path, err);
}

int
repository_init_foresee(const char *path, bool if_missing,
    struct repository *ret_repository, bool *ret_make, struct err *err)
{
	AUTO(fd) int folder = -1;
	bool there;

	*ret_make = false;
	if (not_in_another(path, err) < 0 ||
	    look_for_folder(path, &there, err) < 0 ||
	    (there && open_folder(path, &folder, err) < 0))
		return -1;
	if (there && is_repository(folder))
		return if_missing ? repository_open(path, ret_repository, err)
				  : is_one_already(path, err);
	if (there && must_be_empty(path, err) < 0)
		return -1;
	if (there && faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return err_system(err, "write to the folder '%s'", path);
	*ret_make = true;
	return 0;
}
