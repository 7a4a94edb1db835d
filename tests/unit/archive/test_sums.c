/* The sums of a chain, from the sums members alone. */
#include "archive/sums.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "archive/archive_read.h"
#include "tests/unit/archive/increments.h"

static struct sums
no_sums(void)
{
	int fd = memfd_create("sums", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	return (struct sums){ .fd = fd, .name = "sums" };
}

static int
apply(struct sums *sums, const struct bytes *file, const struct manifest *m,
    struct err *err)
{
	int fd = craft_file(file->at, file->len);

	*err = (struct err){ 0 };
	int rc = sums_apply(sums, fd, "x.tar.zst", m, 0, err);
	(void)close(fd);
	return rc;
}

static void
expect_damage(struct sums *sums, const struct bytes *file,
    const struct manifest *m, const char *words)
{
	struct err err;

	cr_assert_eq(apply(sums, file, m, &err), -1, "wanted: %s", words);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	cr_expect_not_null(
	    strstr(err.text, words), "'%s' not in: %s", words, err.text);
	cr_expect_eq(strncmp(err.text, "'x.tar.zst': ", 13), 0, "%s", err.text);
}

/* A full archive, and what it says of itself. */
static struct bytes
full(uint32_t page_count, struct manifest *ret)
{
	struct bytes file = craft_archive(&(struct craft){
	    .page_count = page_count,
	    .pages_per_frame = 4096,
	    .sums_cut = page_count > 131072 ? 1600000 : 0,
	});
	int fd = craft_file(file.at, file.len);
	struct err err = { 0 };

	cr_assert_eq(archive_peek(fd, "full", ret, &err), 0, "%s", err.text);
	(void)close(fd);
	return file;
}

static void
expect_sum(const struct sums *sums, uint32_t number, bool zero)
{
	uint8_t page[PAGE_SIZE_MAX], sum[PAGE_SUM_BYTES] = { 0 };
	uint8_t is[PAGE_SUM_BYTES];
	struct sha256 *sha256 = NULL;
	struct err err;

	for (uint32_t i = 0; i < sums->page_size; i++)
		page[i] = craft_page_byte(sums->page_size, number, i);
	cr_assert_eq(sha256_new(&sha256, &err), 0);
	if (!zero)
		sha256_pages(sha256, page, sums->page_size, 1, sum);
	sha256_free(sha256);
	cr_assert_eq(pread(sums->fd, is, sizeof(is),
			 (off_t)(number - 1) * PAGE_SUM_BYTES),
	    PAGE_SUM_BYTES);
	cr_assert_eq(memcmp(is, sum, sizeof(sum)), 0, "page %u", number);
}

static void
expect_size(const struct sums *sums, uint32_t page_count)
{
	struct stat st;

	cr_assert_eq(sums->page_count, page_count);
	cr_assert_eq(fstat(sums->fd, &st), 0);
	cr_assert_eq(st.st_size, (off_t)page_count * PAGE_SUM_BYTES);
}

Test(sums, of_a_full_archive_have_its_root)
{
	static const uint32_t counts[] = { 1, 5, 4097, 140000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct sums sums = no_sums();
		struct manifest m;
		struct bytes file = full(counts[i], &m);
		uint8_t root[SHA256_BYTES];
		struct err err;

		cr_assert_eq(apply(&sums, &file, &m, &err), 0, "%s", err.text);
		expect_size(&sums, counts[i]);
		expect_sum(&sums, 1, false);
		expect_sum(&sums, counts[i], false);
		cr_assert_eq(sums_root(&sums, root, &err), 0, "%s", err.text);
		cr_expect_eq(memcmp(root, m.database.root, sizeof(root)), 0);
		(void)close(sums.fd);
		bytes_free(&file);
	}
}

/* A full of `before` pages, all with other sums; then an increment. */
static void
check_increment(uint32_t before, const struct increment *increment)
{
	struct sums sums = no_sums();
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(increment, &m, &stored);
	struct err err;

	sums.page_size = increment->page_size;
	sums.page_count = before;
	cr_assert_eq(ftruncate(sums.fd, (off_t)before * PAGE_SUM_BYTES), 0);
	cr_assert_eq(apply(&sums, &file, &m, &err), 0, "%s", err.text);
	expect_size(&sums, increment->page_count);
	for (uint32_t n = 1; n <= increment->page_count; n++)
		expect_sum(&sums, n,
		    increment->stored == NULL || !increment->stored(n));
	(void)close(sums.fd);
	bytes_free(&file);
}

Test(sums, an_increment_changes_those_of_its_pages)
{
	static bool (*const sets[])(uint32_t number) = { NULL, every_page,
		every_second, pages_2_3_4_and_8, page_1, page_10 };

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		check_increment(
		    10, &(struct increment){ "app.db", 512, 10, sets[i] });
		/* It grew; it shrank. */
		check_increment(
		    7, &(struct increment){ "app.db", 4096, 10, sets[i] });
		check_increment(
		    700, &(struct increment){ "app.db", 512, 10, sets[i] });
	}
	check_increment(
	    1, &(struct increment){ "p\xc3\xa4ge", 512, 10, every_second });
}

Test(sums, of_an_increment_may_fill_many_frames)
{
	check_increment(
	    9, &(struct increment){ "app.db", 512, 330000, every_second });
	check_increment(
	    9, &(struct increment){ "app.db", 512, 110000, every_page });
}

Test(sums, must_be_where_the_manifest_says)
{
	struct sums sums = no_sums();
	struct manifest m, other;
	struct bytes file = full(50, &m);

	other = m;
	other.database.sums_offset += 512;
	expect_damage(&sums, &file, &other, "not of the place and size");
	other.database.sums_offset = 512;
	expect_damage(
	    &sums, &file, &other, "should be '.litesafe/app.db.sums'");
	other.database.sums_offset = UINT64_C(1) << 50;
	expect_damage(&sums, &file, &other, "it ends before");
	other = m;
	other.database.pages_stored--;
	expect_damage(&sums, &file, &other, "not of the place and size");
	(void)strcpy(other.database.name, "b.db");
	expect_damage(&sums, &file, &other, "should be '.litesafe/b.db.sums'");
	(void)close(sums.fd);
	bytes_free(&file);
}

Test(sums, of_another_page_size_do_not_go_together)
{
	struct sums sums = no_sums();
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(
	    &(struct increment){ .stored = every_second }, &m, &stored);

	sums.page_size = 4096;
	expect_damage(&sums, &file, &m, "it has pages of 512 bytes");
	(void)close(sums.fd);
	bytes_free(&file);
}

Test(sums, page_numbers_stay_in_the_image)
{
	struct sums sums = no_sums();
	struct manifest m;
	struct stored_file stored;
	struct bytes file = increment_archive(
	    &(struct increment){ .stored = page_10 }, &m, &stored);

	sums.page_size = 512;
	m.database.page_count = 9;
	expect_damage(&sums, &file, &m, "page 10 behind page 0, of 9 pages");
	(void)close(sums.fd);
	bytes_free(&file);
}

Test(sums, no_flipped_byte_gives_another_root_unseen)
{
	struct manifest m;
	struct bytes file = full(5, &m);
	struct err err;

	for (size_t i = 0; i < file.len; i++) {
		struct sums sums = no_sums();
		uint8_t root[SHA256_BYTES];

		file.at[i] ^= (uint8_t)(1u << i % 8);
		if (apply(&sums, &file, &m, &err) == 0) {
			cr_assert_eq(sums_root(&sums, root, &err), 0);
			cr_assert_eq(
			    memcmp(root, m.database.root, sizeof(root)), 0,
			    "byte %zu", i);
		} else {
			cr_assert_eq(err.kind, ERR_DAMAGED, "%s", err.text);
		}
		file.at[i] ^= (uint8_t)(1u << i % 8);
		(void)close(sums.fd);
	}
	bytes_free(&file);
}

Test(sums, a_short_file_has_no_root)
{
	struct sums sums = no_sums();
	uint8_t root[SHA256_BYTES];
	struct err err = { 0 };

	sums.page_size = 512;
	sums.page_count = 2;
	cr_assert_eq(ftruncate(sums.fd, 31), 0);
	cr_assert_eq(sums_root(&sums, root, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_str_eq(err.text, "'sums' ends before the sum of page 2");
	(void)close(sums.fd);
}
