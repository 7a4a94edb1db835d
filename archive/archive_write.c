/*
 * The recipe of a whole database: two members, and where their frames are cut
 * (layout.h).  Pages go on as they come; their sums come back from the frames,
 * and rest in a scratch file until their own member.
 */
#include "archive/archive_write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive_stream.h"
#include "archive/frame_write.h"
#include "archive/layout.h"
#include "archive/member_path.h"
#include "archive/tar_write.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/sha256.h"

/* Sums go to their member in pieces that fill a frame exactly. */
enum { SUMS_PIECE = 1 << 16 };
_Static_assert(FRAME_IMAGE_BYTES % SUMS_PIECE == 0, "cuts fall between pieces");
_Static_assert(FRAME_IMAGE_BYTES % PAGE_SIZE_MAX == 0, "frames end with pages");

static const char sums_scratch[] = "the scratch file of page sums";

struct archive_writer {
	struct archive_write_options options;
	char member[MEMBER_NAME_MAX + 1];
	struct archive_stream *own; /* NULL: somebody else's is used */
	struct archive_stream *stream;
	struct frame_writer *frames; /* of the stream */
	struct tar_writer *tar;

	uint32_t pages; /* given so far */
	struct sha256 *image; /* NULL when the image is not summed */
	int sums_fd; /* the page sums, in page order */
	uint64_t sums_bytes;
	uint64_t image_offset;
	uint64_t sums_offset;
};

/* Page sums arrive a frame at a time, in order; here they rest. */
static int
keep_sums(void *ctx, const uint8_t *sums, size_t count, struct err *err)
{
	struct archive_writer *writer = ctx;
	size_t len = count * PAGE_SUM_BYTES;

	if (file_write_at(writer->sums_fd, sums, len, writer->sums_bytes,
		sums_scratch, err) < 0)
		return err_within(err, "folder '%s'", writer->options.scratch);
	writer->sums_bytes += len;
	return 0;
}

static int
open_stream(struct archive_writer *writer, struct err *err)
{
	writer->stream = writer->options.stream;
	if (writer->stream == NULL) {
		if (archive_stream_new(&writer->options, &writer->own, err) < 0)
			return -1;
		writer->stream = writer->own;
	}
	if (archive_stream_begin(
		writer->stream, writer->member, keep_sums, writer, err) < 0)
		return -1;
	writer->frames = archive_stream_frames(writer->stream);
	writer->tar = archive_stream_tar(writer->stream);
	return 0;
}

static int
begin_image(struct archive_writer *writer, struct err *err)
{
	const struct archive_write_options *options = &writer->options;
	const struct tar_write_member image = {
		.path = writer->member,
		.size = (uint64_t)options->page_count * options->page_size,
		.uid = options->uid,
		.gid = options->gid,
		.mode = options->mode,
	};

	if (tar_writer_begin(writer->tar, &image, err) < 0)
		return -1;
	writer->image_offset = frame_writer_raw(writer->frames);
	return 0;
}

int
archive_writer_new(const struct archive_write_options *options,
    struct archive_writer **ret_writer, struct err *err)
{
	AUTO(archive_writer)
	struct archive_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return err_system(err, "begin an archive");
	assert(strlen(options->member) <= MEMBER_NAME_MAX);
	writer->options = *options;
	(void)stpcpy(writer->member, options->member);
	writer->sums_fd = -1;
	if (file_scratch(options->scratch, &writer->sums_fd, err) < 0 ||
	    (options->image_sha256 && sha256_new(&writer->image, err) < 0) ||
	    open_stream(writer, err) < 0 || begin_image(writer, err) < 0)
		return -1;
	*ret_writer = take_ptr(&writer);
	return 0;
}

void
archive_writer_free(struct archive_writer *writer)
{
	if (writer == NULL)
		return;
	archive_stream_free(writer->own);
	sha256_free(writer->image);
	fd_auto(&writer->sums_fd);
	free(writer);
}

void
archive_writer_auto(struct archive_writer **place)
{
	archive_writer_free(*place);
}

int
archive_writer_page(
    struct archive_writer *writer, const uint8_t *page, struct err *err)
{
	const struct archive_write_options *options = &writer->options;

	assert(writer->pages < options->page_count);
	if (writer->image != NULL)
		sha256_add(writer->image, page, options->page_size);
	if (tar_writer_page(writer->tar, page, options->page_size, err) < 0)
		return -1;
	writer->pages++;
	if ((uint64_t)writer->pages * options->page_size % FRAME_IMAGE_BYTES ==
	    0)
		frame_writer_cut(writer->frames);
	return 0;
}

/* From the scratch file into the sums member and into the root. */
static int
store_sums(struct archive_writer *writer, struct sha256 *root, struct err *err)
{
	uint8_t piece[SUMS_PIECE];
	size_t len = 0;

	for (uint64_t at = 0; at < writer->sums_bytes; at += len) {
		if (file_read_at(writer->sums_fd, piece, sizeof(piece), at,
			sums_scratch, &len, err) < 0)
			return -1;
		if (len == 0)
			return err_set(err, ERR_FAILED, 0,
			    "%s became shorter while it was in use",
			    sums_scratch);
		sha256_add(root, piece, len);
		if (tar_writer_add(writer->tar, piece, len, err) < 0)
			return -1;
		if ((at + len) % FRAME_IMAGE_BYTES == 0)
			frame_writer_cut(writer->frames);
	}
	return 0;
}

static int
add_sums(struct archive_writer *writer, uint8_t ret_root[SHA256_BYTES],
    struct err *err)
{
	char path[MEMBER_PATH_BYTES];
	const struct tar_write_member sums = {
		.path = path,
		.size = writer->sums_bytes,
		.mode = 0600,
	};
	AUTO(sha256) struct sha256 *root = NULL;

	member_path_sums(writer->member, path);
	if (sha256_new(&root, err) < 0 ||
	    tar_writer_begin(writer->tar, &sums, err) < 0)
		return -1;
	writer->sums_offset = frame_writer_raw(writer->frames);
	manifest_root_begin(
	    root, writer->options.page_size, writer->options.page_count);
	if (store_sums(writer, root, err) < 0)
		return -1;
	sha256_finish(root, ret_root);
	return tar_writer_end(writer->tar, err);
}

int
archive_writer_seal(struct archive_writer *writer, struct manifest_database *db,
    struct err *err)
{
	assert(writer->pages == writer->options.page_count);
	if (tar_writer_end(writer->tar, err) < 0 ||
	    frame_writer_drain(writer->frames, err) < 0)
		return -1;
	assert(writer->sums_bytes == (uint64_t)writer->pages * PAGE_SUM_BYTES);

	if (add_sums(writer, db->root, err) < 0)
		return -1;
	db->pages_stored = writer->pages;
	db->pages_offset = writer->image_offset;
	db->sums_offset = writer->sums_offset;
	db->has_image_sha256 = writer->image != NULL;
	if (writer->image != NULL)
		sha256_finish(writer->image, db->image_sha256);
	return 0;
}

int
archive_writer_finish(struct archive_writer *writer, struct manifest *manifest,
    struct stored_file *ret_file, struct err *err)
{
	return archive_stream_finish(writer->stream, manifest, ret_file, err);
}
