/*
 * Changes come out once, in order, with the right sums, however many threads
 * there are and wherever batches end.
 */
#include "backup/compare.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/sha256.h"

enum { PAGE = 512, MANY = 10000 };

struct seen {
	uint32_t count;
	uint32_t number[MANY + 10];
	bool right; /* sums and pages belong to the numbers */
	uint32_t refuse_at; /* 0: never */
};

static void
make_page(uint32_t number, bool changed, uint8_t page[PAGE])
{
	memset(page, changed ? 0xcc : 0x11, PAGE);
	memcpy(page, &number, sizeof(number));
}

static void
sum_page(const uint8_t page[PAGE], uint8_t ret_sum[PAGE_SUM_BYTES])
{
	struct sha256 *stream = NULL;
	struct err err = { 0 };

	cr_assert_eq(sha256_new(&stream, &err), 0);
	sha256_pages(stream, page, PAGE, 1, ret_sum);
	sha256_free(stream);
}

static int
scratch(void)
{
	struct err err = { 0 };
	int fd = -1;

	cr_assert_eq(file_scratch("/tmp", &fd, &err), 0, "%s", err.text);
	return fd;
}

/* The sums of `pages` pages, none of them changed. */
static int
parent_sums(uint32_t pages)
{
	int fd = scratch();

	for (uint32_t n = 1; n <= pages; n++) {
		uint8_t page[PAGE], sum[PAGE_SUM_BYTES];

		make_page(n, false, page);
		sum_page(page, sum);
		cr_assert_eq(write(fd, sum, sizeof(sum)), PAGE_SUM_BYTES);
	}
	return fd;
}

static int
note(void *ctx, uint32_t number, const uint8_t *sum, const uint8_t *page,
    struct err *err)
{
	struct seen *seen = ctx;
	uint8_t expected[PAGE_SUM_BYTES];
	uint32_t stored;

	if (number == seen->refuse_at)
		return err_set(err, ERR_NO_SPACE, 0, "no room for %u", number);
	sum_page(page, expected);
	memcpy(&stored, page, sizeof(stored));
	seen->right = seen->right && stored == number &&
		      memcmp(sum, expected, sizeof(expected)) == 0;
	seen->number[seen->count++] = number;
	return 0;
}

static bool
every_97th(uint32_t number)
{
	return number % 97 == 1;
}

static bool
none(uint32_t number)
{
	(void)number;
	return false;
}

static int
walk(uint32_t parent_pages, uint32_t pages, unsigned threads,
    bool (*changed)(uint32_t), int sums_fd, struct seen *seen, struct err *err)
{
	AUTO(compare) struct compare *compare = NULL;
	int parent_fd = parent_sums(parent_pages);
	const struct compare_options options = {
		.page_size = PAGE,
		.parent_fd = parent_fd,
		.parent_pages = parent_pages,
		.sums_fd = sums_fd,
		.sums_name = "sums",
		.threads = threads,
		.changed = note,
		.ctx = seen,
	};
	int rc = compare_new(&options, &compare, err);

	seen->right = true;
	for (uint32_t n = 1; rc == 0 && n <= pages; n++) {
		uint8_t page[PAGE];

		make_page(n, changed(n), page);
		rc = compare_page(compare, page, err);
	}
	if (rc == 0)
		rc = compare_finish(compare, err);
	(void)close(parent_fd);
	return rc;
}

Test(compare, the_changed_pages_come_in_order)
{
	static const unsigned threads[] = { 1, 2, 4 };

	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		struct seen *seen = calloc(1, sizeof(*seen));
		struct err err = { 0 };
		int sums = scratch();

		cr_assert_eq(
		    walk(MANY, MANY, threads[i], every_97th, sums, seen, &err),
		    0, "%s", err.text);
		cr_expect_eq(seen->count, (MANY - 1) / 97 + 1);
		cr_expect(seen->right);
		for (uint32_t n = 0; n < seen->count; n++)
			cr_expect_eq(seen->number[n], n * 97 + 1);
		cr_expect_eq(
		    lseek(sums, 0, SEEK_END), (off_t)MANY * PAGE_SUM_BYTES);
		(void)close(sums);
		free(seen);
	}
}

Test(compare, nothing_changed)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	struct err err = { 0 };
	int sums = scratch(), parent = parent_sums(5000);
	uint8_t *new = malloc(5000 * PAGE_SUM_BYTES);
	uint8_t *old = malloc(5000 * PAGE_SUM_BYTES);

	cr_assert_eq(walk(5000, 5000, 2, none, sums, seen, &err), 0);
	cr_expect_eq(seen->count, 0);
	cr_assert_eq(
	    pread(sums, new, 5000 * PAGE_SUM_BYTES, 0), 5000 * PAGE_SUM_BYTES);
	cr_assert_eq(pread(parent, old, 5000 * PAGE_SUM_BYTES, 0),
	    5000 * PAGE_SUM_BYTES);
	cr_expect_eq(memcmp(new, old, 5000 * PAGE_SUM_BYTES), 0);
	(void)close(sums);
	(void)close(parent);
	free(new);
	free(old);
	free(seen);
}

/* Where the parent ends is in the middle of a batch, and between two. */
Test(compare, pages_that_the_parent_had_not_are_changes)
{
	static const uint32_t parents[] = { 0, 1, 2047, 2048, 2049, 4999 };

	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		struct seen *seen = calloc(1, sizeof(*seen));
		struct err err = { 0 };
		int sums = scratch();

		cr_assert_eq(
		    walk(parents[i], 5000, 2, none, sums, seen, &err), 0);
		cr_expect_eq(seen->count, 5000 - parents[i]);
		cr_expect_eq(seen->number[0], parents[i] + 1);
		cr_expect(seen->right);
		(void)close(sums);
		free(seen);
	}
}

Test(compare, a_smaller_image_is_no_change_of_its_pages)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	struct err err = { 0 };
	int sums = scratch();

	cr_assert_eq(walk(5000, 300, 2, none, sums, seen, &err), 0);
	cr_expect_eq(seen->count, 0);
	cr_expect_eq(lseek(sums, 0, SEEK_END), 300 * PAGE_SUM_BYTES);
	(void)close(sums);
	free(seen);
}

Test(compare, what_the_caller_refuses_ends_it)
{
	struct seen *seen = calloc(1, sizeof(*seen));
	struct err err = { 0 };
	int sums = scratch();

	seen->refuse_at = 97 * 40 + 1;
	cr_assert_eq(walk(MANY, MANY, 2, every_97th, sums, seen, &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	cr_expect_eq(seen->count, 40);
	(void)close(sums);
	free(seen);
}

/* A memory that lies about how many sums it has. */
Test(compare, parent_sums_that_are_cut_short_are_an_error)
{
	AUTO(compare) struct compare *compare = NULL;
	struct seen *seen = calloc(1, sizeof(*seen));
	struct err err = { 0 };
	int sums = scratch(), parent = parent_sums(100);
	const struct compare_options options = {
		.page_size = PAGE,
		.parent_fd = parent,
		.parent_pages = 200,
		.sums_fd = sums,
		.sums_name = "sums",
		.threads = 1,
		.changed = note,
		.ctx = seen,
	};
	uint8_t page[PAGE] = { 0 };

	cr_assert_eq(compare_new(&options, &compare, &err), 0);
	for (int i = 0; i < 200; i++)
		cr_assert_eq(compare_page(compare, page, &err), 0);
	cr_assert_eq(compare_finish(compare, &err), -1);
	cr_expect_str_eq(err.text,
	    "the parent's page sums became fewer while they were in use");
	(void)close(sums);
	(void)close(parent);
	free(seen);
}
