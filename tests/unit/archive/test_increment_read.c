/* An increment comes back as it was, or not at all. */
#include "archive/increment_read.h"

#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/archive/increments.h"

static struct craft_reading
read_increment(const struct increment *increment)
{
	struct craft_reading reading = { 0 };
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(increment, &m, &stored);

	craft_read(file.at, file.len, &reading);
	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.contents.bad_pages, 0);
	cr_expect_eq(reading.places, m.database.pages_stored);
	cr_expect_not(reading.image_wrong);
	cr_expect_eq(memcmp(&reading.contents.manifest, &m, sizeof(m)), 0);
	cr_expect_eq(reading.contents.file.bytes, stored.bytes);
	cr_expect_eq(
	    memcmp(reading.contents.file.sha256, stored.sha256, SHA256_BYTES),
	    0);
	/* The same from a pipe, when its manifest is known. */
	reading.pipe = true;
	reading.manifest = &m;
	craft_read(file.at, file.len, &reading);
	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.places, m.database.pages_stored);
	bytes_free(&file);
	return reading;
}

Test(increment_read, gives_every_page_once)
{
	static bool (*const sets[])(uint32_t number) = { NULL, every_page,
		every_second, every_third, pages_2_3_4_and_8, page_1, page_10 };

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		for (uint32_t size = 512; size <= 65536; size *= 2)
			(void)read_increment(&(struct increment){
			    .page_size = size, .stored = sets[i] });
	}
}

Test(increment_read, many_frames)
{
	(void)read_increment(
	    &(struct increment){ NULL, 4096, 3000, every_second });
	(void)read_increment(
	    &(struct increment){ NULL, 4096, 1024, every_page });
	(void)read_increment(
	    &(struct increment){ NULL, 512, 220000, every_page });
}

Test(increment_read, more_runs_than_a_member_may_have)
{
	(void)read_increment(
	    &(struct increment){ NULL, 512, 2 * 65536, every_second });
	(void)read_increment(
	    &(struct increment){ NULL, 512, 2 * 65536 + 1, every_second });
	(void)read_increment(
	    &(struct increment){ NULL, 512, 300000, every_second });
}

Test(increment_read, any_name)
{
	char longest[MEMBER_NAME_MAX + 1] = "";

	memset(longest, 'a', MEMBER_NAME_MAX);
	(void)read_increment(
	    &(struct increment){ longest, 512, 10, every_third });
	memcpy(longest + MEMBER_NAME_MAX - 2, "\xc3\xa4", 2);
	(void)read_increment(
	    &(struct increment){ longest, 512, 10, every_page });
	(void)read_increment(&(struct increment){
	    "GNU.sparse.major GNU.sparse.major GNU.sparse.major GNU.sparse.m "
	    "GNU.sparse.major GNU.sparse.major GNU.sparse.major",
	    512, 10, every_page });
}

/* Any changed byte is told: as damage, or as pages with another sum. */
static void
flip_every_byte(const struct increment *increment, bool known)
{
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(increment, &m, &stored);

	for (size_t i = 0; i < file.len; i++) {
		struct craft_reading reading = {
			.manifest = known ? &m : NULL,
			.threads = 1,
		};
		uint8_t was = file.at[i];

		file.at[i] = (uint8_t)(was ^ (1u << i % 8));
		craft_read(file.at, file.len, &reading);
		file.at[i] = was;
		cr_assert(reading.rc < 0 || reading.contents.bad_pages > 0,
		    "byte %zu of %zu was flipped unseen", i, file.len);
		if (reading.rc < 0)
			cr_assert_eq(reading.err.kind, ERR_DAMAGED, "%zu: %s",
			    i, reading.err.text);
	}
	bytes_free(&file);
}

Test(increment_read, every_flipped_byte_is_found)
{
	const struct increment increment = { .stored = pages_2_3_4_and_8 };

	flip_every_byte(&increment, false);
	flip_every_byte(&increment, true);
	flip_every_byte(&(struct increment){ 0 }, true);
}

Test(increment_read, every_missing_end_is_found)
{
	const struct increment increment = { .stored = pages_2_3_4_and_8 };
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(&increment, &m, &stored);

	for (size_t len = 0; len < file.len; len++) {
		struct craft_reading reading = { .threads = 1 };

		craft_read(file.at, len, &reading);
		cr_assert_eq(reading.rc, -1, "%zu", len);
		cr_assert_eq(reading.err.kind, ERR_DAMAGED);
		reading.manifest = &m;
		reading.pipe = true;
		craft_read(file.at, len, &reading);
		cr_assert_eq(reading.rc, -1, "%zu", len);
		cr_assert_eq(reading.err.kind, ERR_DAMAGED);
	}
	bytes_free(&file);
}

Test(increment_read, a_pipe_alone_will_not_do)
{
	static bool (*const sets[])(
	    uint32_t number) = { NULL, every_page, every_second };

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		struct craft_reading reading = { .pipe = true };
		struct manifest m;
		struct stored_file stored;
		struct bytes file = increment_archive(
		    &(struct increment){ .stored = sets[i] }, &m, &stored);

		craft_read(file.at, file.len, &reading);
		cr_assert_eq(reading.rc, -1);
		cr_expect_eq(reading.err.kind, ERR_USAGE);
		cr_expect_str_eq(reading.err.text,
		    "'x.tar.zst' is an increment, which cannot be read from a "
		    "pipe alone");
		cr_expect_eq(reading.places, 0);
		bytes_free(&file);
	}
}

/* What is expected and what is there, with one difference. */
static void
expect_other(void (*edit)(struct manifest *m), const char *words)
{
	struct craft_reading reading = { 0 };
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(
	    &(struct increment){ .stored = pages_2_3_4_and_8 }, &m, &stored);

	edit(&m);
	reading.manifest = &m;
	craft_read(file.at, file.len, &reading);
	cr_assert_eq(reading.rc, -1, "read well, wanted: %s", words);
	cr_expect_eq(reading.err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(reading.err.text, words), "'%s' not in: %s",
	    words, reading.err.text);
	bytes_free(&file);
}

static void
other_id(struct manifest *m)
{
	m->id[3] = '0';
}

static void
other_parent_root(struct manifest *m)
{
	m->database.parent_root[31] ^= 1;
}

static void
other_finished(struct manifest *m)
{
	m->finished_ms++;
}

static void
other_name(struct manifest *m)
{
	m->database.name[0] = 'b';
}

static void
more_pages(struct manifest *m)
{
	m->database.page_count++;
}

static void
fewer_stored(struct manifest *m)
{
	m->database.pages_stored--;
}

static void
more_stored(struct manifest *m)
{
	m->database.pages_stored++;
}

static void
other_page_size(struct manifest *m)
{
	m->database.page_size *= 2;
	m->database.page_count /= 2;
}

static void
a_full(struct manifest *m)
{
	(void)strcpy(m->kind, MANIFEST_FULL);
}

Test(increment_read, must_be_the_one_that_was_expected)
{
	expect_other(other_id, "its manifest is not the one that was expected");
	expect_other(
	    other_parent_root, "its manifest is not the one that was expected");
	expect_other(
	    other_finished, "its manifest is not the one that was expected");
	expect_other(other_name, "should be 'bpp.db.pages'");
	expect_other(more_pages, "has 5120 bytes, and the image of 11 pages");
	expect_other(
	    fewer_stored, "'pages_stored' is 3, and the archive has 4");
	expect_other(more_stored, "'pages_stored' is 5, and the archive has 4");
	expect_other(other_page_size, "its map has a run that is not of whole");
	expect_other(a_full, "its header stands apart from it");
}
