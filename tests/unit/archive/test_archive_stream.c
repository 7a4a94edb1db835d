/*
 * Several databases in one archive: each stored in its own way, each proved,
 * and no byte of it without a meaning.
 */
#include "archive/archive_stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "archive/increment_write.h"
#include "archive/sums.h"
#include "base/auto.h"
#include "tests/unit/archive/increments.h"

enum { MEMBERS_MAX = 4 };

/* What an archive is made of. */
struct member {
	struct increment what;
	bool whole;
};

static void
add_whole(const struct archive_write_options *options, struct archive_stream *s,
    struct manifest_database *db)
{
	AUTO(archive_writer) struct archive_writer *writer = NULL;
	struct archive_write_options write = *options;
	uint8_t page[PAGE_SIZE_MAX];
	struct err err = { 0 };

	write.stream = s;
	write.image_sha256 = true;
	cr_assert_eq(
	    archive_writer_new(&write, &writer, &err), 0, "%s", err.text);
	for (uint32_t n = 1; n <= write.page_count; n++) {
		for (uint32_t i = 0; i < write.page_size; i++)
			page[i] = craft_page_byte(write.page_size, n, i);
		cr_assert_eq(
		    archive_writer_page(writer, page, &err), 0, "%s", err.text);
	}
	cr_assert_eq(archive_writer_seal(writer, db, &err), 0, "%s", err.text);
}

static void
add_increment(const struct increment *what,
    const struct archive_write_options *options, struct archive_stream *s,
    struct manifest_database *db)
{
	AUTO(increment_writer) struct increment_writer *writer = NULL;
	struct page_list *pages = increment_pages(what);
	struct archive_write_options write = *options;
	uint8_t page[PAGE_SIZE_MAX];
	struct err err = { 0 };

	write.stream = s;
	cr_assert_eq(increment_writer_new(&write, pages, &writer, &err), 0,
	    "%s", err.text);
	for (uint32_t n = 1; n <= write.page_count; n++) {
		if (what->stored == NULL || !what->stored(n))
			continue;
		for (uint32_t i = 0; i < write.page_size; i++)
			page[i] = craft_page_byte(write.page_size, n, i);
		cr_assert_eq(increment_writer_page(writer, page, &err), 0, "%s",
		    err.text);
	}
	cr_assert_eq(
	    increment_writer_seal(writer, db, &err), 0, "%s", err.text);
	page_list_free(pages);
}

static struct bytes
content_of(int fd)
{
	struct bytes file = { 0 };
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	file.len = file.room = (size_t)st.st_size;
	file.at = malloc(file.room);
	cr_assert_eq(pread(fd, file.at, file.len, 0), (ssize_t)file.len);
	return file;
}

/* An archive of these, up to one without a name, and its manifest. */
static struct bytes
make(const struct member *members, struct manifest *ret_manifest)
{
	int fd = memfd_create("set", MFD_CLOEXEC);
	AUTO(archive_stream) struct archive_stream *stream = NULL;
	struct manifest *m = ret_manifest;
	struct stored_file file;
	struct err err = { 0 };
	size_t count = 0, increments = 0;

	*m = increment_manifest(&members[0].what);
	for (; members[count].what.name != NULL; count++)
		increments += !members[count].whole;
	if (increments == 0) {
		(void)strcpy(m->kind, MANIFEST_FULL);
		m->parent[0] = '\0';
	}
	m->has_parent_state = increments > 0 && count > 1;
	memset(m->parent_state, 0xab, SHA256_BYTES);
	cr_assert_eq(manifest_grow(m, count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		const struct increment *what = &members[i].what;
		struct archive_write_options options =
		    increment_options(what, fd);
		struct manifest_database *db = manifest_edit(m, i);

		*db = increment_manifest(what).database;
		db->whole = increments > 0 && members[i].whole;
		if (members[i].whole)
			memset(db->parent_root, 0, SHA256_BYTES);
		if (stream == NULL)
			cr_assert_eq(
			    archive_stream_new(&options, &stream, &err), 0);
		if (members[i].whole)
			add_whole(&options, stream, db);
		else
			add_increment(what, &options, stream, db);
	}
	cr_assert_eq(
	    archive_stream_finish(stream, m, &file, &err), 0, "%s", err.text);
	struct bytes bytes = content_of(fd);
	cr_expect_eq(bytes.len, file.bytes);
	(void)close(fd);
	return bytes;
}

static const struct member full_set[] = {
	{ { "a.db", 512, 10, NULL }, true },
	{ { "b.db", 4096, 700, NULL }, true },
	{ { "p\xc3\xa4ge.db", 65536, 40, NULL }, true },
	{ { NULL, 0, 0, NULL }, false },
};

/* An increment, one that is full all the same, and one without changes. */
static const struct member mixed_set[] = {
	{ { "a.db", 512, 10, every_second }, false },
	{ { "p\xc3\xa4ge.db", 1024, 5, NULL }, true },
	{ { "c.db", 512, 10, NULL }, false },
	{ { NULL, 0, 0, NULL }, false },
};

static uint64_t
pages_of(const struct manifest *m)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < manifest_count(m); i++)
		pages += manifest_at(m, i)->pages_stored;
	return pages;
}

static void
expect_whole(const struct bytes *file, const struct manifest *m, bool pipe)
{
	struct craft_reading reading = { .pipe = pipe, .image_sha256 = true };

	craft_read(file->at, file->len, &reading);
	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.contents.bad_pages, 0);
	cr_expect_eq(reading.places, pages_of(m));
	cr_expect_not(reading.image_wrong);
	cr_assert_eq(
	    manifest_count(&reading.contents.manifest), manifest_count(m));
	for (size_t i = 0; i < manifest_count(m); i++)
		cr_expect_eq(
		    memcmp(manifest_at(&reading.contents.manifest, i),
			manifest_at(m, i), sizeof(struct manifest_database)),
		    0);
	archive_contents_done(&reading.contents);
}

Test(archive_stream, databases_come_back_from_a_file_and_from_a_pipe)
{
	struct manifest m;
	struct bytes file = make(full_set, &m);

	expect_whole(&file, &m, false);
	expect_whole(&file, &m, true);
	bytes_free(&file);
	manifest_done(&m);
}

Test(archive_stream, an_increment_may_hold_a_database_that_is_full)
{
	struct craft_reading reading = { .pipe = true };
	struct manifest m;
	struct bytes file = make(mixed_set, &m);

	expect_whole(&file, &m, false);
	cr_expect(manifest_at(&m, 1)->whole);
	craft_read(file.at, file.len, &reading);
	cr_expect_eq(reading.rc, -1);
	cr_expect_eq(reading.err.kind, ERR_USAGE, "%s", reading.err.text);
	archive_contents_done(&reading.contents);
	bytes_free(&file);
	manifest_done(&m);
}

/* Where a full one comes first, a pipe tells only later that it is no full. */
Test(archive_stream, an_increment_in_a_pipe_is_found_out_behind_a_full)
{
	static const struct member set[] = {
		{ { "a.db", 512, 10, NULL }, true },
		{ { "b.db", 512, 10, every_second }, false },
		{ { NULL, 0, 0, NULL }, false },
	};
	struct craft_reading reading = { .pipe = true };
	struct manifest m;
	struct bytes file = make(set, &m);

	craft_read(file.at, file.len, &reading);
	cr_expect_eq(reading.rc, -1);
	cr_expect_eq(reading.err.kind, ERR_USAGE, "%s", reading.err.text);
	archive_contents_done(&reading.contents);
	bytes_free(&file);
	manifest_done(&m);
}

static void
flip_all(const struct member *set)
{
	struct manifest m;
	struct bytes file = make(set, &m);

	for (size_t at = 0; at < file.len; at++) {
		struct craft_reading reading = { .threads = 1 };

		file.at[at] ^= 0xff;
		craft_read(file.at, file.len, &reading);
		cr_expect(reading.rc < 0 || reading.contents.bad_pages > 0,
		    "byte %zu", at);
		file.at[at] ^= 0xff;
		archive_contents_done(&reading.contents);
	}
	bytes_free(&file);
	manifest_done(&m);
}

Test(archive_stream, every_byte_inverted)
{
	static const struct member small[] = {
		{ { "a.db", 512, 2, NULL }, true },
		{ { "b.db", 1024, 2, NULL }, true },
		{ { NULL, 0, 0, NULL }, false },
	};

	flip_all(small);
	flip_all(mixed_set);
}

/* Of each database the page sums, found through the seek table. */
Test(archive_stream, sums_of_each_database_are_had_alone)
{
	struct manifest m;
	struct bytes file = make(full_set, &m);
	int fd = craft_file(file.at, file.len);
	uint8_t root[SHA256_BYTES];
	struct err err = { 0 };

	for (size_t i = 0; i < manifest_count(&m); i++) {
		struct sums sums = {
			.fd = memfd_create("sums", MFD_CLOEXEC),
			.name = "sums",
		};

		cr_assert_eq(
		    sums_apply(&sums, fd, "x", &m, i, &err), 0, "%s", err.text);
		cr_assert_eq(sums_root(&sums, root, &err), 0);
		cr_expect_eq(
		    memcmp(root, manifest_at(&m, i)->root, SHA256_BYTES), 0);
		(void)close(sums.fd);
	}
	(void)close(fd);
	bytes_free(&file);
	manifest_done(&m);
}

/* Who reads chooses for each database whether its pages are wanted. */
struct choice {
	char asked[200];
	unsigned pages;
};

static int
begin(void *ctx, const struct archive_begun *begun, void **ret_place_ctx,
    struct err *err)
{
	struct choice *choice = ctx;

	(void)err;
	(void)strcat(strcat(choice->asked, begun->name), " ");
	cr_expect(begun->known != NULL);
	cr_expect_eq(begun->page_count, begun->known->page_count);
	if (strcmp(begun->name, "b.db") == 0)
		*ret_place_ctx = &choice->pages;
	return 0;
}

static int
place(void *ctx, const struct page_batch *batch, struct err *err)
{
	unsigned *pages = ctx;

	(void)err;
	__atomic_fetch_add(pages, batch->count, __ATOMIC_RELAXED);
	cr_expect_eq(batch->page_size, 4096);
	return 0;
}

Test(archive_stream, pages_go_where_their_database_was_told_to)
{
	struct manifest m;
	struct bytes file = make(full_set, &m);
	struct choice choice = { .pages = 0 };
	struct archive_contents contents;
	struct err err = { 0 };
	const struct archive_read_options options = {
		.fd = craft_file(file.at, file.len),
		.name = "x",
		.scratch = "/tmp",
		.threads = 2,
		.place = place,
		.begin = begin,
		.begin_ctx = &choice,
	};

	cr_assert_eq(
	    archive_read(&options, &contents, &err), 0, "%s", err.text);
	cr_expect_str_eq(choice.asked, "a.db b.db p\xc3\xa4ge.db ");
	cr_expect_eq(choice.pages, 700);
	archive_contents_done(&contents);
	(void)close(options.fd);
	bytes_free(&file);
	manifest_done(&m);
}
