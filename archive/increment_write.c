/*
 * The recipe of an increment: pages in as many sparse members as their runs
 * need, then their list (layout.h).
 *
 * The list is read twice.  Ahead of each member it tells the runs, which the
 * header must have.  And behind the pages it is compared with the sums of what
 * went into the frames, so that an increment holds exactly what was compared
 * with the parent, whatever happened to the pages in between.
 */
#include "archive/increment_write.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive_stream.h"
#include "archive/frame_write.h"
#include "archive/layout.h"
#include "archive/member_path.h"
#include "archive/tar_write.h"
#include "base/auto.h"
#include "base/bytes.h"

/* Entries of the list in one frame: whole ones only. */
enum { FRAME_ENTRIES = FRAME_IMAGE_BYTES / PAGE_ENTRY_BYTES };

/* They are looked at in pieces, of as many as a frame has pages at most. */
enum { PIECE_ENTRIES = FRAME_IMAGE_BYTES / PAGE_SIZE_MIN };

struct increment_writer {
	struct archive_write_options options;
	char member[MEMBER_NAME_MAX + 1];
	struct page_list *list;
	struct archive_stream *own; /* NULL: somebody else's is used */
	struct archive_stream *stream;
	struct frame_writer *frames; /* of the stream */
	struct tar_writer *tar;

	uint32_t members; /* begun so far */
	struct tar_run *runs; /* of the newest; room for RUNS_MAX */
	size_t run_count;
	size_t run; /* the one that the next page is in */
	uint64_t passed; /* bytes of the image, holes included */
	uint32_t member_first; /* index in the list of its first page ... */
	uint32_t member_end; /* ... and of the first one behind it */

	uint32_t pages; /* given so far */
	uint32_t compared; /* of them, whose sums came back */
	uint64_t pages_offset;
	uint64_t sums_offset;
};

/* The sums of what is stored, a frame at a time, against the list. */
static int
compare_sums(void *ctx, const uint8_t *sums, size_t count, struct err *err)
{
	struct increment_writer *writer = ctx;
	uint8_t entries[PIECE_ENTRIES * PAGE_ENTRY_BYTES];

	assert(count <= PIECE_ENTRIES);
	uint32_t got = 0;
	if (page_list_read(writer->list, writer->compared, (uint32_t)count,
		entries, &got, err) < 0)
		return -1;
	assert(got == count);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *entry = entries + i * PAGE_ENTRY_BYTES;

		if (memcmp(entry + PAGE_ENTRY_NUMBER, sums + i * PAGE_SUM_BYTES,
			PAGE_SUM_BYTES) != 0)
			return err_set(err, ERR_FAILED, 0,
			    "page %u of '%s' is not what it was when it was "
			    "found changed",
			    get_le32(entry), writer->member);
	}
	writer->compared += got;
	return 0;
}

/* Takes a page into the runs; false when it would be one run too many. */
static bool
add_to_runs(struct increment_writer *writer, uint32_t number)
{
	uint32_t page_size = writer->options.page_size;
	uint64_t offset = (uint64_t)(number - 1) * page_size;
	struct tar_run *newest = writer->runs + writer->run_count - 1;

	assert(number >= 1 && number <= writer->options.page_count);
	if (writer->run_count > 0 && newest->offset + newest->len == offset) {
		newest->len += page_size;
		return true;
	}
	if (writer->run_count == RUNS_MAX)
		return false;
	writer->runs[writer->run_count++] =
	    (struct tar_run){ .offset = offset, .len = page_size };
	return true;
}

/* Which pages the next member has: from where the last one ended. */
static int
find_runs(struct increment_writer *writer, struct err *err)
{
	uint8_t entries[PIECE_ENTRIES * PAGE_ENTRY_BYTES];
	uint32_t got = 0;

	writer->run_count = 0;
	writer->run = 0;
	writer->passed = 0;
	writer->member_first = writer->member_end;
	do {
		if (page_list_read(writer->list, writer->member_end,
			PIECE_ENTRIES, entries, &got, err) < 0)
			return -1;
		for (uint32_t i = 0; i < got; i++) {
			if (!add_to_runs(writer,
				get_le32(entries + i * PAGE_ENTRY_BYTES)))
				return 0;
			writer->member_end++;
		}
	} while (got > 0);
	return 0;
}

static int
begin_member(struct increment_writer *writer, struct err *err)
{
	const struct archive_write_options *options = &writer->options;
	char path[MEMBER_PATH_BYTES];
	const struct tar_write_member pages = {
		.path = path,
		.size = (uint64_t)options->page_count * options->page_size,
		.uid = options->uid,
		.gid = options->gid,
		.mode = options->mode,
	};

	if (find_runs(writer, err) < 0)
		return -1;
	member_path_pages(writer->member, ++writer->members, path);
	return tar_writer_begin_sparse(
	    writer->tar, &pages, writer->runs, writer->run_count, err);
}

static int
open_stream(struct increment_writer *writer, struct err *err)
{
	char path[MEMBER_PATH_BYTES];

	writer->stream = writer->options.stream;
	if (writer->stream == NULL) {
		if (archive_stream_new(&writer->options, &writer->own, err) < 0)
			return -1;
		writer->stream = writer->own;
	}
	member_path_pages(writer->member, 1, path);
	if (archive_stream_begin(
		writer->stream, path, compare_sums, writer, err) < 0)
		return -1;
	writer->frames = archive_stream_frames(writer->stream);
	writer->tar = archive_stream_tar(writer->stream);
	return 0;
}

int
increment_writer_new(const struct archive_write_options *options,
    struct page_list *pages, struct increment_writer **ret_writer,
    struct err *err)
{
	AUTO(increment_writer)
	struct increment_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return err_system(err, "begin an increment");
	assert(strlen(options->member) <= MEMBER_NAME_MAX);
	assert(!options->image_sha256);
	writer->options = *options;
	(void)stpcpy(writer->member, options->member);
	writer->list = pages;
	writer->runs = calloc(RUNS_MAX, sizeof(*writer->runs));
	if (writer->runs == NULL)
		return err_system(err, "begin an increment");
	if (open_stream(writer, err) < 0 || begin_member(writer, err) < 0)
		return -1;
	*ret_writer = take_ptr(&writer);
	return 0;
}

void
increment_writer_free(struct increment_writer *writer)
{
	if (writer == NULL)
		return;
	archive_stream_free(writer->own);
	free(writer->runs);
	free(writer);
}

void
increment_writer_auto(struct increment_writer **place)
{
	increment_writer_free(*place);
}

/* To where the next page lies in the image: over a hole, or none. */
static int
pass_hole(struct increment_writer *writer, struct err *err)
{
	const struct tar_run *run = &writer->runs[writer->run];

	if (writer->passed == run->offset + run->len)
		run = &writer->runs[++writer->run];
	assert(writer->run < writer->run_count);
	if (writer->passed >= run->offset)
		return 0;
	uint64_t hole = run->offset - writer->passed;
	writer->passed = run->offset;
	return tar_writer_hole(writer->tar, hole, err);
}

/* Whole pages fill a frame exactly, counted from the member's first. */
static void
cut_full_frame(struct increment_writer *writer)
{
	uint64_t pages = writer->pages - writer->member_first;

	if (pages * writer->options.page_size % FRAME_IMAGE_BYTES == 0)
		frame_writer_cut(writer->frames);
}

int
increment_writer_page(
    struct increment_writer *writer, const uint8_t *page, struct err *err)
{
	uint32_t page_size = writer->options.page_size;

	assert(writer->pages < page_list_count(writer->list));
	if (writer->pages == writer->member_end &&
	    (tar_writer_end(writer->tar, err) < 0 ||
		begin_member(writer, err) < 0))
		return -1;
	if (pass_hole(writer, err) < 0)
		return -1;
	if (writer->pages == 0)
		writer->pages_offset = frame_writer_raw(writer->frames);
	if (tar_writer_page(writer->tar, page, page_size, err) < 0)
		return -1;
	writer->passed += page_size;
	writer->pages++;
	cut_full_frame(writer);
	return 0;
}

/* From the list into its member. */
static int
store_list(struct increment_writer *writer, struct err *err)
{
	uint8_t entries[PIECE_ENTRIES * PAGE_ENTRY_BYTES];

	for (uint32_t at = 0, got = 0; at < writer->pages; at += got) {
		uint32_t room = FRAME_ENTRIES - at % FRAME_ENTRIES;

		if (page_list_read(writer->list, at,
			room < PIECE_ENTRIES ? room : PIECE_ENTRIES, entries,
			&got, err) < 0 ||
		    tar_writer_add(writer->tar, entries,
			(size_t)got * PAGE_ENTRY_BYTES, err) < 0)
			return -1;
		/* The last frame waits for the padding. */
		if (got == room && at + got < writer->pages)
			frame_writer_cut(writer->frames);
	}
	return 0;
}

static int
add_list(struct increment_writer *writer, struct err *err)
{
	char path[MEMBER_PATH_BYTES];
	const struct tar_write_member list = {
		.path = path,
		.size = (uint64_t)writer->pages * PAGE_ENTRY_BYTES,
		.mode = 0600,
	};

	member_path_page_list(writer->member, path);
	if (tar_writer_begin(writer->tar, &list, err) < 0)
		return -1;
	writer->sums_offset = frame_writer_raw(writer->frames);
	if (store_list(writer, err) < 0)
		return -1;
	return tar_writer_end(writer->tar, err);
}

int
increment_writer_seal(struct increment_writer *writer,
    struct manifest_database *db, struct err *err)
{
	assert(writer->pages == page_list_count(writer->list));
	if (tar_writer_end(writer->tar, err) < 0 ||
	    frame_writer_drain(writer->frames, err) < 0)
		return -1;
	assert(writer->compared == writer->pages);

	if (add_list(writer, err) < 0)
		return -1;
	db->pages_stored = writer->pages;
	db->pages_offset = writer->pages_offset;
	db->sums_offset = writer->sums_offset;
	db->has_image_sha256 = false;
	return 0;
}

int
increment_writer_finish(struct increment_writer *writer,
    struct manifest *manifest, struct stored_file *ret_file, struct err *err)
{
	return archive_stream_finish(writer->stream, manifest, ret_file, err);
}
