/* What was added comes back, from any place, also while more is added. */
#include "archive/page_list.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/auto.h"
#include "base/bytes.h"

static struct page_list *
list_of(uint32_t count)
{
	struct page_list *list = NULL;
	struct err err = { 0 };
	uint8_t sum[PAGE_SUM_BYTES];

	cr_assert_eq(page_list_new("/tmp", &list, &err), 0, "%s", err.text);
	for (uint32_t i = 0; i < count; i++) {
		memset(sum, (int)(i % 251), sizeof(sum));
		cr_assert_eq(page_list_add(list, 3 * i + 1, sum, &err), 0);
	}
	return list;
}

static void
check(struct page_list *list, uint32_t first, uint32_t count, uint32_t there)
{
	uint8_t *entries = malloc((size_t)count * PAGE_ENTRY_BYTES);
	struct err err = { 0 };
	uint32_t got = 77;

	cr_assert_eq(page_list_read(list, first, count, entries, &got, &err), 0,
	    "%s", err.text);
	cr_assert_eq(got, there);
	for (uint32_t i = 0; i < got; i++) {
		const uint8_t *entry = entries + i * PAGE_ENTRY_BYTES;

		cr_assert_eq(get_le32(entry), 3 * (first + i) + 1);
		cr_assert_eq(entry[4], (first + i) % 251);
		cr_assert_eq(entry[19], (first + i) % 251);
	}
	free(entries);
}

Test(page_list, an_empty_one)
{
	AUTO(page_list) struct page_list *list = list_of(0);

	cr_assert_eq(page_list_count(list), 0);
	check(list, 0, 10, 0);
	check(list, 5, 10, 0);
}

Test(page_list, comes_back_from_any_place)
{
	AUTO(page_list) struct page_list *list = list_of(5000);

	cr_assert_eq(page_list_count(list), 5000);
	check(list, 0, 5000, 5000);
	check(list, 0, 6000, 5000);
	check(list, 4999, 10, 1);
	check(list, 5000, 10, 0);
	check(list, UINT32_MAX, 10, 0);
	check(list, 1020, 10, 10);
	check(list, 7, 0, 0);
}

Test(page_list, may_be_read_while_it_grows)
{
	AUTO(page_list) struct page_list *list = list_of(1500);
	uint8_t sum[PAGE_SUM_BYTES];
	struct err err;

	for (uint32_t i = 1500; i < 4000; i++) {
		if (i % 100 == 0)
			check(list, i - 50, 100, 50);
		memset(sum, (int)(i % 251), sizeof(sum));
		cr_assert_eq(page_list_add(list, 3 * i + 1, sum, &err), 0);
	}
	check(list, 0, 4000, 4000);
}

Test(page_list, needs_its_folder)
{
	struct page_list *list = NULL;
	struct err err = { 0 };

	cr_assert_eq(page_list_new("/nowhere", &list, &err), -1);
	cr_expect_not_null(strstr(err.text, "/nowhere"), "%s", err.text);
}
