/*
 * All refusals come before the database is touched: a backup that cannot be
 * stored must not have pinned anything.
 */
#include "backup/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/file.h"
#include "database/place.h"
#include "repository/outside.h"

static const struct place_words words = { "output", "-o", "NAME.tar.zst",
	"to write to a pipe, use '-o -'" };

static bool
is_source(const struct stat *st, struct output_sources sources)
{
	for (size_t i = 0; i < sources.count; i++)
		if (st->st_dev == sources.list[i]->dev &&
		    st->st_ino == sources.list[i]->ino)
			return true;
	return false;
}

static bool
begins_as_database(const char *begin, size_t len)
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

	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
		if (len >= magic[i].len &&
		    memcmp(begin, magic[i].bytes, magic[i].len) == 0)
			return true;
	return false;
}

/*
 * Someone who meant `restore` and wrote `backup -o app.db --force` must not
 * lose a database; nor what a log without its database still holds.
 */
static int
refuse_database(const char *path, struct err *err)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char begin[16];
	size_t got = 0;

	if (fd < 0) {
		(void)err_set(err, ERR_REFUSED, errno,
		    "the output '%s' cannot be read, and may be a database: %s",
		    path, strerror(errno));
		return err_hint(err,
		    "an archive never replaces a database; choose another "
		    "name, or remove that file yourself");
	}
	if (file_read_at(fd, begin, sizeof(begin), 0, path, &got, err) < 0)
		return -1;
	if (!begins_as_database(begin, got))
		return 0;
	(void)err_set(err, ERR_REFUSED, 0,
	    "the output '%s' is an SQLite database or the log of one", path);
	return err_hint(err,
	    "an archive never replaces a database, not even with --force; "
	    "choose another name");
}

static int
refuse_existing(const char *path, const struct stat *st, bool replace,
    struct output_sources sources, struct err *err)
{
	if (is_source(st, sources)) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "the output '%s' is the database itself", path);
		return err_hint(err, "choose another name for -o");
	}
	if (place_takes_file(&words, path, st->st_mode, err) < 0)
		return -1;
	if (!replace) {
		(void)err_set(
		    err, ERR_REFUSED, EEXIST, "the output '%s' exists", path);
		return err_hint(
		    err, "choose another name, or replace it with --force");
	}
	return refuse_database(path, err);
}

/* What has the name at this moment, if anything has. */
static int
check_name(const char *path, bool replace, struct output_sources sources,
    struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return refuse_existing(path, &st, replace, sources, err);
	return errno == ENOENT
		   ? 0
		   : err_system(err, "look at the output '%s'", path);
}

static int
open_draft(const char *path, bool replace, struct output_sources sources,
    struct output *ret_output, struct err *err)
{
	AUTO(output) struct output output = OUTPUT_NONE;

	if (draft_open(path, &output.draft, err) < 0)
		return -1;
	output.fd = output.draft.fd;
	output.name = output.draft.path;
	output.scratch = output.draft.folder;
	output.replace = replace;
	output.sources = sources;
	*ret_output = output;
	output = (struct output)OUTPUT_NONE;
	return 0;
}

int
output_open_file(const char *path, bool replace, struct output_sources sources,
    struct output *ret_output, struct err *err)
{
	char real[PATH_MAX];

	if (place_find(&words, path, real, err) < 0 ||
	    repository_stay_out(words.object, real, err) < 0 ||
	    check_name(real, replace, sources, err) < 0)
		return -1;

	return open_draft(real, replace, sources, ret_output, err);
}

int
output_open_snapshot(
    const char *path, struct output *ret_output, struct err *err)
{
	const struct output_sources none = { .count = 0 };

	if (open_draft(path, false, none, ret_output, err) < 0)
		return -1;
	belong_to(ret_output->fd, ret_output->draft.folder_fd);
	return 0;
}

int
output_rename(struct output *output, const char *path, struct err *err)
{
	if (draft_rename(&output->draft, path, err) < 0)
		return -1;
	output->name = output->draft.path;
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
	/* The work took its time, and the name was not ours meanwhile. */
	if (output->replace &&
	    check_name(output->draft.path, true, output->sources, err) < 0)
		return -1;
	return draft_publish(&output->draft,
	    output->replace ? DRAFT_REPLACE : DRAFT_REFUSE, err);
}

void
output_auto(struct output *output)
{
	draft_auto(&output->draft);
}
