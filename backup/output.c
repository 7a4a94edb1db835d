/*
 * All refusals come before the database is touched: a backup that cannot be
 * stored must not have pinned anything.
 *
 * A symlink is followed once, here, to the path it stands for, so that the
 * link survives the rename that publishes the archive.
 */
#include "backup/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"

static bool
is_source(const struct stat *st, const struct source *source)
{
	return st->st_dev == source->dev && st->st_ino == source->ino;
}

/*
 * PATH is "OTHER-wal" and OTHER exists, be it the source or any other file:
 * SQLite would take the archive for OTHER's log, and delete it, or has a log
 * there that holds commits.
 */
static int
refuse_side_file(const char *path, struct err *err)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-journal" };
	char other[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t len = strlen(path), end = strlen(suffixes[i]);

		if (len <= end || strcmp(path + len - end, suffixes[i]) != 0)
			continue;
		(void)snprintf(
		    other, sizeof(other), "%.*s", (int)(len - end), path);
		if (stat(other, &st) < 0 || S_ISDIR(st.st_mode))
			continue;
		(void)err_set(err, ERR_REFUSED, 0,
		    "the output '%s' is a name that SQLite uses beside '%s'",
		    path, other);
		return err_hint(err, "choose another file for -o");
	}
	return 0;
}

/*
 * Someone who meant `restore` and wrote `backup -o app.db --force` must not
 * lose a database; nor what a log without its database still holds.
 */
static bool
holds_database(const char *path)
{
	static const struct {
		const char *bytes;
		size_t len;
	} magic[] = {
		{ "SQLite format 3", 16 }, /* with its NUL */
		{ "\x37\x7f\x06\x82", 4 }, /* a WAL, in either byte order */
		{ "\x37\x7f\x06\x83", 4 },
		{ "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8 }, /* a journal */
	};
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char begin[16];
	size_t got = 0;
	struct err ignored;

	if (fd < 0 ||
	    file_read_at(fd, begin, sizeof(begin), 0, path, &got, &ignored) < 0)
		return false;
	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
		if (got >= magic[i].len &&
		    memcmp(begin, magic[i].bytes, magic[i].len) == 0)
			return true;
	return false;
}

static int
refuse_existing(const char *path, const struct stat *st, bool replace,
    const struct source *source, struct err *err)
{
	if (is_source(st, source)) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "the output '%s' is the database itself", path);
		return err_hint(err, "choose another file for -o");
	}
	if (S_ISDIR(st->st_mode)) {
		(void)err_set(
		    err, ERR_USAGE, 0, "the output '%s' is a folder", path);
		return err_hint(err, "name a file in it: -o '%s/%s.tar.zst'",
		    path, strrchr(source->path, '/') + 1);
	}
	if (!S_ISREG(st->st_mode)) {
		(void)err_set(err, ERR_USAGE, 0,
		    "the output '%s' is not a regular file", path);
		return err_hint(err, "to write to a pipe, use '-o -'");
	}
	if (!replace) {
		(void)err_set(
		    err, ERR_REFUSED, EEXIST, "the output '%s' exists", path);
		return err_hint(
		    err, "choose another name, or replace it with --force");
	}
	if (holds_database(path)) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "the output '%s' is an SQLite database or the log of one",
		    path);
		return err_hint(err,
		    "an archive never replaces a database, not even with "
		    "--force; choose another name");
	}
	return 0;
}

/* `path` as the draft shall have it: where its last symlinks lead. */
static int
follow_links(const char *path, char ret_real[PATH_MAX], struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		if (realpath(path, ret_real) != NULL)
			return 0;
		if (errno != ENOENT)
			return err_system(err, "follow the link '%s'", path);
		(void)err_set(err, ERR_REFUSED, ENOENT,
		    "the output '%s' is a symlink that leads nowhere", path);
		return err_hint(err, "remove the link, or name its target");
	}
	if (strlen(path) >= PATH_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "the output name '%.80s...' is too long", path);
	(void)snprintf(ret_real, PATH_MAX, "%s", path);
	return 0;
}

/* That there is a file name at the end, and a folder before it. */
static int
check_folder(const char *path, struct err *err)
{
	AUTO(free) char *folder = NULL;
	const char *slash = strrchr(path, '/');
	struct stat st;

	if ((slash == NULL ? path : slash + 1)[0] == '\0')
		return err_set(
		    err, ERR_USAGE, 0, "the output '%s' names no file", path);
	if (file_folder_of(path, &folder, err) < 0)
		return -1;
	if (stat(folder, &st) < 0)
		return err_system(err, "output folder '%s'", folder);
	return 0;
}

int
output_open_file(const char *path, bool replace, const struct source *source,
    struct output *ret_output, struct err *err)
{
	char real[PATH_MAX];
	struct stat st;

	if (follow_links(path, real, err) < 0 || check_folder(real, err) < 0 ||
	    refuse_side_file(real, err) < 0)
		return -1;
	if (stat(real, &st) == 0) {
		if (refuse_existing(real, &st, replace, source, err) < 0)
			return -1;
	} else if (errno != ENOENT) {
		return err_system(err, "look at the output '%s'", path);
	}

	AUTO(output) struct output output = OUTPUT_NONE;
	if (draft_open(real, &output.draft, err) < 0)
		return -1;
	output.fd = output.draft.fd;
	output.name = output.draft.path;
	output.scratch = output.draft.folder;
	output.replace = replace;
	*ret_output = output;
	output = (struct output)OUTPUT_NONE;
	return 0;
}

void
output_open_stream(int fd, struct output *ret_output)
{
	*ret_output = (struct output){
		.fd = fd,
		.name = "standard output",
		.scratch = file_scratch_folder(),
		.stream = true,
		.draft = DRAFT_NONE,
	};
}

int
output_publish(struct output *output, struct err *err)
{
	if (output->stream)
		return 0;
	return draft_publish(&output->draft,
	    output->replace ? DRAFT_REPLACE : DRAFT_REFUSE, err);
}

void
output_auto(struct output *output)
{
	draft_auto(&output->draft);
}
