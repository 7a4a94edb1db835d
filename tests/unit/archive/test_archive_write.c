/* An archive is what layout.h says, to us and to those who only know tar. */
#include "archive/archive_write.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>

#include "archive/archive_read.h"
#include "archive/layout.h"
#include "archive/seek_table.h"
#include "base/file.h"
#include "base/sha256.h"

static int
scratch(void)
{
	struct err err = { 0 };
	int fd = -1;

	cr_assert_eq(file_scratch("/tmp", &fd, &err), 0, "%s", err.text);
	return fd;
}

static void
make_page(uint8_t *page, uint32_t page_size, uint32_t number)
{
	for (uint32_t i = 0; i < page_size; i++)
		page[i] = (uint8_t)(number * 31 + i * 7 + (i >> 8));
}

static struct archive_write_options
options_for(int fd, const char *member, uint32_t page_size, uint32_t count)
{
	return (struct archive_write_options){
		.fd = fd,
		.name = "test.tar.zst",
		.scratch = "/tmp",
		.level = 1,
		.threads = 2,
		.image_sha256 = true,
		.member = member,
		.page_size = page_size,
		.page_count = count,
		.uid = 1000,
		.gid = 33,
		.mode = 0640,
		.mtime = 1700000000,
	};
}

static struct manifest
manifest_for(const struct archive_write_options *options)
{
	struct manifest m = {
		.id = "0123456789abcdef",
		.set = "set",
		.kind = "full",
		.host = "host",
		.tool = "litesafe",
		.sqlite = "3.40.1",
		.database = {
			.page_size = options->page_size,
			.page_count = options->page_count,
			.encoding = "UTF-8",
			.journal_mode = "wal",
			.mode = options->mode,
		},
	};

	(void)strcpy(m.database.name, options->member);
	return m;
}

static int
add_pages(struct archive_writer *writer,
    const struct archive_write_options *options, struct err *err)
{
	static uint8_t page[PAGE_SIZE_MAX];

	for (uint32_t i = 1; i <= options->page_count; i++) {
		make_page(page, options->page_size, i);
		if (archive_writer_page(writer, page, err) < 0)
			return -1;
	}
	return 0;
}

static int
write_archive(const struct archive_write_options *options, struct manifest *m,
    struct stored_file *ret_file, struct err *err)
{
	struct archive_writer *writer = NULL;

	*m = manifest_for(options);
	if (archive_writer_new(options, &writer, err) < 0)
		return -1;
	int rc = add_pages(writer, options, err) < 0 ||
			 archive_writer_seal(writer, &m->database, err) < 0 ||
			 archive_writer_finish(writer, m, ret_file, err) < 0
		     ? -1
		     : 0;
	archive_writer_free(writer);
	return rc;
}

/* An archive taken apart. */
struct parts {
	uint8_t *file;
	size_t file_len;
	uint8_t *tar;
	size_t tar_len;
	uint32_t frames;
	uint64_t begin[100]; /* of each frame, in the tar stream */
	uint64_t last_stored; /* where the last frame begins in the file */
};

static void
split_frames(struct parts *parts)
{
	size_t at = 0, end;
	struct err err = { 0 };

	cr_assert_eq(seek_table_decode_footer(parts->file + parts->file_len - 9,
			 &parts->frames, &err),
	    0, "%s", err.text);
	cr_assert_lt(parts->frames, 100);
	end = parts->file_len - 8 - 8 * parts->frames - 9;
	parts->tar = malloc((size_t)parts->frames * FRAME_RAW_MAX);
	for (uint32_t i = 0; i < parts->frames; i++) {
		size_t len =
		    ZSTD_findFrameCompressedSize(parts->file + at, end - at);
		cr_assert(!ZSTD_isError(len));
		parts->begin[i] = parts->tar_len;
		parts->last_stored = at;
		size_t raw = ZSTD_decompress(parts->tar + parts->tar_len,
		    FRAME_RAW_MAX, parts->file + at, len);
		cr_assert(!ZSTD_isError(raw), "frame %u", i);
		parts->tar_len += raw;
		at += len;
	}
	cr_expect_eq(at, end);
}

static struct parts
take_apart(int fd)
{
	struct parts parts = { 0 };
	struct stat st;
	struct err err = { 0 };

	cr_assert_eq(fstat(fd, &st), 0);
	parts.file = malloc((size_t)st.st_size);
	cr_assert_eq(file_read_at(fd, parts.file, (size_t)st.st_size, 0, "test",
			 &parts.file_len, &err),
	    0);
	split_frames(&parts);
	return parts;
}

static void
parts_free(struct parts *parts)
{
	free(parts->file);
	free(parts->tar);
}

static bool
frame_begins_at(const struct parts *parts, uint64_t offset)
{
	for (uint32_t i = 0; i < parts->frames; i++) {
		if (parts->begin[i] == offset)
			return true;
	}
	return false;
}

static void
check_member(struct archive *tar, const char *path, uint64_t size, mode_t mode,
    int64_t uid, int64_t gid)
{
	struct archive_entry *entry = NULL;

	cr_assert_eq(archive_read_next_header(tar, &entry), ARCHIVE_OK, "%s",
	    archive_error_string(tar));
	cr_expect_str_eq(archive_entry_pathname(entry), path);
	cr_expect_eq(archive_entry_size(entry), (int64_t)size);
	cr_expect_eq(archive_entry_mode(entry), (S_IFREG | mode));
	cr_expect_eq(archive_entry_uid(entry), uid);
	cr_expect_eq(archive_entry_gid(entry), gid);
	cr_expect_eq(archive_entry_mtime(entry), 1700000000);
	const char *owner = archive_entry_uname(entry);
	cr_expect(owner == NULL || *owner == '\0');
}

/* As any tar program sees it. */
static void
check_members(
    const struct parts *parts, const struct archive_write_options *options)
{
	struct archive *tar = archive_read_new();
	struct archive_entry *entry = NULL;
	char sums[300];

	archive_read_support_format_tar(tar);
	cr_assert_eq(
	    archive_read_open_memory(tar, parts->tar, parts->tar_len), 0);
	(void)snprintf(
	    sums, sizeof(sums), ".litesafe/%s.sums", options->member);
	check_member(tar, options->member,
	    (uint64_t)options->page_size * options->page_count, 0640, 1000, 33);
	check_member(tar, sums, (uint64_t)options->page_count * 16, 0600, 0, 0);
	cr_assert_eq(archive_read_next_header(tar, &entry), ARCHIVE_OK);
	cr_expect_str_eq(archive_entry_pathname(entry), "litesafe.json");
	cr_expect_eq(archive_entry_mode(entry), (S_IFREG | 0600));
	cr_expect_eq(archive_read_next_header(tar, &entry), ARCHIVE_EOF);
	archive_read_free(tar);
}

/* Every page, its sum, the root and the image's digest. */
static void
check_pages(const struct parts *parts, const struct manifest_database *db)
{
	static uint8_t page[PAGE_SIZE_MAX];
	struct sha256 *pages = NULL, *root = NULL, *image = NULL;
	struct err err = { 0 };
	uint8_t sum[PAGE_SUM_BYTES], digest[SHA256_BYTES];

	cr_assert_eq(sha256_new(&pages, &err), 0);
	cr_assert_eq(sha256_new(&root, &err), 0);
	cr_assert_eq(sha256_new(&image, &err), 0);
	manifest_root_begin(root, db->page_size, db->page_count);
	for (uint32_t i = 0; i < db->page_count; i++) {
		make_page(page, db->page_size, i + 1);
		const uint8_t *at =
		    parts->tar + db->pages_offset + (size_t)i * db->page_size;
		cr_assert_eq(memcmp(at, page, db->page_size), 0, "page %u", i);
		sha256_pages(pages, page, db->page_size, 1, sum);
		cr_assert_eq(memcmp(parts->tar + db->sums_offset + 16 * i, sum,
				 sizeof(sum)),
		    0, "sum of page %u", i);
		sha256_add(root, sum, sizeof(sum));
		sha256_add(image, page, db->page_size);
	}
	sha256_finish(root, digest);
	cr_expect_eq(memcmp(digest, db->root, SHA256_BYTES), 0);
	sha256_finish(image, digest);
	cr_expect(db->has_image_sha256);
	cr_expect_eq(memcmp(digest, db->image_sha256, SHA256_BYTES), 0);
	sha256_free(pages);
	sha256_free(root);
	sha256_free(image);
}

/* The cut rules of layout.h. */
static void
check_cuts(const struct parts *parts, const struct manifest_database *db)
{
	uint64_t image = (uint64_t)db->page_size * db->page_count;
	uint64_t sums = (uint64_t)db->page_count * 16;

	for (uint64_t at = FRAME_IMAGE_BYTES; at < image;
	     at += FRAME_IMAGE_BYTES)
		cr_expect(frame_begins_at(parts, db->pages_offset + at));
	cr_expect(frame_begins_at(parts, db->pages_offset + image));
	for (uint64_t at = FRAME_IMAGE_BYTES; at < sums;
	     at += FRAME_IMAGE_BYTES)
		cr_expect(frame_begins_at(parts, db->sums_offset + at));

	uint64_t whole = FRAME_IMAGE_BYTES;
	cr_expect_eq(parts->frames,
	    (image + whole - 1) / whole + (sums + whole - 1) / whole + 1);
	cr_expect_eq(parts->begin[parts->frames - 1],
	    db->sums_offset + (sums + 511) / 512 * 512);
}

/* The manifest in the archive is the one that was filled in, and is right. */
static void
check_manifest(const struct parts *parts, const struct manifest *m)
{
	const char *json =
	    (const char *)parts->tar + parts->begin[parts->frames - 1] + 512;
	struct manifest stored;
	struct sha256 *stream = NULL;
	uint8_t digest[SHA256_BYTES];
	struct err err = { 0 };

	/* The text ends in a newline; after it comes the padding. */
	if (memcmp(json - 512, MANIFEST_MEMBER, 13) == 0) {
		cr_assert_eq(manifest_decode(json, strlen(json), &stored, &err),
		    0, "%s", err.text);
		cr_expect_eq(memcmp(&stored, m, sizeof(stored)), 0);
	} else {
		cr_assert_fail("the last frame does not begin with a header");
	}
	cr_expect_eq(m->stored_bytes, parts->last_stored);
	cr_assert_eq(sha256_new(&stream, &err), 0);
	sha256_add(stream, parts->file, parts->last_stored);
	sha256_finish(stream, digest);
	cr_expect_eq(memcmp(digest, m->stored_sha256, SHA256_BYTES), 0);
	sha256_free(stream);
}

/* The last frame is stored as it must be, or this would be damage. */
static void
check_peek(int fd, const struct manifest *m)
{
	struct manifest found;
	struct err err = { 0 };

	cr_assert_eq(
	    archive_peek(fd, "test.tar.zst", &found, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(&found, m, sizeof(found)), 0);
}

/* What the writer says of the archive as a file. */
static void
check_file(const struct stored_file *file, const struct parts *parts)
{
	uint8_t digest[SHA256_BYTES];
	struct sha256 *sha256 = NULL;
	struct err err;

	cr_assert_eq(sha256_new(&sha256, &err), 0);
	sha256_add(sha256, parts->file, parts->file_len);
	sha256_finish(sha256, digest);
	sha256_free(sha256);
	cr_expect_eq(file->bytes, parts->file_len);
	cr_expect_eq(memcmp(file->sha256, digest, SHA256_BYTES), 0);
}

static void
check(const char *member, uint32_t page_size, uint32_t count)
{
	int fd = scratch();
	struct archive_write_options options =
	    options_for(fd, member, page_size, count);
	struct manifest m;
	struct err err = { 0 };
	struct stored_file file = { 0 };

	cr_assert_eq(
	    write_archive(&options, &m, &file, &err), 0, "%s", err.text);
	struct parts parts = take_apart(fd);
	check_file(&file, &parts);
	check_members(&parts, &options);
	check_pages(&parts, &m.database);
	check_cuts(&parts, &m.database);
	check_manifest(&parts, &m);
	check_peek(fd, &m);
	parts_free(&parts);
	close(fd);
}

Test(archive_write, every_page_size)
{
	for (uint32_t size = PAGE_SIZE_MIN; size <= PAGE_SIZE_MAX; size *= 2) {
		check("app.db", size, 1);
		check("app.db", size, 2 * FRAME_IMAGE_BYTES / size + 1);
	}
}

Test(archive_write, an_image_that_ends_with_a_frame)
{
	check("app.db", 4096, 255);
	check("app.db", 4096, 256);
	check("app.db", 4096, 257);
	check("app.db", 65536, 32);
}

Test(archive_write, sums_that_fill_more_than_a_frame)
{
	check("app.db", 512, 65536);
	check("app.db", 512, 65537);
}

Test(archive_write, names_come_out_as_they_are_in_any_locale)
{
	char longest[MEMBER_NAME_MAX + 1];

	memset(longest, 'a', sizeof(longest));
	longest[MEMBER_NAME_MAX] = '\0';
	for (int i = 0; i < 2; i++) {
		cr_assert(setlocale(LC_ALL, i == 0 ? "C" : "C.UTF-8") != NULL);
		check("a b", 512, 3);
		check("p\xc3\xa4ge db.sqlite", 512, 3);
		check("\xf0\x9f\x92\xbe", 512, 3);
		check(longest, 512, 3);
	}
	memcpy(longest + MEMBER_NAME_MAX - 2, "\xc3\xa4", 2);
	check(longest, 512, 3);
}

Test(archive_write, the_image_digest_is_only_there_when_asked_for)
{
	int fd = scratch();
	struct archive_write_options options = options_for(fd, "a", 512, 1);
	struct manifest m;
	struct err err = { 0 };
	struct stored_file file = { 0 };

	options.image_sha256 = false;
	cr_assert_eq(write_archive(&options, &m, &file, &err), 0);
	cr_expect(!m.database.has_image_sha256);
	close(fd);
}

Test(archive_write, threads_do_not_change_a_byte)
{
	int one = scratch(), three = scratch();
	struct archive_write_options options =
	    options_for(one, "app.db", 4096, 2000);
	struct manifest m;
	struct err err = { 0 };
	struct stored_file file = { 0 };

	options.threads = 1;
	cr_assert_eq(write_archive(&options, &m, &file, &err), 0);
	options.fd = three;
	options.threads = 3;
	cr_assert_eq(write_archive(&options, &m, &file, &err), 0);
	struct parts a = take_apart(one), b = take_apart(three);
	cr_assert_eq(a.file_len, b.file_len);
	cr_expect_eq(memcmp(a.file, b.file, a.file_len), 0);
	parts_free(&a);
	parts_free(&b);
	close(one);
	close(three);
}

Test(archive_write, a_full_disk_is_told)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct archive_write_options options =
	    options_for(fd, "app.db", 65536, 400);
	struct manifest m;
	struct err err = { 0 };
	struct stored_file file = { 0 };

	cr_assert_geq(fd, 0);
	cr_expect_eq(write_archive(&options, &m, &file, &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	cr_expect(strstr(err.text, "test.tar.zst") != NULL, "%s", err.text);

	/* Small enough to be found out only at the end. */
	options.page_count = 1;
	cr_expect_eq(write_archive(&options, &m, &file, &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	close(fd);
}

Test(archive_write, abandoning_a_huge_image_is_quick_and_writes_nothing)
{
	static uint8_t page[PAGE_SIZE_MAX];
	int fd = scratch();
	/* 256 TiB: whoever pads this does not come back. */
	struct archive_write_options options =
	    options_for(fd, "app.db", 65536, PAGE_COUNT_MAX);
	struct err err = { 0 };
	struct stat st;

	for (unsigned pages = 0; pages < 3; pages++) {
		struct archive_writer *writer = NULL;

		cr_assert_eq(archive_writer_new(&options, &writer, &err), 0,
		    "%s", err.text);
		for (unsigned i = 0; i < pages; i++)
			cr_assert_eq(
			    archive_writer_page(writer, page, &err), 0);
		archive_writer_free(writer);
	}
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_size, 0);
	archive_writer_free(NULL);
	close(fd);
}

Test(archive_write, a_signal_stops_it)
{
	struct work work = { .stop = 2 };
	int fd = scratch();
	struct archive_write_options options =
	    options_for(fd, "app.db", 65536, 400);
	struct manifest m;
	struct err err = { 0 };
	struct stored_file file = { 0 };

	options.work = &work;
	cr_expect_eq(write_archive(&options, &m, &file, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect_eq(err.code, 2);
	close(fd);
}

Test(archive_write, a_manifest_that_could_not_be_read_is_not_stored)
{
	int fd = scratch();
	struct archive_write_options options = options_for(fd, "a", 512, 1);
	struct manifest m = manifest_for(&options);
	struct archive_writer *writer = NULL;
	struct err err = { 0 };
	struct stored_file file = { 0 };

	(void)strcpy(m.host, "\x1b[2J");
	cr_assert_eq(archive_writer_new(&options, &writer, &err), 0);
	cr_assert_eq(add_pages(writer, &options, &err), 0);
	cr_assert_eq(archive_writer_seal(writer, &m.database, &err), 0);
	cr_expect_eq(archive_writer_finish(writer, &m, &file, &err), -1);
	cr_expect(strstr(err.text, "'host'") != NULL, "%s", err.text);
	archive_writer_free(writer);
	close(fd);
}
