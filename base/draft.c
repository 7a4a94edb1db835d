/*
 * Giving a name to a nameless file is linkat() through /proc/self/fd (open(2),
 * O_TMPFILE).  linkat() never replaces, so replacing goes by a temporary name
 * and rename(); a crash in between leaves that temporary name, and the old
 * file whole.
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
	draft->fd =
	    open(draft->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
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
open_nameless(const char *folder)
{
	if (!nameless_gets_name()) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int
draft_open(const char *path, struct draft *ret_draft, struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;

	draft.path = strdup(path);
	if (draft.path == NULL)
		return err_system(err, "create '%s'", path);
	if (file_folder_of(path, &draft.folder, err) < 0)
		return -1;
	draft.fd = open_nameless(draft.folder);
	if (draft.fd < 0) {
		if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
			return err_system(
			    err, "create a file in folder '%s'", draft.folder);
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
link_nameless(int fd, const char *to)
{
	char from[64];

	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
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
	int rc = draft->temp == NULL
		     ? link_nameless(draft->fd, draft->path)
		     : renameat2(AT_FDCWD, draft->temp, AT_FDCWD, draft->path,
			   RENAME_NOREPLACE);

	/* No RENAME_NOREPLACE here (NFS, FUSE): link() does not replace either. */
	if (rc < 0 && errno == EINVAL && draft->temp != NULL) {
		rc = link(draft->temp, draft->path);
		if (rc == 0)
			(void)unlink(draft->temp); /* both names are the file */
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
		if (link_nameless(draft->fd, temp) < 0)
			return err_system(err, "name the draft '%s'", temp);
		draft->temp = take_ptr(&temp);
	}
	if (rename(draft->temp, draft->path) < 0)
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
	if (file_flush(draft->fd, draft->path, err) < 0)
		return -1;
	int rc = conflict == DRAFT_REPLACE ? publish_over(draft, err)
					   : publish_new(draft, err);
	if (rc < 0)
		return -1;
	if (file_flush_folder(draft->folder, err) < 0)
		return err_within(err,
		    "'%s' is complete, but a power cut may still undo its name",
		    draft->path);

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
	if (publish_over(draft, err) < 0)
		return -1;
	if (close(take_fd(&draft->fd)) < 0)
		return err_system(err, "close '%s'", draft->path);
	return 0;
}

void
draft_auto(struct draft *draft)
{
	if (draft->temp != NULL)
		(void)unlink(draft->temp);
	if (draft->fd >= 0)
		(void)close(draft->fd);
	free(draft->temp);
	free(draft->folder);
	free(draft->path);
	*draft = (struct draft)DRAFT_NONE;
}
