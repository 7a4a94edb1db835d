/*
 * An archive on its way through the reader, and what was seen of it: the truth
 * that its manifest must tell.  What the recipes of both kinds of archives
 * (full_read.h, increment_read.h) share; for archive_read.c only.
 */
#ifndef ARCHIVE_WALK_H
#define ARCHIVE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive_read.h"
#include "archive/frame_read.h"
#include "archive/page_proof.h"
#include "archive/tar_read.h"
#include "base/err.h"
#include "base/sha256.h"

/* What was seen of one database. */
struct walk_database {
	char name[MEMBER_NAME_MAX + 1];
	bool increment;
	uint32_t page_size;
	uint32_t page_count;
	uint32_t pages_stored;
	uint64_t pages_offset;
	uint64_t sums_offset;
	uint8_t root[SHA256_BYTES]; /* of a full's stored sums */
	bool summed; /* the image was */
	uint8_t image_sha256[SHA256_BYTES];
};

struct walk {
	const struct archive_read_options *options;
	struct archive_contents *contents;
	/* As it is said to be; NULL: nobody knows, and a full is assumed. */
	const struct manifest *known;

	struct frame_reader *frames;
	struct frame *frame; /* the one delivered last */
	struct tar_reader *tar;
	struct page_proof *proof;

	bool increment; /* what was assumed to be a full archive is one */
	struct walk_database databases[MANIFEST_DATABASES_MAX];
	size_t count;
	struct walk_database *db; /* the one that is read: the last of them */
	struct sha256 *image_stream; /* NULL when no image is summed */
};

/* As it is said to be, of a known archive. */
const struct manifest_database *walk_known(const struct walk *walk);

int walk_open(struct walk *walk, struct err *err);
void walk_auto(struct walk *walk);

/* From now on pages can be added to walk->proof, by what is known of them. */
int walk_begin_pages(struct walk *walk, uint32_t entry_bytes, struct err *err);

/* All pages were added: waits for them. */
int walk_end_pages(struct walk *walk, struct err *err);

/*
 * The next member must be `path`, with `entry_bytes` for every page: compares
 * it, and adds it to `root`, which may be NULL.  That ends the database.
 */
int walk_sums(struct walk *walk, const char *path, uint32_t entry_bytes,
    struct sha256 *root, struct err *err);

#endif
