/*
 * Giving a name to a nameless file is linkat() through /proc/self/fd (open(2),
 * O_TMPFILE).  linkat() never replaces, so replacing goes by a temporary name
 * and rename(); a crash in between leaves that temporary name, and the old
 * file whole.
 *
 * All names are given in the folder as it was when the draft was opened: where
 * it is another user's he can put a link in its place while we work, and what
 * root makes would come to lie somewhere else.
 */
#include "base/draft.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"

static const char suffix[] = ".litesafe-";
enum { digits = 6 }; /* behind it */

/*
 * A fresh "PATH.litesafe-XXXXXX"; collisions are found by who uses it.  Of a
 * name that leaves no room for the suffix the end is cut off: that it is too
 * long for this must not be heard of when all the work is done.
 */
static int
temp_name(const char *path, char **ret_temp, struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash + 1 - path);
	size_t most = folder + NAME_MAX - strlen(suffix) - digits;
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return err_system(err, "take a random number");
	if (asprintf(ret_temp, "%.*s%s%0*x", (int)most, path, suffix, digits,
		number & 0xffffff) < 0)
		return err_system(err, "make a name beside '%s'", path);
	return 0;
}

bool
draft_is_suffix(const char *text)
{
	size_t len = strlen(suffix);

	return strncmp(text, suffix, len) == 0 &&
	       strspn(text + len, "0123456789abcdef") == digits &&
	       text[len + digits] == '\0';
}

static int
open_named(struct draft *draft, struct err *err)
{
	if (temp_name(draft->path, &draft->temp, err) < 0)
		return -1;
	draft->fd = openat(draft->folder_fd, file_last_part(draft->temp),
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (draft->fd < 0) {
		(void)err_system(err, "create '%s'", draft->temp);
		free(take_ptr(&draft->temp));
		return -1;
	}
	return 0;
}

/* In a chroot without /proc it could never get a name. */
static bool
nameless_gets_name(void)
{
	return access("/proc/self/fd", X_OK) == 0;
}

/* -1 and errno where there are no nameless files. */
static int
open_nameless(int folder_fd)
{
	char folder[64];

	if (!nameless_gets_name()) {
		errno = EOPNOTSUPP;
		return -1;
	}
	(void)snprintf(folder, sizeof(folder), "/proc/self/fd/%d", folder_fd);
	return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static int
cannot_create(const struct draft *draft, struct err *err)
{
	return err_system(err, "create a file in folder '%s'", draft->folder);
}

/* `folder_fd` is -1 where the path is to lead there. */
static int
begin(const char *path, int folder_fd, struct draft *ret_draft, struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;

	draft.path = strdup(path);
	if (draft.path == NULL)
		return err_system(err, "create '%s'", path);
	if (file_folder_of(path, &draft.folder, err) < 0)
		return -1;
	draft.folder_fd =
	    folder_fd < 0 ? open(draft.folder, O_PATH | O_DIRECTORY | O_CLOEXEC)
			  : fcntl(folder_fd, F_DUPFD_CLOEXEC, 0);
	if (draft.folder_fd < 0)
		return cannot_create(&draft, err);
	draft.fd = open_nameless(draft.folder_fd);
	if (draft.fd < 0) {
		if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
			return cannot_create(&draft, err);
		if (open_named(&draft, err) < 0)
			return -1;
	}
	/* The umask took bits away; it must not decide. */
	if (fchmod(draft.fd, 0600) < 0)
		return err_system(err, "set the mode of '%s'", path);
	*ret_draft = draft;
	draft = (struct draft)DRAFT_NONE;
	return 0;
}

int
draft_open(const char *path, struct draft *ret_draft, struct err *err)
{
	return begin(path, -1, ret_draft, err);
}

int
draft_open_in(
    int folder_fd, const char *path, struct draft *ret_draft, struct err *err)
{
	return begin(path, folder_fd, ret_draft, err);
}

int
draft_rename(struct draft *draft, const char *path, struct err *err)
{
	AUTO(free) char *folder = NULL;
	char *copy;

	if (file_folder_of(path, &folder, err) < 0)
		return -1;
	assert(strcmp(folder, draft->folder) == 0);
	copy = strdup(path);
	if (copy == NULL)
		return err_system(err, "name '%s'", path);
	free(draft->path);
	draft->path = copy;
	return 0;
}

static int
link_nameless(const struct draft *draft, const char *to)
{
	char from[64];

	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", draft->fd);
	return linkat(AT_FDCWD, from, draft->folder_fd, file_last_part(to),
	    AT_SYMLINK_FOLLOW);
}

/*
 * Somebody moved the folder away, or mounted something over it: what we name
 * in it now is not what the path leads to.
 */
static int
check_folder(const struct draft *draft, struct err *err)
{
	struct stat ours, named;

	if (fstat(draft->folder_fd, &ours) < 0 ||
	    stat(draft->folder, &named) < 0)
		return err_system(err, "look at folder '%s'", draft->folder);
	if (ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
		return 0;
	return err_set(err, ERR_FAILED, 0,
	    "folder '%s' was replaced by another one meanwhile", draft->folder);
}

static int
name_taken(const struct draft *draft, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, EEXIST, "'%s' exists", draft->path);
	return err_hint(err, "it appeared while we worked; it was not touched");
}

/* A name that was free a moment ago; never replaces. */
static int
publish_new(struct draft *draft, struct err *err)
{
	const char *name = file_last_part(draft->path);
	const char *temp =
	    draft->temp == NULL ? NULL : file_last_part(draft->temp);
	int folder = draft->folder_fd;
	int rc = temp == NULL
		     ? link_nameless(draft, draft->path)
		     : renameat2(folder, temp, folder, name, RENAME_NOREPLACE);

	/* No RENAME_NOREPLACE here (NFS, FUSE): link() does not replace either. */
	if (rc < 0 && errno == EINVAL && temp != NULL) {
		rc = linkat(folder, temp, folder, name, 0);
		if (rc == 0) /* both names are the file */
			(void)unlinkat(folder, temp, 0);
	}
	if (rc < 0 && errno == EEXIST)
		return name_taken(draft, err);
	if (rc < 0)
		return err_system(err, "give '%s' its name", draft->path);
	free(take_ptr(&draft->temp));
	return 0;
}

static int
publish_over(struct draft *draft, struct err *err)
{
	if (draft->temp == NULL) {
		AUTO(free) char *temp = NULL;

		if (temp_name(draft->path, &temp, err) < 0)
			return -1;
		if (link_nameless(draft, temp) < 0)
			return err_system(err, "name the draft '%s'", temp);
		draft->temp = take_ptr(&temp);
	}
	if (renameat(draft->folder_fd, file_last_part(draft->temp),
		draft->folder_fd, file_last_part(draft->path)) < 0)
		return err_system(
		    err, "rename '%s' to '%s'", draft->temp, draft->path);
	free(take_ptr(&draft->temp));
	return 0;
}

int
draft_publish(
    struct draft *draft, enum draft_conflict conflict, struct err *err)
{
	assert(draft->fd >= 0);
	if (file_flush(draft->fd, draft->path, err) < 0 ||
	    check_folder(draft, err) < 0)
		return -1;
	int rc = conflict == DRAFT_REPLACE ? publish_over(draft, err)
					   : publish_new(draft, err);
	if (rc < 0)
		return -1;
	if (file_flush_folder(draft->folder, err) < 0)
		return err_within(err,
		    "'%s' is complete, but a power cut may still undo its name",
		    draft->path);

	(void)close(take_fd(&draft->folder_fd));
	/* After fsync a failing close can lose nothing, but it is never silent. */
	if (close(take_fd(&draft->fd)) < 0)
		return err_system(err,
		    "'%s' is complete and flushed, but closing it failed",
		    draft->path);
	return 0;
}

int
draft_publish_unflushed(struct draft *draft, struct err *err)
{
	assert(draft->fd >= 0);
	if (check_folder(draft, err) < 0 || publish_over(draft, err) < 0)
		return -1;
	(void)close(take_fd(&draft->folder_fd));
	if (close(take_fd(&draft->fd)) < 0)
		return err_system(err, "close '%s'", draft->path);
	return 0;
}

void
draft_auto(struct draft *draft)
{
	if (draft->temp != NULL)
		(void)unlinkat(
		    draft->folder_fd, file_last_part(draft->temp), 0);
	if (draft->fd >= 0)
		(void)close(draft->fd);
	if (draft->folder_fd >= 0)
		(void)close(draft->folder_fd);
	free(draft->temp);
	free(draft->folder);
	free(draft->path);
	*draft = (struct draft)DRAFT_NONE;
}
