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
	    "--state DIR or LITESAFE_STATE");
}

static int
make_way(const char *path, struct err *err)
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

/* One folder further, which is made where there is none. */
static int
enter(int *fd, const char *base, const char *part, struct err *err)
{
	bool made = mkdirat(*fd, part, 0700) == 0;

	if (!made && errno != EEXIST)
		return err_system(err,
		    "make the folder '%s' for the state in '%s'", part, base);
	int next =
	    openat(*fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		(void)err_set(err, ERR_REFUSED, errno,
		    "'%s' in the state folder '%s' is not a folder", part,
		    base);
		return err_hint(err,
		    "a symlink is not followed there; remove it, or name "
		    "another state folder with --state");
	}
	if (next < 0)
		return err_system(
		    err, "open '%s' in the state folder '%s'", part, base);
	if (made)
		belong_to(next, *fd);
	fd_auto(fd);
	*fd = next;
	return 0;
}

static int
too_long(const char *base, struct err *err)
{
	return err_set(err, ERR_USAGE, ENAMETOOLONG,
	    "the path of the state folder '%.80s...' is too long", base);
}

int
state_subfolder(
    const char *base, const char *name, int *ret_fd, struct err *err)
{
	if (strlen(base) + strlen(name) >= PATH_MAX - MEMBER_NAME_MAX - 64)
		return too_long(base, err);
	if (make_way(base, err) < 0)
		return -1;
	AUTO(fd) int fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "open the state folder '%s'", base);
	if (enter(&fd, base, name, err) < 0)
		return -1;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
place(const char *base, const struct repository *repository, const char *set,
    char ret_flat[MEMBER_NAME_MAX + 1], struct state *ret_state,
    struct err *err)
{
	*ret_state = (struct state)STATE_CLOSED;
	if (name_check_set(set, err) < 0)
		return -1;
	(void)stpcpy(ret_flat, set);
	for (char *p = ret_flat; (p = strchr(p, '/')) != NULL;)
		*p = '\\';
	int len = snprintf(ret_state->folder, sizeof(ret_state->folder),
	    "%s/%s/%s", base, repository->id, ret_flat);
	/* Room for the names of files, and of their drafts. */
	if (len >= PATH_MAX - MEMBER_NAME_MAX - 64)
		return too_long(base, err);
	return 0;
}

int
state_open(const char *base, const struct repository *repository,
    const char *set, struct state *ret_state, struct err *err)
{
	char flat[MEMBER_NAME_MAX + 1];
	AUTO(fd) int fd = -1;

	if (place(base, repository, set, flat, ret_state, err) < 0 ||
	    state_subfolder(base, repository->id, &fd, err) < 0 ||
	    enter(&fd, base, flat, err) < 0)
		return -1;
	ret_state->fd = take_fd(&fd);
	return 0;
}

/* NAME in an open folder, which is closed; -1 and errno. */
static int
look_into(int folder, const char *name)
{
	int fd = openat(
	    folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int why = errno;

	(void)close(folder);
	errno = why;
	return fd;
}

int
state_look(const char *base, const struct repository *repository,
    const char *set, struct state *ret_state, struct err *err)
{
	char flat[MEMBER_NAME_MAX + 1];

	if (place(base, repository, set, flat, ret_state, err) < 0)
		return -1;
	int fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fd = look_into(fd, repository->id);
	if (fd >= 0)
		fd = look_into(fd, flat);
	ret_state->fd = fd;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd >= 0 &&
	    (faccessat(fd, "checks", R_OK, AT_EACCESS) == 0 || errno == ENOENT))
		return 0;
	(void)err_system(err, "read '%s'", ret_state->folder);
	state_auto(ret_state);
	return -1;
}

void
state_auto(struct state *state)
{
	fd_auto(&state->fd);
	state->fd = -1;
}

int
state_file(const struct state *state, const char *name)
{
	return openat(
	    state->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

int
state_draft(const struct state *state, const char *name,
    struct draft *ret_draft, struct err *err)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%.*s/%s",
	    PATH_MAX - MEMBER_NAME_MAX - 64, state->folder, name);
	return draft_open_in(state->fd, path, ret_draft, err);
}

void
state_name(const char *name, const char *what, char ret_file[STATE_FILE_BYTES])
{
	(void)snprintf(ret_file, STATE_FILE_BYTES, "%s%s%s",
	    name == NULL ? "" : name, name == NULL ? "" : ".", what);
}

int
state_sums_open(const struct state *state, const char *name,
    const struct manifest_database *parent)
{
	char file[STATE_FILE_BYTES];
	uint8_t root[SHA256_BYTES];
	struct err ignored;
	struct stat st;

	state_name(name, "sums", file);
	AUTO(fd) int fd = state_file(state, file);
	const struct sums sums = {
		.fd = fd,
		.name = file,
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
	char file[STATE_FILE_BYTES];

	state_name(name, "sums", file);
	if (state_draft(state, file, ret_draft, err) < 0)
		return -1;
	belong_to(ret_draft->fd, ret_draft->folder_fd);
	return 0;
}

int
state_sums_keep(struct draft *draft, struct err *err)
{
	return draft_publish_unflushed(draft, err);
}
