/*
 * The bytes of the file and no others, wherever it ends, whatever fails, and
 * never those of another pin.  The file is a fake that counts and can fail; a
 * real one beside real checkpoints: test_capture.c.
 */
#include "database/read_ahead.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

enum { PAGE = 4096, PAGES = 100, SIZE = PAGES * PAGE + 1000 };

static uint8_t content[SIZE];
static unsigned reads;
static sqlite3_int64 bad_from = -1; /* a read that touches this fails */

static int
fake_read(sqlite3_file *file, void *buf, int len, sqlite3_int64 offset)
{
	sqlite3_int64 left = SIZE - offset;
	size_t got = 0;

	(void)file;
	reads++;
	if (bad_from >= 0 && offset <= bad_from && bad_from < offset + len)
		return SQLITE_IOERR_READ;
	if (left > 0)
		got = left < len ? (size_t)left : (size_t)len;
	memcpy(buf, content + (got > 0 ? offset : 0), got);
	memset((uint8_t *)buf + got, 0, (size_t)len - got);
	return got < (size_t)len ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static const sqlite3_io_methods methods = { .iVersion = 1, .xRead = fake_read };
static sqlite3_file file = { .pMethods = &methods };
static struct read_ahead ahead;

static void
begin(void)
{
	for (size_t i = 0; i < SIZE; i++)
		content[i] = (uint8_t)(i * 31 + i / PAGE);
	read_ahead_begin(&ahead);
}

static void
end(void)
{
	read_ahead_end(&ahead);
}

TestSuite(read_ahead, .init = begin, .fini = end);

/* As the file itself would answer. */
static void
reads_right(sqlite3_int64 offset, int len)
{
	uint8_t *got = malloc((size_t)len), *must = malloc((size_t)len);
	unsigned before = reads;

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

Test(read_ahead, page_after_page_in_few_reads)
{
	for (int i = 0; i < PAGES / 16 * 16; i++)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
	cr_expect_eq(reads, PAGES / 16);
}

Test(read_ahead, to_the_end_and_behind_it)
{
	for (int i = 0; i < PAGES + 5; i++)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
}

Test(read_ahead, in_any_order_and_size)
{
	static const int sizes[] = { 16, 512, 1024, PAGE, 32768, 65536 };

	srand(7);
	for (int i = 0; i < 20000; i++) {
		int len = sizes[rand() % 6];

		reads_right(rand() % (SIZE + 70000), len);
	}
}

/* A piece that ends where the buffer ends, and one byte farther. */
Test(read_ahead, at_the_edges_of_the_buffer)
{
	reads_right(0, PAGE);
	reads_right(READ_AHEAD_BYTES - PAGE, PAGE);
	cr_expect_eq(reads, 1);
	reads_right(READ_AHEAD_BYTES - PAGE + 1, PAGE);
	cr_expect_eq(reads, 2);
	reads_right(READ_AHEAD_BYTES - PAGE, PAGE);
	cr_expect_eq(reads, 3);
}

/* A bad sector is an error of its own page, and no page before it suffers. */
Test(read_ahead, an_error_belongs_to_its_page)
{
	bad_from = 21 * PAGE + 5;
	for (int i = 0; i < PAGES; i++)
		reads_right((sqlite3_int64)i * PAGE, PAGE);
	/* What the failed read left in the buffer is not taken for content. */
	bad_from = 5;
	reads_right(16 * PAGE, PAGE);
	memset(ahead.buffer, 0xdd, READ_AHEAD_BYTES);
	reads_right(0, PAGE);
	reads_right(PAGE, PAGE);
}

/* What another pin read is nobody's. */
Test(read_ahead, begins_empty_each_time)
{
	reads_right(0, PAGE);
	content[PAGE] ^= 1;
	read_ahead_begin(&ahead);
	reads_right(PAGE, PAGE);
}

Test(read_ahead, is_off_until_it_begins_and_after_it_ended)
{
	reads_right(0, PAGE);
	read_ahead_end(&ahead);
	content[PAGE] ^= 1;
	reads_right(PAGE, PAGE);
	content[PAGE] ^= 1;
	reads_right(PAGE, PAGE);
	cr_expect_eq(reads, 3);
}

Test(read_ahead, pages_as_large_as_the_buffer_go_through)
{
	reads_right(0, READ_AHEAD_BYTES);
	content[0] ^= 1;
	reads_right(0, READ_AHEAD_BYTES);
	cr_expect_eq(reads, 2);
}
