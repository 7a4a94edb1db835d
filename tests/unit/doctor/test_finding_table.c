/* The table and the manual page tell the same story. */
#include "doctor/finding_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/quote.h"
#include "doctor/diagnosis.h"

static const char *
read_page(void)
{
	static char page[65536];
	FILE *f = fopen("packaging/man/litesafe-doctor.1", "r");

	cr_assert(f != NULL, "run from the root of the tree");
	size_t got = fread(page, 1, sizeof(page) - 1, f);
	cr_assert(got > 0 && got < sizeof(page) - 1);
	page[got] = '\0';
	(void)fclose(f);
	return page;
}

Test(finding_table, every_finding_has_its_words)
{
	/* Of which there is never more to say than how it is. */
	static const enum finding_id plain[] = { FOUND_STATE, FOUND_IN_USE,
		FOUND_SQLITE_VERSION, FOUND_CHECKPOINT_RUNNING,
		FOUND_JOURNAL_LEFT };

	for (enum finding_id id = 0; id < FINDING_IDS; id++) {
		const struct finding_row *row = &finding_table[id];
		bool is_plain = false;

		cr_assert_not_null(row->name, "%d", (int)id);
		cr_expect_eq(strspn(row->name, "abcdefghijklmnopqrstuvwxyz-"),
		    strlen(row->name), "%s", row->name);
		cr_expect_gt(strlen(row->meaning), 20, "%s", row->name);
		cr_expect_neq(row->meaning[strlen(row->meaning) - 1], '.', "%s",
		    row->name);
		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
			is_plain = is_plain || plain[i] == id;
		cr_expect_eq(strlen(row->advice) < 20, is_plain, "%s: '%s'",
		    row->name, row->advice);
		for (enum finding_id other = 0; other < id; other++)
			cr_expect_str_neq(row->name, finding_table[other].name);
	}
}

/*
 * Quotes around a command would end where those of a path begin, and what a
 * path says would be run; half of an advice would be another one.
 */
Test(finding_table, a_path_in_an_advice_is_a_word_of_its_own)
{
	static const char placeholder[] = "DATABASE";
	struct diagnosed *unused = NULL;

	for (enum finding_id id = 0; id < FINDING_IDS; id++) {
		const char *advice = finding_table[id].advice;
		size_t room = strlen(advice);
		unsigned quotes = 0;

		for (const char *at = advice; *at != '\0'; at++) {
			quotes += *at == '\'';
			if (strncmp(at, placeholder, strlen(placeholder)) != 0)
				continue;
			cr_expect_eq(quotes % 2, 0, "%s", at);
			room += QUOTE_WORD_BYTES;
		}
		cr_expect_lt(room, sizeof(unused->advice), "%s", advice);
	}
}

Test(finding_table, the_manual_has_each_once_and_in_order)
{
	const char *at = read_page();

	for (enum finding_id id = 0; id < FINDING_IDS; id++) {
		char item[80];

		(void)snprintf(
		    item, sizeof(item), ".It Cm %s\n", finding_table[id].name);
		const char *here = strstr(at, item);
		cr_assert_not_null(here, "%s", item);
		at = here + 1;
		cr_assert_null(strstr(at, item), "twice: %s", item);
	}
}

Test(finding_table, the_manual_invents_none)
{
	const char *page = read_page();

	for (const char *at = page; (at = strstr(at, ".It Cm ")) != NULL;) {
		char name[80];
		bool known = false;

		cr_assert_eq(sscanf(at, ".It Cm %79s", name), 1);
		for (enum finding_id id = 0; id < FINDING_IDS; id++)
			known =
			    known || strcmp(name, finding_table[id].name) == 0;
		cr_expect(known, "%s", name);
		at += 7;
	}
}
