/*
 * libarchive knows tar; we know what our archives look like, and hold both
 * against each other.
 *
 * libarchive hands out pointers into the piece that it was given last, unless
 * something lies across two pieces and it has to copy.  Where our layout is
 * kept nothing ever does, so a pointer from elsewhere is a broken layout; and
 * a pointer into the piece tells the exact place in the stream.
 *
 * While it looks for a header it gets one piece and no more.  Some of tar's
 * extensions (the sparse maps of old GNU tar) may otherwise grow in memory for
 * as long as hostile input goes on.
 */
#include "archive/tar_read.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/auto.h"
#include "base/text.h"

enum {
	TAR_BLOCK = 512,
	TYPE_AT = 156, /* in a header: typeflag (pax(1), ustar) */
	NAME_SHOWN = 300,
};

struct tar_reader {
	struct tar_source source;
	struct archive *tar;

	const uint8_t *piece; /* the newest one */
	size_t piece_len;
	uint64_t piece_offset; /* in the tar stream */
	bool in_header; /* libarchive is looking for one */
	unsigned header_pieces; /* so many it may have for that */

	unsigned members; /* whose headers were read */
	struct tar_member member; /* the newest one */
	uint64_t data; /* bytes of it given out */
	const uint8_t *data_end; /* in the piece; where the data ended so far */

	/* What take_piece() found; libarchive cannot carry it. */
	struct err err;
};

/* libarchive wants more of the stream. */
static la_ssize_t
take_piece(struct archive *tar, void *ctx, const void **ret_bytes)
{
	struct tar_reader *reader = ctx;

	*ret_bytes = NULL;
	reader->piece_offset += reader->piece_len;
	reader->piece_len = 0;
	reader->data_end = NULL;
	if (reader->source.next(reader->source.ctx, &reader->piece,
		&reader->piece_len, &reader->err) < 0) {
		archive_set_error(
		    tar, reader->err.code, "%s", reader->err.text);
		return -1;
	}
	if (reader->in_header && reader->piece_len > 0 &&
	    reader->header_pieces-- == 0) {
		archive_set_error(tar, EINVAL, "it is split between frames");
		return -1;
	}
	*ret_bytes = reader->piece;
	return (la_ssize_t)reader->piece_len;
}

/*
 * The reason behind a failed call of libarchive, which quotes what it read in
 * some of its messages.
 */
static int
tar_failed(const struct tar_reader *reader, struct err *err)
{
	const char *why = archive_error_string(reader->tar);
	char shown[NAME_SHOWN];

	if (reader->err.kind != ERR_NONE) {
		*err = reader->err;
		return -1;
	}
	text_printable(why == NULL ? "no reason" : why, shown, sizeof(shown));
	if (archive_errno(reader->tar) == ENOMEM)
		return err_set(
		    err, ERR_FAILED, ENOMEM, "read a tar stream: %s", shown);
	return err_set(err, ERR_DAMAGED, 0, "%s", shown);
}

int
tar_reader_new(const struct tar_source *source, struct tar_reader **ret_reader,
    struct err *err)
{
	AUTO(tar_reader)
	struct tar_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return err_system(err, "begin to read a tar stream");
	reader->source = *source;
	reader->tar = archive_read_new();
	if (reader->tar == NULL)
		return err_set(
		    err, ERR_FAILED, 0, "no memory to read a tar stream");
	/* Only tar, only as it is: no other format, no decompression. */
	if (archive_read_support_format_tar(reader->tar) != ARCHIVE_OK ||
	    archive_read_open(reader->tar, reader, NULL, take_piece, NULL) !=
		ARCHIVE_OK)
		return tar_failed(reader, err);
	*ret_reader = take_ptr(&reader);
	return 0;
}

void
tar_reader_free(struct tar_reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->tar != NULL)
		(void)archive_read_free(reader->tar);
	free(reader);
}

void
tar_reader_auto(struct tar_reader **place)
{
	tar_reader_free(*place);
}

/* Damage of the member whose header was read last. */
static int
bad_member(const struct tar_reader *reader, const char *path, const char *why,
    struct err *err)
{
	char shown[NAME_SHOWN];

	text_printable(path, shown, sizeof(shown));
	return err_set(err, ERR_DAMAGED, 0, "member %u, '%s', %s",
	    reader->members, shown, why);
}

static int
check_path(const struct tar_reader *reader, const char *path,
    const char *expected, struct err *err)
{
	char why[NAME_SHOWN];

	if (expected != NULL && strcmp(path, expected) != 0) {
		(void)snprintf(why, sizeof(why), "should be '%s'", expected);
		return bad_member(reader, path, why, err);
	}
	if (strlen(path) >= sizeof(reader->member.path))
		return bad_member(
		    reader, path, "has a longer name than any of ours", err);
	return 0;
}

/* Of what kind a member is, and where its header lies. */
static int
check_entry(struct tar_reader *reader, const char *path,
    struct archive_entry *entry, struct err *err)
{
	if (archive_entry_hardlink(entry) != NULL ||
	    archive_entry_symlink(entry) != NULL)
		return bad_member(reader, path, "is a link", err);
	if (archive_entry_filetype(entry) != AE_IFREG)
		return bad_member(reader, path, "is not a regular file", err);
	if (archive_entry_sparse_count(entry) > 0)
		return bad_member(reader, path, "is sparse", err);
	if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
		return bad_member(reader, path, "has no valid size", err);
	if ((uint64_t)archive_read_header_position(reader->tar) !=
	    reader->piece_offset)
		return bad_member(
		    reader, path, "does not begin with a frame", err);
	return 0;
}

/*
 * The end of the stream where a member should be.  Without the manifest it is
 * just some tar archive.
 */
static int
no_member(const struct tar_reader *reader, struct err *err)
{
	return err_set(err, ERR_DAMAGED, 0,
	    "there is no " MANIFEST_MEMBER " in it: its tar stream ends after "
	    "%u members",
	    reader->members);
}

/*
 * Warnings are passed over: libarchive warns when a name cannot be shown in
 * the locale, and gives the name's bytes all the same.  What matters of the
 * header is checked here, all of its bytes by the manifest's sum.
 */
static int
read_header(struct tar_reader *reader, struct archive_entry **ret_entry,
    bool *ret_end, struct err *err)
{
	/* The first piece was taken when the stream was opened. */
	reader->header_pieces = reader->members == 0 ? 0 : 1;
	reader->in_header = true;
	int rc = archive_read_next_header(reader->tar, ret_entry);
	reader->in_header = false;

	*ret_end = rc == ARCHIVE_EOF;
	if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN || rc == ARCHIVE_EOF)
		return 0;
	(void)tar_failed(reader, err);
	if (reader->err.kind != ERR_NONE || err->kind != ERR_DAMAGED)
		return -1;
	return err_within(
	    err, "the tar header of member %u", reader->members + 1);
}

int
tar_reader_member(struct tar_reader *reader, const char *expected,
    struct tar_member *ret_member, struct err *err)
{
	struct archive_entry *entry = NULL;
	bool end = false;

	if (read_header(reader, &entry, &end, err) < 0)
		return -1;
	if (end)
		return no_member(reader, err);
	reader->members++;
	const char *path = archive_entry_pathname(entry);
	if (path == NULL)
		return bad_member(reader, "", "has no name", err);
	if (check_path(reader, path, expected, err) < 0 ||
	    check_entry(reader, path, entry, err) < 0)
		return -1;
	(void)stpcpy(reader->member.path, path);
	reader->member.size = (uint64_t)archive_entry_size(entry);
	reader->data = 0;
	*ret_member = reader->member;
	return 0;
}

/* Every byte of the member was given out. */
static int
end_of_data(const struct tar_reader *reader, struct err *err)
{
	if (reader->data != reader->member.size)
		return bad_member(reader, reader->member.path,
		    "has less data than its header says", err);
	return 0;
}

/* Data must lie in the newest piece and continue what was given out. */
static int
check_span(const struct tar_reader *reader, const uint8_t *bytes, size_t len,
    la_int64_t offset, struct err *err)
{
	/* As numbers: they may be pointers into different objects. */
	uintptr_t start = (uintptr_t)bytes, piece = (uintptr_t)reader->piece;

	if (start < piece || start - piece > reader->piece_len ||
	    len > reader->piece_len - (start - piece))
		return bad_member(reader, reader->member.path,
		    "has data that is not cut as our frames are", err);
	if (offset < 0 || (uint64_t)offset != reader->data ||
	    len > reader->member.size - reader->data)
		return bad_member(
		    reader, reader->member.path, "has gaps in its data", err);
	return 0;
}

/*
 * libarchive takes several types for a plain file (old sparse files, files that
 * want to lie in one piece); ours have one.  A member's data follows its header
 * at once, and the header lies in the same piece.
 */
static int
check_type(
    const struct tar_reader *reader, const uint8_t *data, struct err *err)
{
	if (data - reader->piece < TAR_BLOCK ||
	    data[TYPE_AT - TAR_BLOCK] != '0')
		return bad_member(reader, reader->member.path,
		    "is not an ordinary file", err);
	return 0;
}

int
tar_reader_span(
    struct tar_reader *reader, struct tar_span *ret_span, struct err *err)
{
	const void *bytes = NULL;
	size_t len = 0;
	la_int64_t offset = 0;
	int rc;

	*ret_span = (struct tar_span){ 0 };
	do {
		rc =
		    archive_read_data_block(reader->tar, &bytes, &len, &offset);
	} while (rc == ARCHIVE_OK && len == 0);
	if (rc == ARCHIVE_EOF)
		return end_of_data(reader, err);
	if (rc != ARCHIVE_OK) {
		(void)tar_failed(reader, err);
		if (reader->err.kind != ERR_NONE || err->kind != ERR_DAMAGED)
			return -1;
		return err_within(
		    err, "the data of member '%s'", reader->member.path);
	}
	if (check_span(reader, bytes, len, offset, err) < 0 ||
	    (offset == 0 && check_type(reader, bytes, err) < 0))
		return -1;

	ret_span->bytes = bytes;
	ret_span->len = len;
	ret_span->offset =
	    reader->piece_offset + (uint64_t)(ret_span->bytes - reader->piece);
	reader->data += len;
	reader->data_end = ret_span->bytes + len;
	return 0;
}

static bool
all_zeros(const uint8_t *bytes, size_t len)
{
	return len == 0 ||
	       (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

int
tar_reader_finish(struct tar_reader *reader, struct err *err)
{
	const uint8_t *piece = NULL;
	size_t piece_len = 0;
	size_t padding = (0 - reader->member.size) % TAR_BLOCK;

	assert(reader->data == reader->member.size);
	size_t rest = reader->data_end == NULL
			  ? 0
			  : (size_t)(reader->piece + reader->piece_len -
				     reader->data_end);
	if (rest < padding + 2 * TAR_BLOCK)
		return bad_member(reader, reader->member.path,
		    "is not followed by the end of a tar stream", err);
	if (!all_zeros(reader->data_end, rest))
		return bad_member(reader, reader->member.path,
		    "is followed by something, and should be the last", err);
	if (reader->source.next(reader->source.ctx, &piece, &piece_len, err) <
	    0)
		return -1;
	if (piece_len > 0)
		return bad_member(reader, reader->member.path,
		    "is followed by more frames, and should be in the last",
		    err);
	return 0;
}
