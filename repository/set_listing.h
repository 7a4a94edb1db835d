/*
 * What lies in a set's folder, by name alone: one entry for each file that is
 * named as ours are, sorted bytewise, so that the files of a snapshot stand
 * together.
 *
 * Only regular files are listed, but for two exceptions: whatever has the name
 * of a manifest is listed and marked, so that it is a bad snapshot and not
 * none; and whatever has the name of a pin pins.  A listing that failed is an
 * error, never a short list.
 */
#ifndef REPOSITORY_SET_LISTING_H
#define REPOSITORY_SET_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "repository/snapshot_name.h"

/* A name and its longest ending. */
enum { LISTED_FILE_BYTES = SNAPSHOT_NAME_BYTES + 32 };

struct listed {
	char file[LISTED_FILE_BYTES];
	char name[SNAPSHOT_NAME_BYTES]; /* the part that all of one share */
	enum snapshot_file kind; /* never foreign */
	bool regular;
	int64_t stored_ms; /* mtime */
	uint64_t bytes;
};

struct set_listing {
	struct listed *files;
	size_t count, room;
	uint64_t foreign; /* what is none of ours, folders aside */
};

/* `shown` is for messages; `most` entries are too many. */
int set_listing_read(int folder, const char *shown, size_t most,
    struct set_listing *ret_listing, struct err *err);
void set_listing_auto(struct set_listing *listing);

#endif
