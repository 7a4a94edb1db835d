/*
 * The words of a manifest.
 */
#include "backup/describe.h"

#include <criterion/criterion.h>
#include <string.h>

Test(describe, a_name_is_the_last_component)
{
	cr_expect_str_eq(describe_name("app.db"), "app.db");
	cr_expect_str_eq(describe_name("/srv/app/app.db"), "app.db");
	cr_expect_str_eq(describe_name("x/"), "");
}

Test(describe, bytes_that_cannot_be_shown_are_replaced)
{
	struct source source = { .path = "/srv/\x1b[2J\xff.db" };
	struct pin_facts facts = { .page_size = 4096, .page_count = 7 };
	struct manifest_database db = { .page_size = 0 };

	describe_database(&source, &facts, "app.db", &db);
	cr_expect(strchr(db.path, '\x1b') == NULL);
	cr_expect(strchr(db.path, '\xff') == NULL);
	cr_expect_str_eq(db.name, "app.db");
	cr_expect_eq(db.page_count, 7);
	cr_expect_str_eq(db.journal_mode, "rollback");
}
