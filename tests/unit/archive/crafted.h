/*
 * Archives made by hand, byte for byte, so that any one thing in them can be
 * wrong.  Nothing of the writer is used: zstd, and headers put together here.
 */
#ifndef TESTS_UNIT_ARCHIVE_CRAFTED_H
#define TESTS_UNIT_ARCHIVE_CRAFTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive_read.h"
#include "archive/manifest.h"

struct bytes {
	uint8_t *at;
	size_t len;
	size_t room;
};

struct crafted {
	struct bytes raw; /* the open frame */
	struct bytes file; /* stored frames */
	struct bytes table; /* entries of the seek table */
	uint64_t raw_offset; /* of the end of `raw` in the tar stream */
};

/* How an archive differs from a good one; all zeros is a good one. */
struct craft {
	uint32_t page_size; /* 512 */
	uint32_t page_count; /* 5 */
	uint32_t pages_per_frame; /* 2 */
	const char *name; /* "app.db" */
	bool pax; /* the image's name stands in a pax header */
	const char *sums_name; /* ".litesafe/NAME.sums" */
	const char *manifest_name; /* "litesafe.json" */
	const char *extra; /* a member of this name between sums and manifest */
	char image_type; /* tar's type flag: '0' */
	const char *image_size; /* in place of the image's size field */
	const char *link; /* link name in the image's header */
	uint32_t bad_sum; /* a page whose stored sum is wrong */
	int sums_more; /* bytes of sums too many, or too few */
	size_t sums_cut; /* cut the sums after so many bytes */
	size_t page_cut; /* cut the image after so many bytes too */
	bool no_cut_before_sums;
	bool no_cut_before_manifest;
	bool no_manifest;
	bool no_end; /* no zeros at the end */
	const char *after_end; /* bytes behind the zeros */
	bool frame_after; /* a frame of zeros behind the manifest's */
	bool compressed_last; /* the manifest's frame is one like the others */
	bool image_sha256;
	void (*edit)(struct manifest *manifest);
	const char *json; /* in place of the manifest's text */
};

void bytes_add(struct bytes *bytes, const void *from, size_t len);
void bytes_free(struct bytes *bytes);

/* Piece by piece. */
void craft_header(struct crafted *crafted, const char *path, const char *size,
    char type, const char *link);
void craft_add(struct crafted *crafted, const void *bytes, size_t len);
void craft_pad(struct crafted *crafted);
void craft_cut(struct crafted *crafted);
void craft_cut_plain(struct crafted *crafted); /* raw blocks */
void craft_table(struct crafted *crafted);
void craft_free(struct crafted *crafted);

/* Byte i of page n (from 1) of all crafted images. */
uint8_t craft_page_byte(uint32_t page_size, uint32_t n, uint32_t i);

/* A whole archive. */
struct bytes craft_archive(const struct craft *craft);

/* Reads it as a file, in memory; the answer of archive_read(). */
struct craft_reading {
	int rc;
	struct err err;
	struct archive_contents contents;
	uint64_t places; /* pages handed out */
	bool image_wrong; /* one of them was not what was stored */
	unsigned threads; /* to use; 0: 2 */
	bool pipe; /* to use */
	const struct manifest *manifest; /* to use; may be NULL */
	bool image_sha256; /* to use */
};

void craft_read(const uint8_t *file, size_t len, struct craft_reading *reading);

/* An unlinked file with these bytes, at its beginning. */
int craft_file(const uint8_t *file, size_t len);

#endif
