/*
 * The bytes of the file and no others, wherever it ends, whatever fails, by
 * which thread they were read, and never those of another pin.  The file is a
 * fake that counts, can fail, and cannot bear two at once; a real one beside
 * real checkpoints: test_capture.c.
 */
#include "database/read_ahead.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

/* Five and a half of the large pieces, and a bit. */
enum { PAGE = 4096, PAGES = 1408, SIZE = PAGES * PAGE + 1000 };

static uint8_t content[SIZE];
static unsigned reads;
static atomic_int at_once;
/* Noted: Criterion cannot end a test from another thread than the test's. */
static atomic_bool two_at_once, too_long;
static sqlite3_int64 bad_from = -1; /* a read that touches this fails */

static int
fake_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 offset)
{
	sqlite3_int64 left = SIZE - offset;
	size_t got = 0;

	(void)file;
	if (atomic_fetch_add(&at_once, 1) != 0)
		two_at_once = true;
	if (len > 65536)
		too_long = true;
	reads++;
	bool bad = offset <= bad_from && bad_from < offset + len;
	if (left > 0)
		got = left < len ? (size_t)left : (size_t)len;
	memcpy(buf, content + (got > 0 ? offset : 0), got);
	memset((uint8_t *)buf + got, 0, (size_t)len - got);
	atomic_fetch_sub(&at_once, 1);
	if (bad)
		return SQLITE_IOERR_READ;
	return got < (size_t)len ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static const sqlite3_io_methods methods = { .iVersion = 1, .xRead = fake_read };
static sqlite3_file file = { .pMethods = &methods };
static struct read_ahead ahead;

static void
begin(enum read_ahead_by by)
{
	for (size_t i = 0; i < SIZE; i++)
		content[i] = (uint8_t)(i * 31 + i / PAGE);
	read_ahead_begin(&ahead, by);
}

static void
end(void)
{
	read_ahead_end(&ahead);
}

TestSuite(read_ahead, .fini = end);

/* What the thread that read did. */
static void
was_read_well(void)
{
	cr_assert_not(two_at_once, "two read at once");
	cr_assert_not(too_long, "a read of more than a page can be");
}

/* As the file itself would answer. */
static void
reads_right(sqlite3_int64 offset, int len)
{
	uint8_t *got = malloc((size_t)len), *must = malloc((size_t)len);
	unsigned before = reads;

	if (ahead.pool != NULL) /* the fake bears one at a time, also ours */
		for (unsigned i = 0; i < ahead.count; i++)
			pool_wait(ahead.pool, &ahead.piece[i].task);
	was_read_well();
	int right = fake_read(&file, must, len, offset);
	reads = before;
	memset(got, 0xee, (size_t)len);
	cr_assert_eq(read_ahead_read(&ahead, &file, &methods, got, len, offset),
	    right, "at %lld", (long long)offset);
	if (right != SQLITE_IOERR_READ)
		cr_assert_arr_eq(got, must, (size_t)len);
	free(got);
	free(must);
}

/* What must hold of both ways is asked of both. */
#define OF_BOTH(name, from) \
	Test(read_ahead, name##_by_itself) \
	{ \
		begin(READ_AHEAD_ITSELF); \
		name(from); \
	} \
	Test(read_ahead, name##_beside) \
	{ \
		begin(READ_AHEAD_BESIDE); \
		cr_assert_not_null(ahead.pool); \
		name(from); \
	}

Test(read_ahead, page_after_page_in_few_reads)
{
	begin(READ_AHEAD_ITSELF);
	for (int i = 0; i < PAGES / 16 * 16; i++)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
	cr_expect_eq(reads, PAGES / 16);
}

Test(read_ahead, one_thread_reads_and_the_other_copies)
{
	uint8_t page[PAGE];

	begin(READ_AHEAD_BESIDE);
	for (int i = 0; i < 5 * 256; i++) {
		cr_assert_eq(read_ahead_read(&ahead, &file, &methods, page,
				 PAGE, (sqlite3_int64)i * PAGE),
		    SQLITE_OK);
		cr_assert_arr_eq(page, content + i * PAGE, PAGE);
	}
	end();
	was_read_well();
	/* Never more than the pieces that were asked for, and those behind. */
	cr_expect_leq(
	    reads, (5 + READ_AHEAD_PIECES) * (READ_AHEAD_BESIDE_BYTES / 65536));
}

static void
to_the_end_and_behind_it(int first)
{
	for (int i = first; i < PAGES + 5; i++)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
}
OF_BOTH(to_the_end_and_behind_it, 3)

static void
in_any_order_and_size(int rounds)
{
	static const int sizes[] = { 16, 512, 1024, PAGE, 32768, 65536 };

	srand(7);
	for (int i = 0; i < rounds; i++)
		reads_right(rand() % (SIZE + 70000), sizes[rand() % 6]);
}
OF_BOTH(in_any_order_and_size, 5000)

/* Most pages are in the WAL: the main file is asked for few, far apart. */
static void
with_gaps(int gap)
{
	for (int i = 0; i < PAGES; i += 1 + i % gap)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
}
OF_BOTH(with_gaps, 700)

/* A page that ends where the piece ends, and one byte farther. */
Test(read_ahead, at_the_edges_of_the_piece)
{
	begin(READ_AHEAD_ITSELF);
	reads_right(0, PAGE);
	reads_right(READ_AHEAD_BYTES - PAGE, PAGE);
	cr_expect_eq(reads, 1);
	reads_right(READ_AHEAD_BYTES - PAGE + 1, PAGE);
	cr_expect_eq(reads, 2);
	reads_right(READ_AHEAD_BYTES, PAGE);
	cr_expect_eq(reads, 3);
}

/* A bad sector is an error of its own page, and no page beside it suffers. */
static void
an_error_belongs_to_its_page(int page)
{
	bad_from = page * PAGE + 5;
	for (int i = 0; i < PAGES; i++)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
	/* What the failed read left in the piece is not taken for content. */
	bad_from = 5;
	reads_right((sqlite3_int64)(PAGES - 1) * PAGE, PAGE);
	for (int i = 0; i < 20; i++)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
}
OF_BOTH(an_error_belongs_to_its_page, 300)

/* What another pin read is nobody's. */
static void
begins_empty_each_time(int page)
{
	enum read_ahead_by by =
	    ahead.pool == NULL ? READ_AHEAD_ITSELF : READ_AHEAD_BESIDE;

	reads_right(0, PAGE);
	end(); /* nobody reads it now */
	content[page * PAGE] ^= 1;
	read_ahead_begin(&ahead, by);
	reads_right(page * PAGE, PAGE);
}
OF_BOTH(begins_empty_each_time, 1)

Test(read_ahead, is_off_until_it_begins_and_after_it_ended)
{
	reads_right(0, PAGE);
	begin(READ_AHEAD_ITSELF);
	end();
	content[PAGE] ^= 1;
	reads_right(PAGE, PAGE);
	content[PAGE] ^= 1;
	reads_right(PAGE, PAGE);
	cr_expect_eq(reads, 3);
}

Test(read_ahead, pages_as_large_as_the_piece_go_through)
{
	begin(READ_AHEAD_ITSELF);
	reads_right(0, READ_AHEAD_BYTES);
	content[0] ^= 1;
	reads_right(0, READ_AHEAD_BYTES);
	cr_expect_eq(reads, 2);
}
