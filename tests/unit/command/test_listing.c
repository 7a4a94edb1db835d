/* Lines that can be read down, and every fault in words. */
#include "command/listing.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct snapshot full = {
	.id = "7f3a9c2b00112233",
	.name = "20261120T231500Z-full-7f3a9c2b",
	.full = true,
	.time_ms = 1795216500123,
	.archive_bytes = 13002342,
	.pages_stored = 3021,
};

static void
expect_line(
    const struct snapshot *snapshot, const char *tail, const char *expected)
{
	char *text = NULL;
	size_t len;
	struct say say = { .out = open_memstream(&text, &len) };

	cr_assert(say.out != NULL);
	listing_line(&say, snapshot, tail);
	say_done(&say);
	cr_expect_str_eq(text, expected);
	free(text);
}

Test(listing, a_line_has_columns)
{
	struct snapshot small = full;

	expect_line(&full, "never verified",
	    "7f3a9c2b00112233  2026-11-20T23:15:00Z  full         12.4 MiB"
	    "      3021 pages  never verified\n");
	small.full = false;
	small.archive_bytes = 900;
	small.pages_stored = 1;
	expect_line(&small, "kept: daily 3 of 7",
	    "7f3a9c2b00112233  2026-11-20T23:15:00Z  increment       900 B"
	    "         1 page   kept: daily 3 of 7\n");
	expect_line(&small, NULL,
	    "7f3a9c2b00112233  2026-11-20T23:15:00Z  increment       900 B"
	    "         1 page\n");
}

Test(listing, nothing_is_known_of_a_manifest_that_cannot_be_believed)
{
	struct snapshot bad = full;

	bad.faults = SNAPSHOT_BAD_MANIFEST;
	expect_line(&bad, "tail", "20261120T231500Z-full-7f3a9c2b  tail\n");
	expect_line(&bad, NULL, "20261120T231500Z-full-7f3a9c2b\n");
}

Test(listing, times_have_no_milliseconds)
{
	char text[LISTING_TIME_BYTES];

	listing_time(1795216500999, text);
	cr_expect_str_eq(text, "2026-11-20T23:15:00Z");
}

Test(listing, faults_in_words)
{
	char text[LISTING_FAULTS_BYTES];

	listing_faults(SNAPSHOT_GOOD, text);
	cr_expect_str_empty(text);
	listing_faults(SNAPSHOT_NO_ARCHIVE, text);
	cr_expect_str_eq(text, "archive is missing");
	listing_faults(SNAPSHOT_BAD_SIZE | SNAPSHOT_NO_PARENT, text);
	cr_expect_str_eq(
	    text, "archive has the wrong size, parent is missing or another");
	/* All of them fit. */
	listing_faults(UINT32_MAX, text);
	cr_expect(strstr(text, "an ancestor is not good") != NULL);
}
