/* The spool gives back exactly the pages it got, in order, or says why not. */
#include "backup/spool.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct seen {
	uint32_t page_size;
	uint32_t next;
	uint32_t fail_at;
};

static void
make_page(uint8_t *page, uint32_t page_size, uint32_t number)
{
	for (uint32_t i = 0; i < page_size; i++)
		page[i] = (uint8_t)(number * 31 + i * 7 + (i >> 8));
}

static int
expect_page(void *ctx, const uint8_t *page, struct err *err)
{
	struct seen *seen = ctx;
	uint8_t expected[65536];

	if (seen->fail_at != 0 && seen->next == seen->fail_at)
		return err_set(err, ERR_FAILED, 42, "told to");
	make_page(expected, seen->page_size, seen->next);
	cr_assert_eq(memcmp(page, expected, seen->page_size), 0,
	    "page %u differs", seen->next);
	seen->next++;
	return 0;
}

static void
round_trip(uint32_t page_size, uint32_t count)
{
	struct spool *spool = NULL;
	struct err err = { 0 };
	uint8_t page[65536];
	struct seen seen = { .page_size = page_size };

	cr_assert_eq(
	    spool_new("/tmp", (uint64_t)page_size * count, &spool, &err), 0,
	    "%s", err.text);
	for (uint32_t i = 0; i < count; i++) {
		make_page(page, page_size, i);
		cr_assert_eq(spool_add(spool, page, page_size, &err), 0);
	}
	cr_assert_eq(spool_replay(spool, page_size, expect_page, &seen, &err),
	    0, "%s", err.text);
	cr_expect_eq(seen.next, count);
	spool_free(spool);
}

Test(spool, gives_back_every_page_of_every_size)
{
	for (uint32_t size = 512; size <= 65536; size *= 2) {
		round_trip(size, 1);
		round_trip(size, SPOOL_BUFFER / size);
		round_trip(size, SPOOL_BUFFER / size + 1);
		round_trip(size, 3 * (SPOOL_BUFFER / size) + 7);
	}
}

Test(spool, an_error_of_the_receiver_comes_back_unchanged)
{
	struct spool *spool = NULL;
	struct err err = { 0 };
	uint8_t page[512];
	struct seen seen = { .page_size = 512, .fail_at = 3 };

	cr_assert_eq(spool_new("/tmp", 5 * 512, &spool, &err), 0);
	for (uint32_t i = 0; i < 5; i++) {
		make_page(page, 512, i);
		cr_assert_eq(spool_add(spool, page, 512, &err), 0);
	}
	cr_expect_eq(spool_replay(spool, 512, expect_page, &seen, &err), -1);
	cr_expect_eq(err.code, 42);
	cr_expect_eq(seen.next, 3);
	spool_free(spool);
}

Test(spool, refuses_at_once_what_the_disk_cannot_hold)
{
	struct spool *spool = NULL;
	struct err err = { 0 };

	cr_expect_eq(spool_new("/tmp", UINT64_MAX / 2, &spool, &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	cr_expect(spool == NULL);
	cr_expect(err.hint[0] != '\0');
}

Test(spool, a_missing_folder_is_named)
{
	struct spool *spool = NULL;
	struct err err = { 0 };

	cr_expect_eq(spool_new("/nonexistent/x", 1, &spool, &err), -1);
	cr_expect(strstr(err.text, "/nonexistent/x") != NULL, "%s", err.text);
}
