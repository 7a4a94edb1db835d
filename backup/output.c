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
#include "base/file.h"
#include "database/place.h"

static const struct place_words words = { "output", "-o", "NAME.tar.zst" };

static bool
is_source(const struct stat *st, const struct source *source)
{
	return st->st_dev == source->dev && st->st_ino == source->ino;
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
		return err_hint(err, "choose another name for -o");
	}
	if (place_takes_file(&words, path, st->st_mode, err) < 0)
		return err_hint(err, "to write to a pipe, use '-o -'");
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

int
output_open_file(const char *path, bool replace, const struct source *source,
    struct output *ret_output, struct err *err)
{
	char real[PATH_MAX];
	struct stat st;

	if (place_find(&words, path, real, err) < 0)
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
