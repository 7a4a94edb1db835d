/*
 * Changes come out once, in order, with the right sums, however many threads
 * there are and wherever batches end.
 */
#include "backup/compare.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/page_tag.h"
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

/* --- with tags ---------------------------------------------------------- */

static const uint8_t key[PAGE_TAG_KEY_BYTES] = "a key that everybody knows";

/* The tags of pages that are changed or not. */
static int
tags_of(uint32_t pages, bool (*changed)(uint32_t))
{
	AUTO(tagger) struct tagger *tagger = NULL;
	struct err err = { 0 };
	int fd = scratch();

	cr_assert_eq(tagger_new(key, &tagger, &err), 0, "%s", err.text);
	for (uint32_t n = 1; n <= pages; n++) {
		uint8_t page[PAGE], tag[PAGE_TAG_BYTES];

		make_page(n, changed(n), page);
		tagger_pages(tagger, n, page, PAGE, 1, tag);
		cr_assert_eq(write(fd, tag, sizeof(tag)), PAGE_TAG_BYTES);
	}
	return fd;
}

static void
spoil(int fd, uint32_t number)
{
	uint8_t entry[16];
	off_t at = (off_t)(number - 1) * 16;

	cr_assert_eq(pread(fd, entry, sizeof(entry), at), 16);
	entry[number % 16] ^= 0x40;
	cr_assert_eq(pwrite(fd, entry, sizeof(entry), at), 16);
}

static void
same_content(int a, int b, size_t len)
{
	uint8_t *x = malloc(len), *y = malloc(len);

	cr_assert_eq(lseek(a, 0, SEEK_END), (off_t)len);
	cr_assert_eq(pread(a, x, len, 0), (ssize_t)len);
	cr_assert_eq(pread(b, y, len, 0), (ssize_t)len);
	cr_assert_arr_eq(x, y, len);
	free(x);
	free(y);
}

struct tagged {
	uint32_t parent_pages, pages;
	int parent_sums, parent_tags; /* closed */
	bool (*changed)(uint32_t);
	int sums, tags; /* what was written */
	uint32_t summed;
	struct seen seen;
	struct err err;
};

static int
walk_tagged(struct tagged *t)
{
	AUTO(compare) struct compare *compare = NULL;
	const struct compare_options options = {
		.page_size = PAGE,
		.parent_fd = t->parent_sums,
		.parent_pages = t->parent_pages,
		.sums_fd = t->sums = scratch(),
		.sums_name = "sums",
		.tags = {
			.key = key,
			.parent_fd = t->parent_tags,
			.fd = t->tags,
			.name = "tags",
		},
		.threads = 2,
		.changed = note,
		.ctx = &t->seen,
	};
	int rc = compare_new(&options, &compare, &t->err);

	t->seen.right = true;
	for (uint32_t n = 1; rc == 0 && n <= t->pages; n++) {
		uint8_t page[PAGE];

		make_page(n, t->changed(n), page);
		rc = compare_page(compare, page, &t->err);
	}
	if (rc == 0)
		rc = compare_finish(compare, &t->err);
	t->summed = compare_summed(compare);
	(void)close(t->parent_sums);
	if (t->parent_tags >= 0)
		(void)close(t->parent_tags);
	return rc;
}

static struct tagged *
tagged_new(uint32_t parent_pages, uint32_t pages, bool (*changed)(uint32_t))
{
	struct tagged *t = calloc(1, sizeof(*t));

	*t = (struct tagged){
		.parent_pages = parent_pages,
		.pages = pages,
		.changed = changed,
		.parent_sums = parent_sums(parent_pages),
		.parent_tags = tags_of(parent_pages, none),
		.tags = scratch(),
	};
	return t;
}

/* All that comes out is what comes out without tags. */
static void
comes_out_right(struct tagged *t, uint32_t changes)
{
	int must_tags = tags_of(t->pages, t->changed), must_sums = scratch();

	cr_expect_eq(t->seen.count, changes);
	cr_expect(t->seen.right);
	for (uint32_t n = 1; n <= t->pages; n++) {
		uint8_t page[PAGE], sum[PAGE_SUM_BYTES];

		make_page(n, t->changed(n), page);
		sum_page(page, sum);
		cr_assert_eq(write(must_sums, sum, sizeof(sum)), 16);
	}
	same_content(t->sums, must_sums, (size_t)t->pages * 16);
	same_content(t->tags, must_tags, (size_t)t->pages * 16);
	(void)close(must_tags);
	(void)close(must_sums);
	(void)close(t->sums);
	(void)close(t->tags);
	free(t);
}

Test(compare, only_pages_with_another_tag_are_summed)
{
	struct tagged *t = tagged_new(MANY, MANY, every_97th);

	cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
	cr_expect_eq(t->summed, (MANY - 1) / 97 + 1);
	comes_out_right(t, (MANY - 1) / 97 + 1);
}

/* The parent's sum is taken as it is: it was proved by its root. */
Test(compare, a_page_with_its_tag_has_the_parents_sum)
{
	struct tagged *t = tagged_new(3000, 3000, none);
	uint8_t sum[PAGE_SUM_BYTES], kept[PAGE_SUM_BYTES];

	spoil(t->parent_sums, 2999);
	cr_assert_eq(pread(t->parent_sums, sum, 16, 2998 * 16), 16);
	cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
	cr_expect_eq(t->summed, 0);
	cr_expect_eq(t->seen.count, 0);
	cr_assert_eq(pread(t->sums, kept, 16, 2998 * 16), 16);
	cr_expect_arr_eq(kept, sum, 16);
	free(t);
}

Test(compare, damaged_tags_cost_a_sum_and_nothing_else)
{
	struct tagged *t = tagged_new(MANY, MANY, every_97th);

	for (uint32_t n = 1; n <= MANY; n += 3)
		spoil(t->parent_tags, n);
	cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
	cr_expect_gt(t->summed, MANY / 3);
	comes_out_right(t, (MANY - 1) / 97 + 1);
}

Test(compare, without_the_parents_tags_all_are_summed)
{
	struct tagged *t = tagged_new(MANY, MANY, every_97th);

	(void)close(t->parent_tags);
	t->parent_tags = -1;
	cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
	cr_expect_eq(t->summed, MANY);
	comes_out_right(t, (MANY - 1) / 97 + 1);
}

/* Even when there is a tag for them that is right. */
Test(compare, with_tags_too_pages_that_the_parent_had_not_are_changes)
{
	static const uint32_t parents[] = { 0, 1, 2047, 2048, 2049, 4999 };

	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		struct tagged *t = tagged_new(parents[i], 5000, none);

		(void)close(t->parent_tags);
		t->parent_tags = tags_of(5000, none);
		cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
		cr_expect_eq(t->summed, 5000 - parents[i]);
		comes_out_right(t, 5000 - parents[i]);
	}
}

Test(compare, a_smaller_image_has_fewer_tags)
{
	struct tagged *t = tagged_new(5000, 300, none);

	cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
	cr_expect_eq(t->summed, 0);
	comes_out_right(t, 0);
}

Test(compare, parent_tags_that_are_cut_short_are_an_error)
{
	struct tagged *t = tagged_new(5000, 5000, none);

	cr_assert_eq(ftruncate(t->parent_tags, 4000 * 16), 0);
	cr_assert_eq(walk_tagged(t), -1);
	cr_expect_str_eq(t->err.text,
	    "the parent's page tags became fewer while they were in use");
	free(t);
}

static bool
every(uint32_t number)
{
	(void)number;
	return true;
}

static bool
all_but_every_3rd(uint32_t number)
{
	return number % 3 != 0;
}

static bool
behind_4096(uint32_t number)
{
	return number > 4096;
}

static uint32_t
count_changes(uint32_t pages, bool (*changed)(uint32_t))
{
	uint32_t count = 0;

	for (uint32_t n = 1; n <= pages; n++)
		count += changed(n);
	return count;
}

/*
 * A batch ends with the pages that it keeps (2048 of them), or with the pages
 * that it has seen (4096), or both at once.
 */
Test(compare, batches_are_full_by_what_they_keep_or_saw)
{
	static bool (*const changes[])(
	    uint32_t) = { every, all_but_every_3rd, behind_4096, none };
	static const uint32_t counts[] = { 1, 2047, 2048, 2049, 4095, 4096,
		4097, 6144, 8192, 8193, MANY };

	for (size_t c = 0; c < sizeof(changes) / sizeof(changes[0]); c++)
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]);
		     i++) {
			uint32_t pages = counts[i];
			uint32_t must = count_changes(pages, changes[c]);
			struct tagged *t = tagged_new(pages, pages, changes[c]);

			cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
			cr_expect_eq(t->summed, must);
			comes_out_right(t, must);
		}
}

/* Where it ends, the batch goes on, and what was there before is not its own. */
Test(compare, the_parent_ends_in_a_batch_that_keeps_little)
{
	static const uint32_t parents[] = { 4095, 4096, 4097, 8191, 8192,
		8193 };

	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		uint32_t parent = parents[i];
		struct tagged *more = tagged_new(parent, MANY, every_97th);
		uint32_t must =
		    count_changes(parent, every_97th) + (MANY - parent);

		cr_assert_eq(walk_tagged(more), 0, "%s", more->err.text);
		cr_expect_eq(more->summed, must);
		comes_out_right(more, must);
		struct tagged *fewer = tagged_new(MANY, parent, every_97th);
		cr_assert_eq(walk_tagged(fewer), 0, "%s", fewer->err.text);
		comes_out_right(fewer, count_changes(parent, every_97th));
	}
}

/* Of changed pages all over, the order is theirs, and a refusal ends it. */
Test(compare, with_tags_too_what_the_caller_refuses_ends_it)
{
	struct tagged *t = tagged_new(MANY, MANY, all_but_every_3rd);

	t->seen.refuse_at = 7000;
	cr_assert_eq(walk_tagged(t), -1);
	cr_expect_eq(t->err.kind, ERR_NO_SPACE);
	cr_expect_eq(t->seen.count, count_changes(6999, all_but_every_3rd));
	cr_expect(t->seen.right);
	for (uint32_t i = 1; i < t->seen.count; i++)
		cr_assert_lt(t->seen.number[i - 1], t->seen.number[i]);
	free(t);
}

/* They are what the next increment is proved by. */
Test(compare, sums_that_cannot_be_written_are_an_error)
{
	AUTO(compare) struct compare *compare = NULL;
	struct seen *seen = calloc(1, sizeof(*seen));
	int parent = parent_sums(5000), tags = tags_of(5000, none);
	int new_tags = scratch(), full = open("/dev/full", O_WRONLY);
	struct err err = { 0 };
	const struct compare_options options = {
		.page_size = PAGE,
		.parent_fd = parent,
		.parent_pages = 5000,
		.sums_fd = full,
		.sums_name = "sums",
		.tags = { key, tags, new_tags, "tags" },
		.threads = 2,
		.changed = note,
		.ctx = seen,
	};
	int rc = compare_new(&options, &compare, &err);

	for (uint32_t n = 1; rc == 0 && n <= 5000; n++) {
		uint8_t page[PAGE];

		make_page(n, false, page);
		rc = compare_page(compare, page, &err);
	}
	if (rc == 0)
		rc = compare_finish(compare, &err);
	cr_expect_eq(rc, -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE, "%s", err.text);
	(void)close(parent);
	(void)close(tags);
	(void)close(new_tags);
	(void)close(full);
	free(seen);
}

enum { LARGEST = 65536, LARGE_PAGES = 100 };

static void
make_large(uint32_t number, bool changed, uint8_t *page)
{
	memset(page, (int)(number * 3), LARGEST);
	memcpy(page, &number, sizeof(number));
	page[LARGEST - 1] = changed;
}

static int
note_large(void *ctx, uint32_t number, const uint8_t *sum, const uint8_t *page,
    struct err *err)
{
	uint32_t *next = ctx, stored;
	uint8_t digest[SHA256_BYTES];

	while (!every_97th(*next) && *next % 20 >= 9)
		++*next;
	memcpy(&stored, page, sizeof(stored));
	cr_assert_eq(number, (*next)++);
	cr_assert_eq(stored, number);
	cr_assert_eq(sha256_once(page, LARGEST, digest, err), 0);
	cr_assert_arr_eq(sum, digest, PAGE_SUM_BYTES);
	return 0;
}

/* Of the largest pages a batch keeps 16, and sums are OpenSSL's. */
Test(compare, the_largest_pages)
{
	AUTO(compare) struct compare *compare = NULL;
	AUTO(tagger) struct tagger *tagger = NULL;
	AUTO(sha256) struct sha256 *sha256 = NULL;
	AUTO(free) uint8_t *page = malloc(LARGEST);
	int sums = scratch(), tags = scratch();
	int new_sums = scratch(), new_tags = scratch();
	struct err err = { 0 };
	uint32_t next = 1;

	cr_assert_eq(tagger_new(key, &tagger, &err), 0);
	cr_assert_eq(sha256_new(&sha256, &err), 0);
	for (uint32_t n = 1; n <= LARGE_PAGES; n++) {
		uint8_t entry[16];

		make_large(n, false, page);
		sha256_pages(sha256, page, LARGEST, 1, entry);
		cr_assert_eq(write(sums, entry, 16), 16);
		tagger_pages(tagger, n, page, LARGEST, 1, entry);
		cr_assert_eq(write(tags, entry, 16), 16);
	}
	const struct compare_options options = {
		.page_size = LARGEST,
		.parent_fd = sums,
		.parent_pages = LARGE_PAGES,
		.sums_fd = new_sums,
		.sums_name = "sums",
		.tags = { key, tags, new_tags, "tags" },
		.threads = 2,
		.changed = note_large,
		.ctx = &next,
	};
	cr_assert_eq(compare_new(&options, &compare, &err), 0);
	for (uint32_t n = 1; n <= LARGE_PAGES; n++) {
		make_large(n, every_97th(n) || n % 20 < 9, page);
		cr_assert_eq(compare_page(compare, page, &err), 0);
	}
	cr_assert_eq(compare_finish(compare, &err), 0, "%s", err.text);
	/* 1 to 8 and 20 to 28, ... 80 to 88; 98; 100. */
	cr_expect_eq(compare_summed(compare), 8 + 4 * 9 + 1 + 1);
	cr_expect_eq(next, LARGE_PAGES + 1);
	(void)close(sums);
	(void)close(tags);
	(void)close(new_sums);
	(void)close(new_tags);
}

/* They are for the next time; this backup does not need them. */
Test(compare, tags_that_cannot_be_written_are_no_error)
{
	struct tagged *t = tagged_new(MANY, MANY, every_97th);

	(void)close(t->tags);
	t->tags = open("/dev/full", O_WRONLY);
	cr_assert_eq(walk_tagged(t), 0, "%s", t->err.text);
	cr_expect_eq(t->seen.count, (MANY - 1) / 97 + 1);
	cr_expect(t->seen.right);
	free(t);
}
