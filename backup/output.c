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

/* PATH-wal, PATH-shm and PATH-journal belong to SQLite even while absent. */
static bool
is_side_file(const char *path, const struct source *source)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-journal" };
	char side[sizeof(source->path) + 16];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		(void)snprintf(
		    side, sizeof(side), "%s%s", source->path, suffixes[i]);
		if (strcmp(side, path) == 0)
			return true;
	}
	return false;
}

/*
 * Someone who meant `restore` and wrote `backup -o app.db --force` must not
 * lose a database.
 */
static bool
holds_database(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char begin[sizeof(magic)];
	size_t got = 0;
	struct err ignored;

	return fd >= 0 &&
	       file_read_at(
		   fd, begin, sizeof(begin), 0, path, &got, &ignored) == 0 &&
	       got == sizeof(begin) && memcmp(begin, magic, sizeof(magic)) == 0;
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
		    "the output '%s' is an SQLite database", path);
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

/* The same file name in the same folder, however the folder was spelled. */
static int
canonical_name(const char *path, char ret_full[PATH_MAX], struct err *err)
{
	AUTO(free) char *folder = NULL;
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;

	if (base[0] == '\0')
		return err_set(
		    err, ERR_USAGE, 0, "the output '%s' names no file", path);
	if (file_folder_of(path, &folder, err) < 0)
		return -1;
	AUTO(free) char *real = realpath(folder, NULL);
	if (real == NULL)
		return err_system(err, "output folder '%s'", folder);
	if (snprintf(ret_full, PATH_MAX, "%s/%s",
		strcmp(real, "/") == 0 ? "" : real, base) >= PATH_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "the output name '%.80s...' is too long", path);
	return 0;
}

int
output_open_file(const char *path, bool replace, const struct source *source,
    struct output *ret_output, struct err *err)
{
	char real[PATH_MAX], full[PATH_MAX];
	struct stat st;

	if (follow_links(path, real, err) < 0 ||
	    canonical_name(real, full, err) < 0)
		return -1;
	if (is_side_file(full, source)) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "the output '%s' is a name that SQLite uses beside the "
		    "database",
		    path);
		return err_hint(err, "choose another file for -o");
	}
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
