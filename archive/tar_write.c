/*
 * We know the members, libarchive knows tar, frame_write.h knows frames.
 * Everything goes through libarchive, pages too, so that it is right about
 * sizes above 8 GiB, long names, sparse maps and padding; its output comes
 * back through take_output(), unbuffered, and goes straight into the open
 * frame.
 *
 * A page must reach its frame as a page, in one piece and copied only once.
 * With a block size of 0 libarchive hands on the caller's own pointer; that is
 * its behaviour, not its promise, so take_output() insists on it.  In the same
 * way it insists that a hole has no output.
 */
#include "archive/tar_write.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>

#include "archive/layout.h"
#include "base/auto.h"

/*
 * An entry of a map is an offset and a length, both below 2^48 (15 digits) and
 * each with a line end; so a map fits in its frame, and beside it a header.
 */
_Static_assert(RUNS_MAX * 32 <= FRAME_IMAGE_BYTES, "a map fits in a frame");

struct tar_writer {
	struct frame_writer *frames;
	struct archive *tar;
	int64_t mtime;

	const uint8_t *page; /* on its way through libarchive, or NULL */
	size_t page_size;
	bool in_hole; /* what goes through libarchive now has no output */
	bool abandoned; /* nothing more goes to the frames */

	/* What take_output() found; libarchive cannot carry it. */
	struct err err;
};

static int
surprised(struct tar_writer *writer, const char *what)
{
	return err_set(&writer->err, ERR_FAILED, 0, "%s %s",
	    archive_version_string(), what);
}

static int
take_page(struct tar_writer *writer, const void *bytes, size_t len)
{
	const uint8_t *page = take_ptr(&writer->page);

	if (bytes != page || len != writer->page_size)
		return surprised(writer, "did not hand on a page in one piece");
	return frame_writer_add_page(writer->frames, page, len, &writer->err);
}

/* The bytes of the tar stream, as libarchive makes them. */
static int
take(struct tar_writer *writer, const void *bytes, size_t len)
{
	if (writer->in_hole)
		return surprised(writer, "stored a hole");
	if (writer->page != NULL)
		return take_page(writer, bytes, len);
	return frame_writer_add(writer->frames, bytes, len, &writer->err);
}

static la_ssize_t
take_output(struct archive *tar, void *ctx, const void *bytes, size_t len)
{
	struct tar_writer *writer = ctx;

	if (writer->abandoned)
		return -1;
	if (take(writer, bytes, len) == 0)
		return (la_ssize_t)len;
	archive_set_error(tar, writer->err.code, "%s", writer->err.text);
	return -1;
}

/* The reason behind a failed call of libarchive. */
static int
tar_failed(const struct tar_writer *writer, const char *what, struct err *err)
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
set_format(struct archive *tar, const char *name)
{
	return is_ascii(name) ? archive_write_set_format_pax_restricted(tar)
			      : archive_write_set_format_gnutar(tar);
}

int
tar_writer_new(const struct tar_write_options *options,
    struct tar_writer **ret_writer, struct err *err)
{
	AUTO(tar_writer)
	struct tar_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return err_system(err, "begin a tar stream");
	writer->frames = options->frames;
	writer->mtime = options->mtime;
	writer->tar = archive_write_new();
	if (writer->tar == NULL)
		return err_set(
		    err, ERR_FAILED, 0, "no memory to begin a tar stream");
	if (set_format(writer->tar, options->name) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(writer->tar, 0) != ARCHIVE_OK ||
	    archive_write_open2(writer->tar, writer, NULL, take_output, NULL,
		NULL) != ARCHIVE_OK)
		return tar_failed(writer, "begin a tar stream", err);
	*ret_writer = take_ptr(&writer);
	return 0;
}

void
tar_writer_free(struct tar_writer *writer)
{
	if (writer == NULL)
		return;
	/*
	 * libarchive ends the stream when it is freed: it would pad a member
	 * that is short, terabytes maybe.  It gives up at the first refusal.
	 * (archive_write_fail() is meant for this, but leaks in 3.6.)
	 */
	writer->abandoned = true;
	if (writer->tar != NULL)
		(void)archive_write_free(writer->tar);
	free(writer);
}

void
tar_writer_auto(struct tar_writer **place)
{
	tar_writer_free(*place);
}

static void
entry_auto(struct archive_entry **place)
{
	archive_entry_free(*place);
}

static struct archive_entry *
make_entry(
    const struct tar_writer *writer, const struct tar_write_member *member)
{
	struct archive_entry *entry = archive_entry_new();

	if (entry == NULL)
		return NULL;
	archive_entry_copy_pathname(entry, member->path);
	archive_entry_set_size(entry, (la_int64_t)member->size);
	archive_entry_set_mode(entry, (mode_t)(S_IFREG | member->mode));
	archive_entry_set_uid(entry, member->uid);
	archive_entry_set_gid(entry, member->gid);
	archive_entry_set_mtime(entry, writer->mtime, 0);
	return entry;
}

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_FAILED, 0, "no memory for a tar header");
}

/* A warning of libarchive is no small thing here. */
static int
write_header(
    struct tar_writer *writer, struct archive_entry *entry, struct err *err)
{
	if (archive_write_header(writer->tar, entry) != ARCHIVE_OK)
		return tar_failed(writer, "write a tar header", err);
	return 0;
}

int
tar_writer_begin(struct tar_writer *writer,
    const struct tar_write_member *member, struct err *err)
{
	AUTO(entry) struct archive_entry *entry = make_entry(writer, member);

	if (entry == NULL)
		return no_memory(err);
	return write_header(writer, entry, err);
}

int
tar_writer_add(
    struct tar_writer *writer, const void *bytes, size_t len, struct err *err)
{
	la_ssize_t done = archive_write_data(writer->tar, bytes, len);

	if (done < 0 || (size_t)done != len)
		return tar_failed(writer, "write to the tar stream", err);
	return 0;
}

/* Without any run a file would not be sparse: an empty one says it is. */
static int
add_runs(struct archive_entry *entry, uint64_t size, const struct tar_run *runs,
    size_t count, struct err *err)
{
	assert(count <= RUNS_MAX);
	for (size_t i = 0; i < count; i++)
		archive_entry_sparse_add_entry(
		    entry, (la_int64_t)runs[i].offset, (la_int64_t)runs[i].len);
	if (count == 0)
		archive_entry_sparse_add_entry(entry, (la_int64_t)size, 0);
	/* libarchive drops an entry without a word. */
	bool whole = count == 1 && runs[0].len == size;
	int taken = archive_entry_sparse_count(entry);
	if (taken != (whole ? 0 : count == 0 ? 1 : (int)count))
		return no_memory(err);
	return 0;
}

int
tar_writer_begin_sparse(struct tar_writer *writer,
    const struct tar_write_member *member, const struct tar_run *runs,
    size_t count, struct err *err)
{
	AUTO(entry) struct archive_entry *entry = make_entry(writer, member);

	if (entry == NULL)
		return no_memory(err);
	if (add_runs(entry, member->size, runs, count, err) < 0 ||
	    write_header(writer, entry, err) < 0)
		return -1;
	/* The map comes with the first data; none is enough. */
	if (tar_writer_add(writer, "", 0, err) < 0)
		return -1;
	frame_writer_cut(writer->frames);
	return 0;
}

int
tar_writer_page(struct tar_writer *writer, const uint8_t *page,
    size_t page_size, struct err *err)
{
	writer->page = page;
	writer->page_size = page_size;
	if (tar_writer_add(writer, page, page_size, err) < 0)
		return -1;
	assert(writer->page == NULL);
	return 0;
}

/*
 * libarchive wants the bytes of holes, too, and drops them: it takes them by
 * their number and does not look.
 */
int
tar_writer_hole(struct tar_writer *writer, uint64_t len, struct err *err)
{
	static const uint8_t zeros[1 << 16];
	int rc = 0;

	writer->in_hole = true;
	while (rc == 0 && len > 0) {
		size_t piece =
		    len < sizeof(zeros) ? (size_t)len : sizeof(zeros);

		rc = tar_writer_add(writer, zeros, piece, err);
		len -= piece;
	}
	writer->in_hole = false;
	return rc;
}

int
tar_writer_end(struct tar_writer *writer, struct err *err)
{
	if (archive_write_finish_entry(writer->tar) != ARCHIVE_OK)
		return tar_failed(writer, "end a member", err);
	frame_writer_cut(writer->frames);
	return 0;
}

int
tar_writer_finish(struct tar_writer *writer, struct err *err)
{
	if (archive_write_close(writer->tar) != ARCHIVE_OK)
		return tar_failed(writer, "end the tar stream", err);
	return 0;
}
