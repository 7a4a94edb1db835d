/*
 * The sums member is read as every member is, by the tar reader, only that its
 * source begins with the frame of the member's header.  Sums of an increment
 * go to their places in runs, as far as their pages lie in a row.
 */
#include "archive/sums.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/frame_table.h"
#include "archive/member_path.h"
#include "archive/page_list.h"
#include "archive/tar_read.h"
#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"

/* Sums are written, and summed up, in pieces of so many. */
enum { PIECE_SUMS = 1 << 12 };

/* One member on its way into the file. */
struct feed {
	struct sums *sums;
	const struct manifest_database *db;
	bool increment; /* only its changed pages are stored */
	struct frame_table *table;
	struct frame_place first; /* the frame with the member's header */
	bool begun; /* that frame was given to the tar reader */
	uint64_t taken; /* bytes of the member */

	uint32_t newest; /* number of an increment's page seen last */
	uint32_t run; /* sums that wait, of pages up to that one */
	uint8_t waiting[PIECE_SUMS * PAGE_SUM_BYTES];
};

/* To the frame that holds a byte of the tar stream. */
static int
find_frame(struct feed *feed, uint64_t raw_offset, struct err *err)
{
	bool there = true;

	do {
		if (frame_table_next(feed->table, &feed->first, &there, err) <
		    0)
			return -1;
		if (!there)
			return err_set(err, ERR_DAMAGED, 0,
			    "by the manifest there is a byte %llu of the tar "
			    "stream, and it ends before",
			    (unsigned long long)raw_offset);
	} while (feed->first.raw_offset + feed->first.raw <= raw_offset);
	return 0;
}

/* The tar reader's source: that frame and those behind it. */
static int
next_piece(
    void *ctx, const uint8_t **ret_bytes, size_t *ret_len, struct err *err)
{
	struct feed *feed = ctx;
	struct frame_place place = feed->first;
	struct frame_content content = { 0 };
	bool there = true;

	*ret_bytes = NULL;
	*ret_len = 0;
	if (feed->begun &&
	    frame_table_next(feed->table, &place, &there, err) < 0)
		return -1;
	feed->begun = true;
	if (!there)
		return 0;
	if (frame_table_read(feed->table, &place, &content, err) < 0)
		return -1;
	*ret_bytes = content.bytes;
	*ret_len = place.raw;
	return 0;
}

static int
write_sums(const struct sums *sums, uint64_t first, const uint8_t *bytes,
    size_t len, struct err *err)
{
	return file_write_at(
	    sums->fd, bytes, len, first * PAGE_SUM_BYTES, sums->name, err);
}

/* Sums of a full archive: as they are. */
static int
take_sums(struct feed *feed, const uint8_t *bytes, size_t len, struct err *err)
{
	if (len % PAGE_SUM_BYTES != 0)
		return err_set(
		    err, ERR_DAMAGED, 0, "a page sum is split between frames");
	return write_sums(
	    feed->sums, feed->taken / PAGE_SUM_BYTES, bytes, len, err);
}

static int
write_run(struct feed *feed, struct err *err)
{
	uint32_t run = feed->run;

	if (run == 0)
		return 0;
	feed->run = 0;
	return write_sums(feed->sums, feed->newest - run, feed->waiting,
	    (size_t)run * PAGE_SUM_BYTES, err);
}

static int
take_entry(struct feed *feed, const uint8_t *entry, struct err *err)
{
	uint32_t number = get_le32(entry);

	if (number <= feed->newest || number > feed->sums->page_count)
		return err_set(err, ERR_DAMAGED, 0,
		    "the list of pages has page %u behind page %u, of %u pages",
		    number, feed->newest, feed->sums->page_count);
	if ((number != feed->newest + 1 || feed->run == PIECE_SUMS) &&
	    write_run(feed, err) < 0)
		return -1;
	memcpy(feed->waiting + (size_t)feed->run * PAGE_SUM_BYTES,
	    entry + PAGE_ENTRY_NUMBER, PAGE_SUM_BYTES);
	feed->newest = number;
	feed->run++;
	return 0;
}

/* Sums of an increment: each to the place of its page. */
static int
take_entries(
    struct feed *feed, const uint8_t *bytes, size_t len, struct err *err)
{
	if (len % PAGE_ENTRY_BYTES != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "an entry of the list of pages is split between frames");
	for (size_t at = 0; at < len; at += PAGE_ENTRY_BYTES) {
		if (take_entry(feed, bytes + at, err) < 0)
			return -1;
	}
	return 0;
}

/* The member's header, which must stand where the manifest says. */
static int
begin_member(struct feed *feed, struct tar_reader *tar, struct err *err)
{
	const struct manifest_database *db = feed->db;
	uint64_t size = (uint64_t)db->pages_stored *
			(feed->increment ? PAGE_ENTRY_BYTES : PAGE_SUM_BYTES);
	struct tar_member member = { 0 };
	char path[MEMBER_PATH_BYTES];

	if (feed->increment)
		member_path_page_list(db->name, path);
	else
		member_path_sums(db->name, path);
	if (tar_reader_member(tar, path, &member, err) < 0)
		return -1;
	if (feed->first.raw_offset + member.offset != db->sums_offset ||
	    member.size != size)
		return err_set(err, ERR_DAMAGED, 0,
		    "member '%s' is not of the place and size that the "
		    "manifest says",
		    path);
	return 0;
}

static int
take_member(struct feed *feed, struct err *err)
{
	const struct tar_source source = { .next = next_piece, .ctx = feed };
	AUTO(tar_reader) struct tar_reader *tar = NULL;
	struct tar_span span = { 0 };

	if (tar_reader_new(&source, &tar, err) < 0 ||
	    begin_member(feed, tar, err) < 0)
		return -1;
	for (;;) {
		if (tar_reader_span(tar, &span, err) < 0)
			return -1;
		if (span.len == 0)
			return write_run(feed, err);
		if (feed->increment
			? take_entries(feed, span.bytes, span.len, err) < 0
			: take_sums(feed, span.bytes, span.len, err) < 0)
			return -1;
		feed->taken += span.len;
	}
}

/* The file gets the size of the new image's sums. */
static int
resize(struct sums *sums, const struct manifest_database *db, bool increment,
    struct err *err)
{
	uint64_t size = (uint64_t)db->page_count * PAGE_SUM_BYTES;

	if (increment && db->page_size != sums->page_size)
		return err_set(err, ERR_DAMAGED, 0,
		    "it has pages of %u bytes, and its parent pages of %u",
		    db->page_size, sums->page_size);
	if (ftruncate(sums->fd, (off_t)size) < 0)
		return err_system(err, "change the size of '%s'", sums->name);
	sums->page_size = db->page_size;
	sums->page_count = db->page_count;
	return 0;
}

static void
feed_auto(struct feed **place)
{
	if (*place != NULL)
		frame_table_free((*place)->table);
	free(*place);
}

static int
apply(struct sums *sums, int archive_fd, const char *archive_name,
    const struct manifest *manifest, size_t index, struct err *err)
{
	AUTO(feed) struct feed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL)
		return err_system(err, "read the sums of '%s'", archive_name);
	feed->sums = sums;
	feed->db = manifest_at(manifest, index);
	feed->increment = manifest_stores_increment(manifest, feed->db);
	if (resize(sums, feed->db, feed->increment, err) < 0 ||
	    frame_table_new(archive_fd, archive_name, &feed->table, err) < 0 ||
	    find_frame(feed, feed->db->sums_offset - 1, err) < 0)
		return -1;
	return take_member(feed, err);
}

int
sums_apply(struct sums *sums, int archive_fd, const char *archive_name,
    const struct manifest *manifest, size_t index, struct err *err)
{
	if (apply(sums, archive_fd, archive_name, manifest, index, err) == 0)
		return 0;
	return err->kind == ERR_DAMAGED ? err_within(err, "'%s'", archive_name)
					: -1;
}

int
sums_root(
    const struct sums *sums, uint8_t ret_root[SHA256_BYTES], struct err *err)
{
	AUTO(sha256) struct sha256 *root = NULL;
	uint8_t piece[PIECE_SUMS * PAGE_SUM_BYTES];
	uint64_t size = (uint64_t)sums->page_count * PAGE_SUM_BYTES;

	if (sha256_new(&root, err) < 0)
		return -1;
	manifest_root_begin(root, sums->page_size, sums->page_count);
	for (uint64_t at = 0, len = 0; at < size; at += len) {
		size_t got = 0;

		len = size - at < sizeof(piece) ? size - at : sizeof(piece);
		if (file_read_at(sums->fd, piece, (size_t)len, at, sums->name,
			&got, err) < 0)
			return -1;
		if (got < len)
			return err_set(err, ERR_DAMAGED, 0,
			    "'%s' ends before the sum of page %u", sums->name,
			    sums->page_count);
		sha256_add(root, piece, got);
	}
	sha256_finish(root, ret_root);
	return 0;
}
