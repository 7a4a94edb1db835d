/*
 * archive_read() on archives that are good, damaged and hostile.  That flips
 * and cuts are all found is test_archive_flip.c's business.
 */
#include "archive/archive_read.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/archive/crafted.h"

static struct craft_reading
read_crafted(const struct craft *craft)
{
	struct craft_reading reading = { 0 };
	struct bytes file = craft_archive(craft);

	craft_read(file.at, file.len, &reading);
	bytes_free(&file);
	return reading;
}

/* The archive is refused as damaged, and the message says this. */
static void
expect_damage(const struct craft *craft, const char *words)
{
	struct craft_reading reading = read_crafted(craft);

	cr_assert_eq(reading.rc, -1, "read well, wanted: %s", words);
	cr_expect_eq(reading.err.kind, ERR_DAMAGED, "%s", reading.err.text);
	cr_expect_not_null(strstr(reading.err.text, words),
	    "'%s' is not in: %s", words, reading.err.text);
	cr_expect_eq(strncmp(reading.err.text, "'x.tar.zst': ", 13), 0, "%s",
	    reading.err.text);
}

static void
expect_good(const struct craft *craft, struct craft_reading *reading)
{
	uint32_t count = craft->page_count > 0 ? craft->page_count : 5;
	struct bytes file = craft_archive(craft);

	craft_read(file.at, file.len, reading);
	cr_assert_eq(reading->rc, 0, "%s", reading->err.text);
	cr_expect_eq(reading->contents.bad_pages, 0);
	cr_expect_eq(reading->places, count);
	cr_expect_not(reading->image_wrong);
	cr_expect_eq(reading->contents.file.bytes, file.len);
	cr_expect_eq(reading->contents.manifest.database.page_count, count);
	bytes_free(&file);
}

Test(archive_read, gives_every_page_once)
{
	struct craft_reading reading = { 0 };

	expect_good(&(struct craft){ 0 }, &reading);
	cr_expect_eq(reading.contents.frames, 5);
	cr_expect_str_eq(reading.contents.manifest.database.name, "app.db");
}

Test(archive_read, any_number_of_threads_and_pipes_give_the_same)
{
	const struct craft craft = { .page_count = 100 };

	for (unsigned threads = 1; threads <= 5; threads++) {
		struct craft_reading reading = { .threads = threads };

		expect_good(&craft, &reading);
		reading.pipe = true;
		expect_good(&craft, &reading);
	}
}

Test(archive_read, all_page_sizes)
{
	for (uint32_t size = 512; size <= 65536; size *= 2) {
		struct craft_reading reading = { 0 };
		const struct craft craft = { .page_size = size,
			.page_count = 35,
			.pages_per_frame = 16 };

		expect_good(&craft, &reading);
		cr_expect_eq(
		    reading.contents.manifest.database.page_size, size);
	}
}

Test(archive_read, sums_over_several_frames)
{
	struct craft_reading reading = { 0 };

	expect_good(&(struct craft){ .page_count = 5000,
			.pages_per_frame = 2048,
			.sums_cut = 65536 },
	    &reading);
}

Test(archive_read, image_digest_is_compared_when_it_is_there)
{
	struct craft_reading reading = { .image_sha256 = true };

	expect_good(&(struct craft){ .image_sha256 = true }, &reading);
	cr_expect(reading.contents.image_sha256_checked);
	expect_good(&(struct craft){ 0 }, &reading);
	cr_expect_not(reading.contents.image_sha256_checked);
	reading.image_sha256 = false;
	expect_good(&(struct craft){ .image_sha256 = true }, &reading);
	cr_expect_not(reading.contents.image_sha256_checked);
}

Test(archive_read, names_outside_ascii_are_read_in_any_locale)
{
	static const char name[] = "d\xc3\xa4ten b\xc3\xa4.db";

	for (unsigned i = 0; i < 4; i++) {
		struct craft_reading reading = { 0 };

		cr_assert_not_null(
		    setlocale(LC_ALL, i % 2 == 0 ? "C" : "C.UTF-8"));
		expect_good(
		    &(struct craft){ .name = name, .pax = i / 2 }, &reading);
		cr_expect_str_eq(reading.contents.manifest.database.name, name);
	}
}

Test(archive_read, bad_page_is_a_finding_and_the_walk_goes_on)
{
	struct craft_reading reading =
	    read_crafted(&(struct craft){ .page_count = 50, .bad_sum = 33 });

	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.contents.bad_pages, 1);
	cr_expect_eq(reading.contents.bad_page[0], 33);
	cr_expect_eq(reading.places, 50);
}

Test(archive_read, bad_pages_are_told_also_when_the_end_is_missing)
{
	struct craft_reading reading =
	    read_crafted(&(struct craft){ .bad_sum = 2, .no_manifest = true });

	cr_assert_eq(reading.rc, -1);
	cr_expect_eq(reading.contents.bad_pages, 1);
	cr_expect_eq(reading.contents.bad_page[0], 2);
}

Test(archive_read, image_must_be_a_plain_file_with_a_good_name)
{
	expect_damage(&(struct craft){ .name = "../app.db" },
	    "member 1 is not an image: '../app.db' cannot be");
	expect_damage(&(struct craft){ .name = "/etc/passwd" },
	    "'/etc/passwd' cannot be");
	expect_damage(&(struct craft){ .name = "litesafe.json" }, "reserved");
	expect_damage(
	    &(struct craft){ .image_type = '5' }, "is not a regular file");
	expect_damage(&(struct craft){ .image_type = '1',
			  .link = "/etc/shadow",
			  .image_size = "00000000000" },
	    "member 1, 'app.db', is a link");
	expect_damage(&(struct craft){ .image_type = '2', .link = "elsewhere" },
	    "is a link");
	expect_damage(
	    &(struct craft){ .image_type = '3' }, "is not a regular file");
}

Test(archive_read, control_characters_in_names_are_not_shown)
{
	struct craft_reading reading =
	    read_crafted(&(struct craft){ .name = "a\x1b[31mb" });

	cr_assert_eq(reading.rc, -1);
	cr_expect_eq(reading.err.kind, ERR_DAMAGED);
	cr_expect_null(strchr(reading.err.text, 0x1b), "%s", reading.err.text);
}

Test(archive_read, size_of_the_image_must_make_sense)
{
	/* Base-256 numbers, as tar has them for what octal cannot hold. */
	expect_damage(
	    &(struct craft){
		.image_size = "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xfe\0" },
	    "has more pages than SQLite allows");
	expect_damage(
	    &(struct craft){ .image_size = "\x80\0\0\0\x80\0\0\0\0\0\0\0" },
	    "member 1");
	expect_damage(
	    &(struct craft){ .image_size =
				 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
				 "\xff" },
	    "member 1");
	expect_damage(&(struct craft){ .image_size = "00000000000" }, "empty");
	expect_damage(&(struct craft){ .image_size = "00000005001" },
	    "is not a multiple of its pages'");
	expect_damage(
	    &(struct craft){ .image_size = "00000006000" }, "end with a frame");
	expect_damage(&(struct craft){ .page_size = 768, .json = "{}" },
	    "no valid page size");
	expect_damage(&(struct craft){ .page_size = 256, .json = "{}" },
	    "no valid page size");
}

Test(archive_read, pages_are_not_split)
{
	expect_damage(&(struct craft){ .page_cut = 100 },
	    "frame 0 at byte 0: it does not hold whole pages");
	expect_damage(
	    &(struct craft){ .page_cut = 10 }, "first page is not whole");
}

Test(archive_read, members_begin_with_a_frame_and_in_order)
{
	expect_damage(&(struct craft){ .no_cut_before_sums = true },
	    "'app.db', does not end with a frame");
	expect_damage(&(struct craft){ .no_cut_before_manifest = true },
	    "'.litesafe/app.db.sums', does not end with a frame");
	expect_damage(&(struct craft){ .extra = "second.db" },
	    "member 3, 'second.db', is not a database image");
	expect_damage(&(struct craft){ .sums_name = ".litesafe/other.sums" },
	    "member 2, '.litesafe/other.sums', should be "
	    "'.litesafe/app.db.sums'");
	expect_damage(&(struct craft){ .manifest_name = "litesafe.jsom" },
	    "member 3, 'litesafe.jsom', is not a database image");
	expect_damage(&(struct craft){ .no_manifest = true },
	    "there is no litesafe.json in it: its tar stream ends after 2 "
	    "members");
}

Test(archive_read, sums_have_the_size_of_the_pages)
{
	expect_damage(&(struct craft){ .sums_more = 16 },
	    "has 96 bytes, and the sums of 5 pages have 80");
	expect_damage(&(struct craft){ .sums_more = -16 }, "has 64 bytes");
	expect_damage(&(struct craft){ .sums_more = 1 }, "has 81 bytes");
	expect_damage(
	    &(struct craft){ .sums_cut = 24 }, "entry 2 of the sums is split");
}

Test(archive_read, nothing_follows_the_manifest)
{
	expect_damage(&(struct craft){ .no_end = true },
	    "is not followed by the end of a tar stream");
	expect_damage(
	    &(struct craft){ .after_end = "x" }, "is followed by something");
	expect_damage(
	    &(struct craft){ .frame_after = true }, "followed by more frames");
	expect_damage(
	    &(struct craft){ .compressed_last = true }, "is not stored raw");
}

static void
other_name(struct manifest *m)
{
	(void)strcpy(m->database.name, "bpp.db");
}

static void
other_page_count(struct manifest *m)
{
	m->database.page_count--;
	m->database.pages_stored--;
}

static void
other_page_size(struct manifest *m)
{
	m->database.page_size *= 2;
	m->database.page_count = m->database.pages_stored = 2;
	m->database.sums_offset = 512 + 2048 + 1024;
}

static void
other_image_offset(struct manifest *m)
{
	m->database.pages_offset += 512;
	m->database.sums_offset += 512;
}

static void
other_sums_offset(struct manifest *m)
{
	m->database.sums_offset += 512;
}

static void
other_root(struct manifest *m)
{
	m->database.root[31] ^= 0x80;
}

static void
other_stored_bytes(struct manifest *m)
{
	m->stored_bytes++;
}

static void
other_stored_sha256(struct manifest *m)
{
	m->stored_sha256[0] ^= 1;
}

static void
other_image_sha256(struct manifest *m)
{
	m->database.image_sha256[7] ^= 1;
}

Test(archive_read, every_fact_of_the_manifest_is_compared)
{
	static const struct {
		void (*edit)(struct manifest *manifest);
		const char *words;
	} lies[] = {
		{ other_name, "'name' is not what" },
		{ other_page_count,
		    "'page_count' is 4, and the archive has 5" },
		{ other_page_size,
		    "'page_size' is 1024, and the archive has 512" },
		{ other_image_offset,
		    "'image_offset' is 1024, and the archive has 512" },
		{ other_sums_offset, "'sums_offset' is 4096, and" },
		{ other_root, "'root' is not what" },
		{ other_stored_bytes, "'stored_bytes' is " },
		{ other_stored_sha256, "'stored_sha256' is not what" },
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		expect_damage(
		    &(struct craft){ .edit = lies[i].edit }, lies[i].words);
}

Test(archive_read, wrong_image_digest_is_damage)
{
	struct craft_reading reading = { .image_sha256 = true };
	struct bytes file = craft_archive(&(struct craft){
	    .image_sha256 = true, .edit = other_image_sha256 });

	craft_read(file.at, file.len, &reading);
	cr_assert_eq(reading.rc, -1);
	cr_expect_eq(reading.err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(reading.err.text, "'image_sha256' is not"));
	bytes_free(&file);
}

Test(archive_read, newer_format_is_no_damage)
{
	struct craft_reading reading =
	    read_crafted(&(struct craft){ .json = "{\"litesafe_format\":2}" });

	cr_assert_eq(reading.rc, -1);
	cr_expect_eq(reading.err.kind, ERR_FAILED);
	cr_expect_not_null(
	    strstr(reading.err.text, "': the archive has format 2"), "%s",
	    reading.err.text);
	cr_expect_neq(reading.err.hint[0], '\0');
}

Test(archive_read, manifest_that_is_none)
{
	expect_damage(&(struct craft){ .json = "" }, "has 0 bytes");
	expect_damage(&(struct craft){ .json = "[]" }, "not a JSON object");
	expect_damage(&(struct craft){ .json = "{" }, "not valid JSON");

	char *large = malloc(MANIFEST_MAX + 2);
	memset(large, ' ', MANIFEST_MAX + 1);
	large[MANIFEST_MAX + 1] = '\0';
	expect_damage(
	    &(struct craft){ .json = large }, "must have from 1 to 524288");
	free(large);
}

/*
 * Old GNU tar's sparse maps: pieces that touch make spans without gaps, of
 * which libarchive gives several out of one frame.
 */
Test(archive_read, sparse_image_whose_pieces_touch_is_damage)
{
	struct crafted crafted = { 0 };
	struct craft_reading reading = { 0 };
	char *header;
	unsigned sum = 0;
	uint8_t pages[1024];

	craft_header(&crafted, "app.db", "00000002000", 'S', NULL);
	header = (char *)crafted.raw.at;
	memcpy(header + 257, "ustar  ", 8);
	memcpy(header + 386, "00000000000\00000000001000", 24);
	memcpy(header + 410, "00000001000\00000000001000", 24);
	memcpy(header + 483, "00000002000", 12);
	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (uint8_t)header[i];
	(void)snprintf(header + 148, 8, "%06o", sum);
	for (uint32_t i = 0; i < sizeof(pages); i++)
		pages[i] = craft_page_byte(512, 1 + i / 512, i % 512);
	craft_add(&crafted, pages, sizeof(pages));
	craft_cut(&crafted);
	craft_table(&crafted);
	craft_read(crafted.file.at, crafted.file.len, &reading);
	cr_assert_eq(reading.rc, -1);
	cr_expect_eq(reading.err.kind, ERR_DAMAGED, "%s", reading.err.text);
	craft_free(&crafted);
}

/* Headers that never end must not be read to their end. */
Test(archive_read, header_over_several_frames_is_damage)
{
	struct crafted crafted = { 0 };
	struct craft_reading reading = { 0 };
	uint8_t block[512];

	craft_header(&crafted, "././@PaxHeader", "00003000000", 'x', NULL);
	memset(block, 'x', sizeof(block));
	for (unsigned i = 0; i < 4; i++) {
		craft_add(&crafted, block, sizeof(block));
		craft_cut(&crafted);
	}
	craft_table(&crafted);
	craft_read(crafted.file.at, crafted.file.len, &reading);
	cr_assert_eq(reading.rc, -1);
	cr_expect_eq(reading.err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(reading.err.text, "split between frames"),
	    "%s", reading.err.text);
	craft_free(&crafted);
}

static int
full_disk(void *ctx, const struct page_batch *batch, struct err *err)
{
	(void)ctx;
	if (batch->numbers[0] < 5)
		return 0;
	return err_set(err, ERR_NO_SPACE, ENOSPC, "write: disk full");
}

Test(archive_read, error_of_place_ends_the_walk_as_it_is)
{
	struct bytes file = craft_archive(&(struct craft){ .page_count = 100 });
	int fd = craft_file(file.at, file.len);
	struct archive_contents contents;
	struct err err = { 0 };
	const struct archive_read_options options = {
		.fd = fd,
		.name = "x.tar.zst",
		.scratch = "/tmp",
		.threads = 2,
		.place = full_disk,
	};

	cr_assert_eq(archive_read(&options, &contents, &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	cr_expect_str_eq(err.text, "write: disk full");
	(void)close(fd);
	bytes_free(&file);
}

Test(archive_read, stop_request_ends_the_walk)
{
	struct bytes file = craft_archive(&(struct craft){ .page_count = 100 });
	int fd = craft_file(file.at, file.len);
	struct work work = { .stop = 15 };
	struct archive_contents contents;
	struct err err = { 0 };
	const struct archive_read_options options = {
		.fd = fd,
		.name = "x.tar.zst",
		.scratch = "/tmp",
		.threads = 2,
		.work = &work,
	};

	cr_assert_eq(archive_read(&options, &contents, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	(void)close(fd);
	bytes_free(&file);
}

Test(archive_read, progress_is_all_stored_bytes)
{
	struct bytes file = craft_archive(&(struct craft){ .page_count = 100 });
	int fd = craft_file(file.at, file.len);
	struct work work = { .stop = 0 };
	struct archive_contents contents;
	struct err err = { 0 };
	const struct archive_read_options options = {
		.fd = fd,
		.name = "x.tar.zst",
		.scratch = "/tmp",
		.threads = 2,
		.work = &work,
	};

	cr_assert_eq(archive_read(&options, &contents, &err), 0);
	cr_expect_eq(work.done, file.len);
	(void)close(fd);
	bytes_free(&file);
}
