/*
 * How long the headers of a member are, and what they announce.
 *
 * libarchive reads headers and knows what they mean; where they end in the
 * stream, and that a map of a sparse file follows, it does not tell.  In:
 * bytes, hostile, that it took for the headers of one member.  Only what our
 * writers make is understood: extended headers of pax and long names of GNU
 * tar, in front of the member's own.  Nothing here reads beyond `len`.
 */
#ifndef ARCHIVE_TAR_HEADER_H
#define ARCHIVE_TAR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tar_header {
	size_t len; /* of all of them */
	char type; /* of the last one: '0' is an ordinary file */
	bool sparse; /* records of a sparse file were among them */
};

/* False when they are not whole, or a number in them is none. */
bool tar_header_scan(
    const uint8_t *bytes, size_t len, struct tar_header *ret_header);

#endif
