/*
 * The folder of a set lies flat: '/' in a set's name becomes '\', which no name
 * has, so that no set's folder lies in another one's, and none can be in the
 * way of a file there.
 */
#include "repository/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/name.h"
#include "base/auto.h"
#include "base/belong.h"

int
state_default_folder(char ret_path[PATH_MAX], struct err *err)
{
	const char *xdg = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int len;

	if (geteuid() == 0)
		len = snprintf(ret_path, PATH_MAX, "/var/lib/litesafe");
	else if (xdg != NULL && xdg[0] == '/')
		len = snprintf(ret_path, PATH_MAX, "%s/litesafe", xdg);
	else if (home != NULL && home[0] == '/')
		len = snprintf(
		    ret_path, PATH_MAX, "%s/.local/state/litesafe", home);
	else
		len = PATH_MAX;
	if (len < PATH_MAX)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	    "neither HOME nor XDG_STATE_HOME names a folder; name one with "
	    "--state or LITESAFE_STATE");
}

int
state_make_folder(const char *path, struct err *err)
{
	char part[PATH_MAX];

	for (size_t i = 0; path[i] != '\0'; i++) {
		part[i] = path[i];
		part[i + 1] = '\0';
		if (path[i + 1] != '/' && path[i + 1] != '\0')
			continue;
		if (mkdir(part, 0700) == 0)
			belong_above(part);
		else if (errno != EEXIST)
			return err_system(
			    err, "make the folder '%s' for the state", part);
	}
	return 0;
}

static int
place(const char *base, const struct repository *repository, const char *set,
    struct state *ret_state, struct err *err)
{
	char flat[MEMBER_NAME_MAX + 1];

	if (name_check_set(set, err) < 0)
		return -1;
	(void)stpcpy(flat, set);
	for (char *p = flat; (p = strchr(p, '/')) != NULL;)
		*p = '\\';
	int len = snprintf(ret_state->folder, sizeof(ret_state->folder),
	    "%s/%s/%s", base, repository->id, flat);
	/* Room for the names of files, and of their drafts. */
	if (len >= PATH_MAX - MEMBER_NAME_MAX - 64)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "the path of the state folder '%.80s...' is too long",
		    base);
	return 0;
}

int
state_open(const char *base, const struct repository *repository,
    const char *set, struct state *ret_state, struct err *err)
{
	if (place(base, repository, set, ret_state, err) < 0)
		return -1;
	return state_make_folder(ret_state->folder, err);
}

int
state_look(const char *base, const struct repository *repository,
    const char *set, struct state *ret_state, struct err *err)
{
	char path[PATH_MAX];

	if (place(base, repository, set, ret_state, err) < 0)
		return -1;
	(void)snprintf(
	    path, sizeof(path), "%.*s/checks", PATH_MAX - 8, ret_state->folder);
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 || errno == ENOENT)
		return 0;
	return err_system(err, "read '%s'", path);
}

static void
sums_path(const struct state *state, const char *name, char ret_path[PATH_MAX])
{
	(void)snprintf(ret_path, PATH_MAX, "%.*s/%s%ssums",
	    PATH_MAX - MEMBER_NAME_MAX - 8, state->folder,
	    name == NULL ? "" : name, name == NULL ? "" : ".");
}

int
state_sums_open(const struct state *state, const char *name,
    const struct manifest_database *parent)
{
	char path[PATH_MAX];
	uint8_t root[SHA256_BYTES];
	struct err ignored;
	struct stat st;

	sums_path(state, name, path);
	AUTO(fd)
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const struct sums sums = {
		.fd = fd,
		.name = path,
		.page_size = parent->page_size,
		.page_count = parent->page_count,
	};
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size !=
		(uint64_t)parent->page_count * PAGE_SUM_BYTES ||
	    sums_root(&sums, root, &ignored) < 0 ||
	    memcmp(root, parent->root, SHA256_BYTES) != 0)
		return -1;
	return take_fd(&fd);
}

int
state_sums_draft(const struct state *state, const char *name,
    struct draft *ret_draft, struct err *err)
{
	char path[PATH_MAX];

	sums_path(state, name, path);
	if (draft_open(path, ret_draft, err) < 0)
		return -1;
	belong_to(ret_draft->fd, ret_draft->folder_fd);
	return 0;
}

int
state_sums_keep(struct draft *draft, struct err *err)
{
	return draft_publish_unflushed(draft, err);
}
