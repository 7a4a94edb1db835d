/* Exactly those that need it. */
#include "restore/affected.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct snapshot list[12];
static struct catalog catalog = { .list = list, .count = 12 };

/* Two chains: 0 - 1 - 2, with 1 - 3 beside it, and 4 - 5; the rest alone. */
static void
begin(void)
{
	for (size_t i = 0; i < catalog.count; i++) {
		(void)snprintf(list[i].id, sizeof(list[i].id), "%016zx", i);
		list[i].faults = SNAPSHOT_GOOD;
		list[i].parent_at = SNAPSHOT_NONE;
	}
	list[1].parent_at = 0;
	list[2].parent_at = 1;
	list[3].parent_at = 1;
	list[5].parent_at = 4;
}

TestSuite(affected, .init = begin);

Test(affected, descendants_and_itself_are)
{
	cr_expect(affected_by(&catalog, 1, 1));
	cr_expect(affected_by(&catalog, 2, 1));
	cr_expect(affected_by(&catalog, 3, 1));
	cr_expect(affected_by(&catalog, 3, 0));
	cr_expect_not(affected_by(&catalog, 0, 1));
	cr_expect_not(affected_by(&catalog, 5, 0));
}

Test(affected, marks_are_made_where_they_belong)
{
	affected_mark(&catalog, 1);
	cr_expect_eq(list[0].faults, SNAPSHOT_GOOD);
	cr_expect_eq(list[1].faults, SNAPSHOT_BAD_ARCHIVE);
	cr_expect_eq(list[2].faults, SNAPSHOT_BAD_ANCESTOR);
	cr_expect_eq(list[3].faults, SNAPSHOT_BAD_ANCESTOR);
	cr_expect_eq(list[4].faults, SNAPSHOT_GOOD);
}

Test(affected, a_ring_ends)
{
	list[0].parent_at = 2;
	cr_expect_not(affected_by(&catalog, 0, 5));
	cr_expect(affected_by(&catalog, 0, 1));
}

Test(affected, words_name_them_and_count_the_rest)
{
	char text[AFFECTED_TEXT_BYTES];

	affected_words(&catalog, 5, text);
	cr_expect_str_eq(text, "snapshot 0000000000000005 needs it");
	affected_words(&catalog, 4, text);
	cr_expect_str_eq(
	    text, "2 snapshots need it: 0000000000000004, 0000000000000005");
	for (size_t i = 6; i < catalog.count; i++)
		list[i].parent_at = 0;
	affected_words(&catalog, 0, text);
	cr_expect(
	    strncmp(text, "10 snapshots need it: 0000000000000000, ", 40) == 0,
	    "%s", text);
	cr_expect(strstr(text, " and 4 more") != NULL, "%s", text);
}
