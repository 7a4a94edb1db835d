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
	struct manifest manifest = { .set = "s" };

	describe(&source, &facts, "app.db", &manifest);
	cr_expect(strchr(manifest.database.path, '\x1b') == NULL);
	cr_expect(strchr(manifest.database.path, '\xff') == NULL);
	cr_expect_str_eq(manifest.database.name, "app.db");
	cr_expect_eq(manifest.database.page_count, 7);
	cr_expect_str_eq(manifest.database.journal_mode, "rollback");
	cr_expect_str_eq(manifest.set, "s");
}
