/*
 * Increments made by hand, byte for byte, each with one thing wrong that a
 * writer of ours never does and libarchive may well accept.
 */
#include "archive/increment_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "tests/unit/archive/increments.h"

enum { PAGE = 512, PAGES = 10 };

/* A member of pages: a letter is a page, 'a' the first; '/' cuts a frame. */
struct pages {
	const char *path; /* "app.db.pages" */
	const char *records; /* in place of those of a sparse file */
	const char *map; /* NULL: an ordinary file */
	const char *stored;
	bool no_cut; /* behind the map */
	size_t map_cut; /* in it, after so many bytes */
};

/* All zeros is a good one, but for its pages. */
struct hostile {
	struct pages pages[2];
	const char *list; /* as `stored`; NULL: the pages stored */
	uint32_t pages_stored; /* 0: so many as in the list */
	uint32_t bad_sum; /* entry of the list whose sum is wrong */
	bool sparse_list;
};

static void
add_record(char *records, const char *key, const char *value)
{
	size_t len = strlen(key) + strlen(value) + 3;
	char record[200];

	/* The length counts its own digits. */
	len += len + 1 > 9 ? 2 : 1;
	(void)snprintf(record, sizeof(record), "%zu %s=%s\n", len, key, value);
	cr_assert_eq(strlen(record), len);
	(void)strcat(records, record);
}

static void
octal(size_t size, char ret_text[12])
{
	(void)snprintf(ret_text, 12, "%011o", (unsigned)size);
}

/* The headers of a sparse file, as libarchive makes them. */
static void
add_headers(struct crafted *crafted, const char *path, const char *records,
    const char *real_size, size_t stored_size)
{
	char made[600] = "", size[12];

	if (records == NULL) {
		add_record(made, "GNU.sparse.major", "1");
		add_record(made, "GNU.sparse.minor", "0");
		add_record(made, "GNU.sparse.name", path);
		add_record(made, "GNU.sparse.realsize", real_size);
		records = made;
	}
	octal(strlen(records), size);
	craft_header(crafted, "PaxHeader/x", size, 'x', NULL);
	craft_add(crafted, records, strlen(records));
	craft_pad(crafted);
	octal(stored_size, size);
	craft_header(crafted, "GNUSparseFile.0/x", size, '0', NULL);
}

static void
add_page(struct crafted *crafted, uint32_t number)
{
	uint8_t page[PAGE];

	for (uint32_t i = 0; i < PAGE; i++)
		page[i] = craft_page_byte(PAGE, number, i);
	craft_add(crafted, page, sizeof(page));
}

static void
add_map(struct crafted *crafted, const struct pages *pages)
{
	craft_add(crafted, pages->map, pages->map_cut);
	if (pages->map_cut > 0)
		craft_cut(crafted);
	craft_add(crafted, pages->map + pages->map_cut,
	    strlen(pages->map) - pages->map_cut);
	craft_pad(crafted);
}

static void
add_pages(
    struct crafted *crafted, const struct pages *pages, struct manifest *m)
{
	const char *path = pages->path != NULL ? pages->path : "app.db.pages";
	size_t stored = 0, map = 0;
	char size[12];

	for (const char *p = pages->stored; *p != '\0'; p++)
		stored += *p == '/' ? 0 : PAGE;
	if (pages->map != NULL) {
		map = (strlen(pages->map) + 511) / 512 * 512;
		add_headers(
		    crafted, path, pages->records, "5120", map + stored);
		add_map(crafted, pages);
	} else {
		octal(stored, size);
		craft_header(crafted, path, size, '0', NULL);
	}
	if (!pages->no_cut)
		craft_cut(crafted);
	if (m->database.pages_offset == 0 && stored > 0)
		m->database.pages_offset = crafted->raw_offset;
	for (const char *p = pages->stored; *p != '\0'; p++) {
		if (*p == '/')
			craft_cut(crafted);
		else
			add_page(crafted, (uint32_t)(*p - 'a') + 1);
	}
	craft_cut(crafted);
}

static void
sum_page(uint32_t number, uint8_t ret_sum[PAGE_SUM_BYTES])
{
	struct sha256 *sha256 = NULL;
	uint8_t page[PAGE];
	struct err err;

	for (uint32_t i = 0; i < PAGE; i++)
		page[i] = craft_page_byte(PAGE, number, i);
	cr_assert_eq(sha256_new(&sha256, &err), 0);
	sha256_pages(sha256, page, PAGE, 1, ret_sum);
	sha256_free(sha256);
}

static void
add_list(
    struct crafted *crafted, const struct hostile *hostile, struct manifest *m)
{
	uint8_t entries[100 * PAGE_ENTRY_BYTES];
	static const char path[] = ".litesafe/app.db.sums";
	const char *list = hostile->list;
	char size[12], real_size[12];
	uint32_t count = 0;

	if (list == NULL)
		list = hostile->pages[0].stored;
	for (const char *p = list; *p != '\0'; p++) {
		uint8_t *entry = entries + count * PAGE_ENTRY_BYTES;

		if (*p == '/')
			continue;
		put_le32(entry, (uint32_t)(*p - 'a') + 1);
		sum_page((uint32_t)(*p - 'a') + 1, entry + 4);
		if (++count == hostile->bad_sum)
			entry[19] ^= 1;
	}
	m->database.pages_stored =
	    hostile->pages_stored > 0 ? hostile->pages_stored : count;
	octal(count * PAGE_ENTRY_BYTES, size);
	if (hostile->sparse_list) {
		(void)snprintf(real_size, sizeof(real_size), "%u",
		    count * PAGE_ENTRY_BYTES);
		add_headers(crafted, path, NULL, real_size, 512);
	} else {
		craft_header(crafted, path, size, '0', NULL);
	}
	m->database.sums_offset = crafted->raw_offset;
	craft_add(crafted, entries, count * PAGE_ENTRY_BYTES);
	craft_pad(crafted);
	craft_cut(crafted);
}

static void
add_manifest(struct crafted *crafted, struct manifest *m)
{
	static const uint8_t zeros[1024];
	struct sha256 *sha256 = NULL;
	struct err err = { 0 };
	char *json = NULL, size[12];
	size_t len = 0;

	cr_assert_eq(sha256_new(&sha256, &err), 0);
	sha256_add(sha256, crafted->file.at, crafted->file.len);
	sha256_finish(sha256, m->stored_sha256);
	sha256_free(sha256);
	m->stored_bytes = crafted->file.len;
	cr_assert_eq(manifest_encode(m, &json, &len, &err), 0, "%s", err.text);
	octal(len, size);
	craft_header(crafted, "litesafe.json", size, '0', NULL);
	craft_add(crafted, json, len);
	craft_pad(crafted);
	craft_add(crafted, zeros, sizeof(zeros));
	craft_cut_plain(crafted);
	craft_table(crafted);
	free(json);
}

static struct craft_reading
read_hostile(const struct hostile *hostile)
{
	struct craft_reading reading = { 0 };
	struct crafted crafted = { 0 };
	struct manifest m =
	    increment_manifest(&(struct increment){ NULL, PAGE, PAGES, NULL });

	for (int i = 0; i < 2 && hostile->pages[i].stored != NULL; i++)
		add_pages(&crafted, &hostile->pages[i], &m);
	add_list(&crafted, hostile, &m);
	add_manifest(&crafted, &m);
	reading.manifest = &m;
	craft_read(crafted.file.at, crafted.file.len, &reading);
	craft_free(&crafted);
	return reading;
}

static void
expect_damage(const struct hostile *hostile, const char *words)
{
	struct craft_reading reading = read_hostile(hostile);

	cr_assert_eq(reading.rc, -1, "read well, wanted: %s", words);
	cr_expect_eq(reading.err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(reading.err.text, words), "'%s' not in: %s",
	    words, reading.err.text);
}

/* Pages 2, 3 and 8. */
static const char good_map[] = "3\n512\n1024\n3584\n512\n5120\n0\n";

Test(increment_hostile, a_good_one_is_read)
{
	const struct hostile good = {
		.pages = { { .map = good_map, .stored = "bch" } }
	};
	struct craft_reading reading = read_hostile(&good);

	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.places, 3);
	cr_expect_not(reading.image_wrong);
	/* Frames may be cut between any pages. */
	reading = read_hostile(&(struct hostile){
	    .pages = { { .map = good_map, .stored = "b/c/h" } } });
	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.places, 3);
	reading = read_hostile(
	    &(struct hostile){ .pages = { { .stored = "abcdefghij" } } });
	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.places, 10);
}

Test(increment_hostile, a_wrong_sum_is_a_bad_page)
{
	const struct hostile hostile = {
		.pages = { { .map = good_map, .stored = "bch" } },
		.bad_sum = 3,
	};
	struct craft_reading reading = read_hostile(&hostile);

	cr_assert_eq(reading.rc, 0, "%s", reading.err.text);
	cr_expect_eq(reading.contents.bad_pages, 1);
	cr_expect_eq(reading.contents.bad_page[0], 8);
}

Test(increment_hostile, map_and_list_name_the_same_pages)
{
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch" } },
			  .list = "bdh" },
	    "entry 2 of the list of pages is of page 4, and page 3 is stored");
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch" } },
			  .list = "bhc" },
	    "entry 2 of the list");
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch" } },
			  .list = "bc" },
	    "'pages_stored' is 2, and the archive has 3");
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch" } },
			  .list = "bchi",
			  .pages_stored = 3 },
	    "has 80 bytes, and the sums of 3 pages have 60");
}

Test(increment_hostile, maps)
{
	static const struct {
		const char *map;
		const char *words;
	} bad[] = {
		{ "3\n3584\n512\n512\n1024\n5120\n0\n", "order" },
		{ "3\n512\n1024\n1024\n512\n5120\n0\n", "order" },
		{ "3\n512\n512\n1024\n1024\n5120\n0\n", "touch" },
		{ "3\n512\n1024\n3585\n511\n5120\n0\n", "whole pages" },
		{ "2\n512\n1024\n5120\n512\n", "beyond the end" },
		{ "2\n512\n1024\n3584\n512\n", "does not reach" },
		{ "4\n512\n1024\n3584\n512\n5120\n0\n", "Line too long" },
		{ "3\n512\n1024\n3584\n512\n05120\n0\n", "no number" },
		{ "99999999\n512\n1024\n3584\n512\n5120\n0\n",
		    "a number of runs" },
		{ "1\n0\n5120\n", "without holes" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		expect_damage(&(struct hostile){ .pages = { { .map = bad[i].map,
						     .stored = "bch" } } },
		    bad[i].words);
}

Test(increment_hostile, a_map_has_a_frame_with_its_header)
{
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch",
					     .no_cut = true } } },
	    "its map is followed by something");
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch",
					     .map_cut = 10 } } },
	    "split between frames");
	expect_damage(&(struct hostile){ .pages = { { .stored = "abcdefghij",
					     .no_cut = true } } },
	    "has data in the frame of its header");
}

Test(increment_hostile, no_bytes_hide_behind_the_runs)
{
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bchd" } },
			  .list = "bch" },
	    "does not end with a frame");
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch/d" } },
			  .list = "bch" },
	    "the tar header of member 2");
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch/d/e" } },
			  .list = "bch" },
	    "the tar header of member 2");
}

Test(increment_hostile, a_second_member_follows_only_a_full_one)
{
	expect_damage(
	    &(struct hostile){ .pages = { { .map = good_map, .stored = "bch" },
				   { .path = "app.db.pages.2",
				       .map = "1\n4608\n512\n",
				       .stored = "j" } },
		.list = "bchj" },
	    "'pages_stored' is 4, and the archive has 3");
	expect_damage(
	    &(struct hostile){ .pages = { { .map = good_map, .stored = "bch" },
				   { .path = "app.db.pages.2",
				       .map = "1\n4608\n512\n",
				       .stored = "j" } },
		.list = "bch" },
	    "should be '.litesafe/app.db.sums'");
}

Test(increment_hostile, only_pages_are_sparse_and_only_in_our_way)
{
	/* Version 0.1 has its map among the records. */
	static const char old[] = "22 GNU.sparse.size=512\n"
				  "26 GNU.sparse.numblocks=1\n"
				  "27 GNU.sparse.map=512,1024\n"
				  "32 GNU.sparse.name=app.db.pages\n";

	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch",
					     .records = old } } },
	    "app.db.pages");
	expect_damage(&(struct hostile){ .pages = { { .map = good_map,
					     .stored = "bch" } },
			  .sparse_list = true },
	    "is sparse");
	expect_damage(&(struct hostile){ .pages = { { .stored = "bch" } } },
	    "has 1536 bytes, and the image of 10 pages has 5120");
}
