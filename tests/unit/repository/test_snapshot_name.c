/* Names are made in one form, and nothing else is taken for one. */
#include "repository/snapshot_name.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define NAME "20261120T231500Z-full-7f3a9c2b"

Test(snapshot_name, tells_time_kind_and_id)
{
	char name[SNAPSHOT_NAME_BYTES];
	struct manifest m = { .id = "7f3a9c2b00112233",
		.kind = "full",
		.pin_start_ms = 1795216500999 };

	snapshot_name(&m, name);
	cr_expect_str_eq(name, "20261120T231500Z-full-7f3a9c2b");
	(void)strcpy(m.kind, "increment");
	snapshot_name(&m, name);
	cr_expect_str_eq(name, "20261120T231500Z-incr-7f3a9c2b");
}

static void
is(const char *file, enum snapshot_file kind)
{
	char name[SNAPSHOT_NAME_BYTES] = "untouched";

	cr_expect_eq(snapshot_file_kind(file, name), kind, "%s", file);
	if (kind != SNAPSHOT_FOREIGN)
		cr_expect_str_eq(name, NAME, "%s", file);
}

Test(snapshot_name, files_are_told_by_their_suffix)
{
	is(NAME ".tar.zst", SNAPSHOT_ARCHIVE);
	is(NAME ".json", SNAPSHOT_MANIFEST);
	is(NAME ".pin", SNAPSHOT_PIN);
	is(NAME ".condemned", SNAPSHOT_CONDEMNED);
	is(NAME ".tar.zst.litesafe-0a1b2c", SNAPSHOT_DRAFT);
	is(NAME ".json.litesafe-ffffff", SNAPSHOT_DRAFT);
	is(NAME ".pin.litesafe-012345", SNAPSHOT_DRAFT);
}

Test(snapshot_name, everything_else_is_foreign)
{
	static const char *const files[] = { "", ".", "..", NAME,
		NAME ".tar.zst.", NAME ".tar.zst\n", "\n" NAME ".json",
		NAME ".jsonx", NAME ".JSON", NAME ".json.litesafe-",
		NAME ".json.litesafe-0a1b2", NAME ".json.litesafe-0a1b2c3",
		NAME ".json.litesafe-0a1b2g", NAME ".litesafe-0a1b2c",
		"20261120T231500Z-fool-7f3a9c2b.json",
		"20261120T231500Z-full-7F3a9c2b.json",
		"20261120T231500Z-full-7f3a9c2.json",
		"20261120T231500Z-full-7f3a9c2b0.json",
		"2026112xT231500Z-full-7f3a9c2b.json",
		"20261120 231500Z-full-7f3a9c2b.json", "20261120T231500Z-full-",
		"20261120T231500Z-full-7f3a9c2b\n", "README.txt",
		"litesafe-repository.json" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		is(files[i], SNAPSHOT_FOREIGN);
}
