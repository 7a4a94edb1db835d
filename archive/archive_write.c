/*
 * Three layers: we know the members, libarchive knows tar, frame_write.h knows
 * frames.  Everything goes through libarchive, pages too, so that it is right
 * about sizes above 8 GiB, long names and padding; its output comes back
 * through take_output(), unbuffered, and goes straight into the open frame.
 *
 * A page must reach its frame as a page, in one piece and copied only once.
 * With a block size of 0 libarchive hands on the caller's own pointer; that is
 * its behaviour, not its promise, so take_output() insists on it.
 *
 * The cut rules are those of layout.h.
 */
#include "archive/archive_write.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>

#include "archive/frame_write.h"
#include "archive/layout.h"
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
	struct frame_writer *frames;
	struct archive *tar;

	uint32_t pages; /* given so far */
	const uint8_t *page; /* on its way through libarchive, or NULL */
	struct sha256 *image; /* NULL when the image is not summed */
	int sums_fd; /* the page sums, in page order */
	uint64_t sums_bytes;
	uint64_t image_offset;
	uint64_t sums_offset;
	bool abandoned; /* nothing more goes to the frames */

	/* What take_output() found; libarchive cannot carry it. */
	struct err err;
};

/* What the header of a member says. */
struct member {
	const char *path;
	uint64_t size;
	uint32_t uid, gid, mode;
};

static int
take_page(struct archive_writer *writer, const void *bytes, size_t len)
{
	const uint8_t *page = take_ptr(&writer->page);

	if (bytes != page || len != writer->options.page_size)
		return err_set(&writer->err, ERR_FAILED, 0,
		    "%s did not hand on a page in one piece",
		    archive_version_string());
	return frame_writer_add_page(writer->frames, page, len, &writer->err);
}

/* The bytes of the tar stream, as libarchive makes them. */
static la_ssize_t
take_output(struct archive *tar, void *ctx, const void *bytes, size_t len)
{
	struct archive_writer *writer = ctx;

	if (writer->abandoned)
		return -1;
	int rc = writer->page != NULL ? take_page(writer, bytes, len)
				      : frame_writer_add(writer->frames, bytes,
					    len, &writer->err);
	if (rc == 0)
		return (la_ssize_t)len;
	archive_set_error(tar, writer->err.code, "%s", writer->err.text);
	return -1;
}

/* The reason behind a failed call of libarchive. */
static int
tar_failed(
    const struct archive_writer *writer, const char *what, struct err *err)
{
	if (writer->err.kind != ERR_NONE) {
		*err = writer->err;
		return -1;
	}
	const char *why = archive_error_string(writer->tar);
	return err_set(err, ERR_FAILED, archive_errno(writer->tar),
	    "libarchive cannot %s: %s", what, why == NULL ? "no reason" : why);
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

/*
 * In pax a name that is not ASCII is an extended record in UTF-8, and there is
 * none that all readers take in silence: bsdtar in the C locale (cron, systemd)
 * fails to translate it, GNU tar warns of the record that says "do not".  In
 * GNU's format names are bytes, and both give back the bytes in any locale.
 */
static int
set_format(struct archive_writer *writer)
{
	return is_ascii(writer->member)
		   ? archive_write_set_format_pax_restricted(writer->tar)
		   : archive_write_set_format_gnutar(writer->tar);
}

static int
open_tar(struct archive_writer *writer, struct err *err)
{
	writer->tar = archive_write_new();
	if (writer->tar == NULL)
		return err_set(
		    err, ERR_FAILED, 0, "no memory to begin a tar stream");
	if (set_format(writer) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(writer->tar, 0) != ARCHIVE_OK ||
	    archive_write_open2(writer->tar, writer, NULL, take_output, NULL,
		NULL) != ARCHIVE_OK)
		return tar_failed(writer, "begin a tar stream", err);
	return 0;
}

static void
entry_auto(struct archive_entry **place)
{
	archive_entry_free(*place);
}

/* Begins a member.  A warning of libarchive is no small thing here. */
static int
begin_member(
    struct archive_writer *writer, const struct member *member, struct err *err)
{
	AUTO(entry) struct archive_entry *entry = archive_entry_new();

	if (entry == NULL)
		return err_set(
		    err, ERR_FAILED, 0, "no memory for a tar header");
	archive_entry_copy_pathname(entry, member->path);
	archive_entry_set_size(entry, (la_int64_t)member->size);
	archive_entry_set_mode(entry, (mode_t)(S_IFREG | member->mode));
	archive_entry_set_uid(entry, member->uid);
	archive_entry_set_gid(entry, member->gid);
	archive_entry_set_mtime(entry, writer->options.mtime, 0);
	if (archive_write_header(writer->tar, entry) != ARCHIVE_OK)
		return tar_failed(writer, "write a tar header", err);
	return 0;
}

static int
add_data(struct archive_writer *writer, const void *bytes, size_t len,
    struct err *err)
{
	la_ssize_t done = archive_write_data(writer->tar, bytes, len);

	if (done < 0 || (size_t)done != len)
		return tar_failed(writer, "write to the tar stream", err);
	return 0;
}

/* Ends a member with its padding; the next one begins with a new frame. */
static int
end_member(struct archive_writer *writer, struct err *err)
{
	if (archive_write_finish_entry(writer->tar) != ARCHIVE_OK)
		return tar_failed(writer, "end a member", err);
	frame_writer_cut(writer->frames);
	return 0;
}

/* Page sums arrive a frame at a time, in order; here they rest. */
static int
keep_sums(void *ctx, const uint8_t *sums, size_t count, struct err *err)
{
	struct archive_writer *writer = ctx;
	size_t len = count * PAGE_SUM_BYTES;

	if (file_write_at(writer->sums_fd, sums, len, writer->sums_bytes,
		sums_scratch, err) < 0)
		return -1;
	writer->sums_bytes += len;
	return 0;
}

static int
open_frames(struct archive_writer *writer, struct err *err)
{
	const struct archive_write_options *options = &writer->options;
	const struct frame_write_options frames = {
		.fd = options->fd,
		.name = options->name,
		.scratch = options->scratch,
		.level = options->level,
		.threads = options->threads,
		.work = options->work,
		.sums = keep_sums,
		.sums_ctx = writer,
	};

	return frame_writer_new(&frames, &writer->frames, err);
}

static int
begin_image(struct archive_writer *writer, struct err *err)
{
	const struct archive_write_options *options = &writer->options;
	const struct member image = {
		.path = writer->member,
		.size = (uint64_t)options->page_count * options->page_size,
		.uid = options->uid,
		.gid = options->gid,
		.mode = options->mode,
	};

	if (begin_member(writer, &image, err) < 0)
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
	    open_frames(writer, err) < 0 || open_tar(writer, err) < 0 ||
	    begin_image(writer, err) < 0)
		return -1;
	*ret_writer = take_ptr(&writer);
	return 0;
}

void
archive_writer_free(struct archive_writer *writer)
{
	if (writer == NULL)
		return;
	/*
	 * libarchive ends the stream when it is freed: it would pad a member
	 * that is short, terabytes maybe.  It gives up at the first refusal.
	 * (archive_write_fail() is meant for this, but leaks in 3.6.)
	 */
	writer->abandoned = true;
	(void)archive_write_free(writer->tar);
	frame_writer_free(writer->frames);
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
	writer->page = page;
	if (add_data(writer, page, options->page_size, err) < 0)
		return -1;
	assert(writer->page == NULL);
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
		if (add_data(writer, piece, len, err) < 0)
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
	char path[sizeof(SUMS_PREFIX SUMS_SUFFIX) + MEMBER_NAME_MAX];
	const struct member sums = {
		.path = path,
		.size = writer->sums_bytes,
		.mode = 0600,
	};
	AUTO(sha256) struct sha256 *root = NULL;

	(void)snprintf(
	    path, sizeof(path), SUMS_PREFIX "%s" SUMS_SUFFIX, writer->member);
	if (sha256_new(&root, err) < 0 || begin_member(writer, &sums, err) < 0)
		return -1;
	writer->sums_offset = frame_writer_raw(writer->frames);
	manifest_root_begin(
	    root, writer->options.page_size, writer->options.page_count);
	if (store_sums(writer, root, err) < 0)
		return -1;
	sha256_finish(root, ret_root);
	return end_member(writer, err);
}

int
archive_writer_seal(
    struct archive_writer *writer, struct manifest *manifest, struct err *err)
{
	struct manifest_database *db = &manifest->database;

	assert(writer->pages == writer->options.page_count);
	if (end_member(writer, err) < 0 ||
	    frame_writer_drain(writer->frames, err) < 0)
		return -1;
	assert(writer->sums_bytes == (uint64_t)writer->pages * PAGE_SUM_BYTES);

	if (add_sums(writer, db->root, err) < 0)
		return -1;
	db->image_offset = writer->image_offset;
	db->sums_offset = writer->sums_offset;
	db->has_image_sha256 = writer->image != NULL;
	if (writer->image != NULL)
		sha256_finish(writer->image, db->image_sha256);
	return 0;
}

static int
add_manifest(struct archive_writer *writer, const struct manifest *manifest,
    struct err *err)
{
	AUTO(free) char *json = NULL;
	size_t len = 0;

	if (manifest_encode(manifest, &json, &len, err) < 0)
		return -1;
	const struct member member = {
		.path = MANIFEST_MEMBER,
		.size = len,
		.mode = 0600,
	};
	if (begin_member(writer, &member, err) < 0 ||
	    add_data(writer, json, len, err) < 0)
		return -1;
	/* Its padding and the end of the tar stream share its frame. */
	if (archive_write_close(writer->tar) != ARCHIVE_OK)
		return tar_failed(writer, "end the tar stream", err);
	frame_writer_cut_plain(writer->frames);
	return 0;
}

int
archive_writer_finish(struct archive_writer *writer, struct manifest *manifest,
    uint64_t *ret_bytes, struct err *err)
{
	if (frame_writer_drain(writer->frames, err) < 0)
		return -1;
	manifest->stored_bytes = frame_writer_stored(writer->frames);
	frame_writer_stored_sha256(writer->frames, manifest->stored_sha256);
	if (add_manifest(writer, manifest, err) < 0 ||
	    frame_writer_finish(writer->frames, err) < 0)
		return -1;
	*ret_bytes = frame_writer_stored(writer->frames);
	return 0;
}
