/*
 * Where the archive goes: a file that is not there yet, or a stream.
 *
 * In:  a path (or a descriptor) and whether an existing file may be replaced.
 * Out: a descriptor to write to; at the end the path holds the archive, whole
 *      and durable.
 * Always true: before output_publish() the path is what it was; after a
 *      failure it still is.  A database is never replaced by an archive.
 * next: archive/archive_write.h
 */
#ifndef BACKUP_OUTPUT_H
#define BACKUP_OUTPUT_H

#include <stdbool.h>

#include "base/draft.h"
#include "base/err.h"
#include "database/source.h"

struct output {
	int fd; /* to write to */
	const char *name; /* for messages; lives as long as the output */
	const char *scratch; /* a folder with room for scratch files */
	bool stream; /* cannot be read back or sought */
	bool replace;
	/* Never replaced; they outlive the output. */
	struct output_sources {
		const struct source *const *list;
		size_t count;
	} sources;
	struct draft draft; /* when not a stream */
};

#define OUTPUT_NONE \
	{ \
		.fd = -1, .draft = DRAFT_NONE \
	}

/*
 * A file at `path`, by the rules of place_find().  ERR_REFUSED when something
 * is there that must not be replaced: a source (none where no database is
 * read), any database or log of one, what cannot be read or is no regular file, and
 * without `replace` any file.
 */
int output_open_file(const char *path, bool replace,
    struct output_sources sources, struct output *ret_output, struct err *err);

/*
 * A snapshot's archive in the folder of its set, which is there; `path` is its
 * name for now, output_rename() gives it the final one, in the same folder.
 */
int output_open_snapshot(
    const char *path, struct output *ret_output, struct err *err);
int output_rename(struct output *output, const char *path, struct err *err);

/* A stream on a descriptor, which stays the caller's. */
void output_open_stream(int fd, struct output *ret_output);

/*
 * Makes a file durable and gives it its name; a stream is complete already.
 * ERR_REFUSED when something appeared under the name that must not be replaced.
 */
int output_publish(struct output *output, struct err *err);

/* Abandons what was not published. */
void output_auto(struct output *output);

#endif
