/*
 * Tags are believed when the file is whole, ours, young, and of the root that
 * is asked for: a file that is anything else must not hide a change.
 */
#include "repository/state_tags.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "tests/unit/repository/tree.h"

static struct state state;
static struct manifest_database db;

static void
make(void)
{
	struct err err = { 0 };
	char base[PATH_MAX + 16];

	tree_make();
	(void)snprintf(base, sizeof(base), "%s/state", tree_folder);
	cr_assert_eq(
	    state_open(base, &tree, "app.db", &state, &err), 0, "%s", err.text);
	db = tree_manifest('a', 0, 1).database;
	cr_assert_eq(db.page_count, 7);
}

TestSuite(state_tags, .init = make, .fini = tree_remove);

static const char *
path(void)
{
	static char text[PATH_MAX + 64];

	(void)snprintf(text, sizeof(text), "%s/tags", state.folder);
	return text;
}

static const uint8_t key[PAGE_TAG_KEY_BYTES] = "a key that everybody knows";

/* Tags that begin with `first`, of the database with its root. */
static void
keep(uint8_t first, uint32_t age)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	struct state_tags tags = { .fd = -1, .age = age };
	uint8_t bytes[7 * PAGE_TAG_BYTES];
	struct err err = { 0 };

	memcpy(tags.key, key, sizeof(key));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(first + i);
	cr_assert_eq(
	    state_tags_draft(&state, NULL, &draft, &err), 0, "%s", err.text);
	cr_assert_eq(
	    file_write(draft.fd, bytes, sizeof(bytes), "tags", NULL, &err), 0);
	cr_assert_eq(
	    state_tags_keep(&draft, &tags, &db, &err), 0, "%s", err.text);
}

static bool
has_tags(void)
{
	struct state_tags tags;

	state_tags_open(&state, NULL, &db, &tags);
	if (tags.fd < 0)
		return false;
	(void)close(tags.fd);
	return true;
}

static uint8_t *
content(size_t *ret_len)
{
	return (uint8_t *)tree_read(path(), ret_len);
}

static void
replace(const uint8_t *bytes, size_t len)
{
	FILE *file = fopen(path(), "w");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, len, file), len);
	cr_assert_eq(fclose(file), 0);
}

Test(state_tags, come_back_as_they_were)
{
	struct state_tags tags;
	uint8_t bytes[7 * PAGE_TAG_BYTES];
	struct stat st;

	cr_expect(!has_tags());
	keep(3, 5);
	cr_assert_eq(stat(path(), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	state_tags_open(&state, NULL, &db, &tags);
	cr_assert_geq(tags.fd, 0);
	cr_expect_eq(tags.age, 5);
	cr_expect_arr_eq(tags.key, key, sizeof(key));
	cr_assert_eq(
	    read(tags.fd, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		cr_expect_eq(bytes[i], (uint8_t)(3 + i));
	(void)close(tags.fd);
	cr_expect_eq(tree_count(), 0u, "nothing of it is in the repository");
}

Test(state_tags, are_of_one_root)
{
	keep(0, 0);
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		db.root[i] ^= 0x10;
		cr_expect(!has_tags(), "byte %zu", i);
		db.root[i] ^= 0x10;
	}
	db.page_count++;
	cr_expect(!has_tags());
	db.page_count -= 2;
	cr_expect(!has_tags());
	db.page_count++;
	db.page_size *= 2;
	cr_expect(!has_tags());
	db.page_size /= 2;
	cr_expect(has_tags());
}

Test(state_tags, no_bit_of_the_file_may_change)
{
	size_t len = 0;

	keep(0, 1);
	uint8_t *bytes = content(&len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		replace(bytes, len);
		cr_expect(!has_tags(), "bit %zu", bit);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	replace(bytes, len);
	cr_expect(has_tags());
	free(bytes);
}

Test(state_tags, nor_may_it_be_longer_or_shorter)
{
	size_t len = 0;

	keep(0, 1);
	uint8_t *bytes = content(&len);
	for (size_t cut = 0; cut < len; cut++) {
		replace(bytes, cut);
		cr_expect(!has_tags(), "%zu bytes", cut);
	}
	replace(bytes, len);
	cr_assert_eq(truncate(path(), (off_t)len + 1), 0);
	cr_expect(!has_tags());
	cr_assert_eq(truncate(path(), 0), 0);
	cr_assert_eq(truncate(path(), (off_t)len), 0); /* a file of zeros */
	cr_expect(!has_tags());
	free(bytes);
}

/* What a power cut may leave: the new end, and old tags under the same key. */
Test(state_tags, half_of_one_file_and_half_of_another_are_none)
{
	size_t len = 0;

	keep(100, 1);
	uint8_t *old = content(&len);
	db.root[3] ^= 1;
	keep(0, 2);
	uint8_t *new = content(&len);
	for (size_t page = 1; page < db.page_count; page++) {
		uint8_t mixed[512];

		memcpy(mixed, new, len);
		memcpy(mixed, old, page * PAGE_TAG_BYTES);
		replace(mixed, len);
		cr_expect(!has_tags(), "%zu pages", page);
	}
	replace(old, len);
	cr_expect(!has_tags(), "an older snapshot's");
	replace(new, len);
	cr_expect(has_tags());
	free(old);
	free(new);
}

/* Who can write them can hide a change. */
Test(state_tags, are_nobody_elses)
{
	static const mode_t modes[] = { 0640, 0620, 0604, 0602, 0666 };

	keep(0, 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		cr_assert_eq(chmod(path(), modes[i]), 0);
		cr_expect(!has_tags(), "mode %o", modes[i]);
	}
	cr_assert_eq(chmod(path(), 0400), 0);
	cr_expect(has_tags());
	if (geteuid() != 0)
		cr_skip_test("needs root: a file of another user");
	cr_assert_eq(chown(path(), 65534, 0), 0);
	cr_expect(!has_tags());
}

Test(state_tags, are_a_regular_file)
{
	char aside[PATH_MAX + 80];

	(void)snprintf(aside, sizeof(aside), "%s.aside", path());
	keep(0, 0);
	cr_assert_eq(rename(path(), aside), 0);
	cr_assert_eq(symlink(aside, path()), 0);
	cr_expect(!has_tags());
	cr_assert_eq(unlink(path()), 0);
	cr_assert_eq(mkfifo(path(), 0600), 0);
	cr_expect(!has_tags());
	cr_assert_eq(unlink(path()), 0);
	cr_assert_eq(mkdir(path(), 0700), 0);
	cr_expect(!has_tags());
}

Test(state_tags, grow_old)
{
	keep(0, STATE_TAGS_AGE_MAX - 1);
	cr_expect(has_tags());
	keep(0, STATE_TAGS_AGE_MAX);
	cr_expect(!has_tags());
	keep(0, UINT32_MAX);
	cr_expect(!has_tags());
}

Test(state_tags, that_are_too_few_are_not_kept)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	struct state_tags tags = { .fd = -1, .age = 0 };
	uint8_t bytes[6 * PAGE_TAG_BYTES] = { 0 };
	struct err err = { 0 };

	keep(0, 0);
	cr_assert_eq(state_tags_draft(&state, NULL, &draft, &err), 0);
	cr_assert_eq(
	    file_write(draft.fd, bytes, sizeof(bytes), "tags", NULL, &err), 0);
	cr_assert_eq(state_tags_keep(&draft, &tags, &db, &err), -1);
	cr_expect_str_eq(err.text, "the file of page tags has 96 of 112 bytes");
	cr_expect(has_tags(), "the old ones stay");
}
