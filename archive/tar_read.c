/*
 * libarchive knows tar; we know what our archives look like, and hold both
 * against each other.
 *
 * libarchive hands out pointers into the piece that it was given last, unless
 * something lies across two pieces and it has to copy.  Where our layout is
 * kept nothing ever does, so a pointer from elsewhere is a broken layout; and
 * a pointer into the piece tells the exact place in the stream.
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

#include "archive/sparse_map.h"
#include "archive/tar_header.h"
#include "archive/tar_pieces.h"
#include "base/auto.h"
#include "base/bytes.h"
#include "base/text.h"

enum { NAME_SHOWN = 300 };

struct tar_reader {
	struct tar_pieces pieces; /* of the stream */
	struct archive *tar;

	struct tar_member member; /* the newest one */
	struct tar_header header; /* its */
	bool mapped; /* tar_reader_map() has looked at it */
	uint64_t stored; /* bytes of its data in the stream */
	uint64_t data; /* of them given out */
	uint64_t at; /* in the member; where the data ended so far */
};

/*
 * The reason behind a failed call of libarchive, which quotes what it read in
 * some of its messages.
 */
static int
tar_failed(const struct tar_reader *reader, struct err *err)
{
	const char *why = archive_error_string(reader->tar);
	char shown[NAME_SHOWN];

	if (reader->pieces.err.kind != ERR_NONE) {
		*err = reader->pieces.err;
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
	reader->pieces.source = *source;
	reader->tar = archive_read_new();
	if (reader->tar == NULL)
		return err_set(
		    err, ERR_FAILED, 0, "no memory to read a tar stream");
	/* Only tar, only as it is: no other format, no decompression. */
	if (archive_read_support_format_tar(reader->tar) != ARCHIVE_OK ||
	    archive_read_open(reader->tar, &reader->pieces, NULL,
		tar_pieces_take, NULL) != ARCHIVE_OK)
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
	    reader->pieces.members, shown, why);
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

/*
 * What is wrong with a member, or NULL.  libarchive takes several types for a
 * plain file (old sparse files, files that want to lie in one piece); ours have
 * one.
 */
static const char *
entry_fault(struct tar_reader *reader, struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry) != NULL ||
	    archive_entry_symlink(entry) != NULL)
		return "is a link";
	if (archive_entry_filetype(entry) != AE_IFREG)
		return "is not a regular file";
	if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
		return "has no valid size";
	if ((uint64_t)archive_read_header_position(reader->tar) !=
	    reader->pieces.offset)
		return "does not begin with a frame";
	if (!tar_header_scan(
		reader->pieces.at, reader->pieces.len, &reader->header) ||
	    reader->header.type != '0')
		return "is not an ordinary file";
	/* In another way than ours. */
	if (archive_entry_sparse_count(entry) > 0 && !reader->header.sparse)
		return "is sparse";
	return NULL;
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
	    reader->pieces.members);
}

/*
 * Before a header is looked for: the member before it must end with its piece,
 * padding included, so that the header is the first thing in the next one.
 */
static int
check_place(const struct tar_reader *reader, struct err *err)
{
	uint64_t end = reader->pieces.offset;

	/* The first piece was taken when the stream was opened. */
	if (reader->pieces.members == 0)
		return tar_pieces_check_map(&reader->pieces, err);
	if (reader->pieces.data_end != NULL)
		end += (uint64_t)(reader->pieces.data_end - reader->pieces.at);
	if ((end + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK !=
	    reader->pieces.offset + reader->pieces.len)
		return bad_member(reader, reader->member.path,
		    "does not end with a frame", err);
	return 0;
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
	reader->pieces.header_pieces = reader->pieces.members == 0 ? 0 : 1;
	reader->pieces.in_header = true;
	int rc = archive_read_next_header(reader->tar, ret_entry);
	reader->pieces.in_header = false;

	*ret_end = rc == ARCHIVE_EOF;
	if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN || rc == ARCHIVE_EOF)
		return 0;
	(void)tar_failed(reader, err);
	if (reader->pieces.err.kind != ERR_NONE || err->kind != ERR_DAMAGED)
		return -1;
	return err_within(
	    err, "the tar header of member %u", reader->pieces.members + 1);
}

static void
begin_data(struct tar_reader *reader, const char *path, uint64_t size)
{
	struct tar_member *member = &reader->member;
	const struct tar_header *header = &reader->header;

	(void)stpcpy(member->path, path);
	member->size = size;
	member->offset = reader->pieces.offset + header->len;
	member->apart = header->sparse || header->len == reader->pieces.len;
	reader->mapped = false;
	reader->stored = size;
	reader->data = 0;
	reader->at = 0;
	reader->pieces.data_end = reader->pieces.at + header->len;
}

int
tar_reader_member(struct tar_reader *reader, const char *expected,
    struct tar_member *ret_member, struct err *err)
{
	struct archive_entry *entry = NULL;
	bool end = false;

	if (check_place(reader, err) < 0 ||
	    read_header(reader, &entry, &end, err) < 0)
		return -1;
	if (end)
		return no_member(reader, err);
	reader->pieces.members++;
	const char *path = archive_entry_pathname(entry);
	if (path == NULL)
		return bad_member(reader, "", "has no name", err);
	if (check_path(reader, path, expected, err) < 0)
		return -1;
	const char *fault = entry_fault(reader, entry);
	if (fault != NULL)
		return bad_member(reader, path, fault, err);
	begin_data(reader, path, (uint64_t)archive_entry_size(entry));
	*ret_member = reader->member;
	return 0;
}

unsigned
tar_reader_members(const struct tar_reader *reader)
{
	return reader->pieces.members;
}

int
tar_reader_map(struct tar_reader *reader, uint32_t unit, uint32_t *ret_runs,
    struct err *err)
{
	const struct tar_member *member = &reader->member;
	struct sparse_map map = { .size = member->size, .unit = unit };
	size_t len = reader->pieces.len - reader->header.len;

	if (!member->apart)
		return bad_member(reader, member->path,
		    "has data in the frame of its header", err);
	reader->mapped = true;
	/* The map is all that the header's frame holds behind it. */
	reader->pieces.data_end = reader->pieces.at + reader->pieces.len;
	*ret_runs = 1;
	if (!reader->header.sparse)
		return 0;
	if (sparse_map_decode(
		reader->pieces.at + reader->header.len, len, &map, err) < 0)
		return err_within(err, "member %u, '%s'",
		    reader->pieces.members, member->path);
	reader->stored = map.bytes;
	*ret_runs = map.runs;
	return 0;
}

/* Every byte of the member was given out. */
static int
end_of_data(const struct tar_reader *reader, struct err *err)
{
	if (reader->data != reader->stored)
		return bad_member(reader, reader->member.path,
		    "has less data than its header says", err);
	return 0;
}

/*
 * What is wrong with a span, or NULL.  Data must lie in the newest piece and
 * continue what was given out; in the member, too, unless there is a map.
 */
static const char *
span_fault(const struct tar_reader *reader, const uint8_t *bytes, size_t len,
    la_int64_t offset)
{
	const uint8_t *next = reader->pieces.data_end == NULL
				  ? reader->pieces.at
				  : reader->pieces.data_end;
	/* As numbers: they may be pointers into different objects. */
	uintptr_t start = (uintptr_t)bytes,
		  piece = (uintptr_t)reader->pieces.at;

	if (start < piece || start - piece > reader->pieces.len ||
	    len > reader->pieces.len - (start - piece))
		return "has data that is not cut as our frames are";
	if (bytes != next || len > reader->stored - reader->data)
		return "has data that does not follow its header";
	if (offset < 0 || (uint64_t)offset < reader->at ||
	    ((uint64_t)offset > reader->at && !reader->mapped) ||
	    (uint64_t)offset > reader->member.size ||
	    len > reader->member.size - (uint64_t)offset)
		return "has gaps in its data";
	return NULL;
}

int
tar_reader_span(
    struct tar_reader *reader, struct tar_span *ret_span, struct err *err)
{
	const void *bytes = NULL;
	size_t len = 0;
	la_int64_t offset = 0;

	*ret_span = (struct tar_span){ 0 };
	if (reader->header.sparse && !reader->mapped)
		return bad_member(
		    reader, reader->member.path, "is sparse", err);
	int rc;
	do {
		rc =
		    archive_read_data_block(reader->tar, &bytes, &len, &offset);
	} while (rc == ARCHIVE_OK && len == 0);
	if (rc == ARCHIVE_EOF)
		return end_of_data(reader, err);
	if (rc != ARCHIVE_OK) {
		(void)tar_failed(reader, err);
		if (reader->pieces.err.kind != ERR_NONE ||
		    err->kind != ERR_DAMAGED)
			return -1;
		return err_within(
		    err, "the data of member '%s'", reader->member.path);
	}
	const char *fault = span_fault(reader, bytes, len, offset);
	if (fault != NULL)
		return bad_member(reader, reader->member.path, fault, err);

	ret_span->bytes = bytes;
	ret_span->len = len;
	ret_span->offset = reader->pieces.offset +
			   (uint64_t)(ret_span->bytes - reader->pieces.at);
	ret_span->at = (uint64_t)offset;
	reader->data += len;
	reader->at = (uint64_t)offset + len;
	reader->pieces.data_end = ret_span->bytes + len;
	return 0;
}

int
tar_reader_finish(struct tar_reader *reader, struct err *err)
{
	const uint8_t *piece = NULL;
	size_t piece_len = 0;
	size_t padding = (0 - reader->member.size) % TAR_BLOCK;

	assert(reader->data == reader->stored);
	size_t rest = reader->pieces.data_end == NULL
			  ? 0
			  : (size_t)(reader->pieces.at + reader->pieces.len -
				     reader->pieces.data_end);
	if (rest < padding + 2 * TAR_BLOCK)
		return bad_member(reader, reader->member.path,
		    "is not followed by the end of a tar stream", err);
	if (!bytes_are_zero(reader->pieces.data_end, rest))
		return bad_member(reader, reader->member.path,
		    "is followed by something, and should be the last", err);
	if (reader->pieces.source.next(
		reader->pieces.source.ctx, &piece, &piece_len, err) < 0)
		return -1;
	if (piece_len > 0)
		return bad_member(reader, reader->member.path,
		    "is followed by more frames, and should be in the last",
		    err);
	return 0;
}
