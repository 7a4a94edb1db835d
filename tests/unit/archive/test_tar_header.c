/* Where headers end; whatever is in them, nothing beyond them is read. */
#include "archive/tar_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/unit/archive/crafted.h"

/* An extended header with these records, then a file's. */
static struct crafted
extended(char type, const char *records, const char *size)
{
	struct crafted crafted = { 0 };
	char octal[12];

	(void)snprintf(
	    octal, sizeof(octal), "%011o", (unsigned)strlen(records));
	craft_header(&crafted, "x", size != NULL ? size : octal, type, NULL);
	craft_add(&crafted, records, strlen(records));
	craft_pad(&crafted);
	craft_header(&crafted, "app.db", "00000001000", '0', NULL);
	return crafted;
}

/* Exactly these bytes, so that a tool sees each read beyond them. */
static bool
scan(const struct crafted *crafted, size_t len, struct tar_header *header)
{
	uint8_t *exact = malloc(len > 0 ? len : 1);

	memcpy(exact, crafted->raw.at, len);
	bool good = tar_header_scan(exact, len, header);
	free(exact);
	return good;
}

static void
expect(char type, const char *records, bool sparse)
{
	struct crafted crafted = extended(type, records, NULL);
	struct tar_header header = { 0 };
	size_t len = crafted.raw.len;

	cr_assert(scan(&crafted, len, &header), "%s", records);
	cr_expect_eq(header.len, len);
	cr_expect_eq(header.type, '0');
	cr_expect_eq(header.sparse, sparse, "%s", records);
	for (size_t cut = 0; cut < len; cut++)
		cr_expect_not(scan(&crafted, cut, &header), "%zu", cut);
	craft_add(&crafted, "data", 4);
	cr_assert(scan(&crafted, len + 4, &header));
	cr_expect_eq(header.len, len);
	craft_free(&crafted);
}

static void
refused(const char *records, const char *size)
{
	struct crafted crafted = extended('x', records, size);
	struct tar_header header;

	cr_expect_not(scan(&crafted, crafted.raw.len, &header), "%s", records);
	craft_free(&crafted);
}

Test(tar_header, what_our_writers_make)
{
	expect('x', "13 path=a.db\n", false);
	expect('x', "22 GNU.sparse.major=1\n", true);
	expect('x', "13 path=a.db\n22 GNU.sparse.minor=0\n", true);
	expect('L', "a long name", false);
}

Test(tar_header, only_a_key_makes_a_file_sparse)
{
	expect('x', "27 path=GNU.sparse.major=1\n", false);
	expect('x', "24 path=\nGNU.sparse.x=1\n", false);
	expect('L', "22 GNU.sparse.major=1\n", false);
}

Test(tar_header, records_have_the_length_that_they_say)
{
	refused("12 path=a.db\n", NULL);
	refused("14 path=a.db\n", NULL);
	refused("path=a.db\n", NULL);
	refused("0 path=a.db\n", NULL);
	refused("3 path=a.db\n", NULL);
	refused("13path=a.db\n", NULL);
	refused("99999999999999999999999999999 path=a.db\n", NULL);
	refused("13", NULL);
}

Test(tar_header, sizes_are_octal_and_lie_in_the_piece)
{
	refused("13 path=a.db\n", "00000000018");
	refused("13 path=a.db\n", "0000000001 ");
	refused("13 path=a.db\n", "77777777777");
	refused("13 path=a.db\n", "00000002001");
	refused("13 path=a.db\n", "\x80\0\0\0\0\0\0\0\0\0\x0d");
}

Test(tar_header, another_type_is_told)
{
	static const char types[] = { '1', '2', '5', 'S', 'g', 'K', '\0' };

	for (size_t i = 0; i < sizeof(types); i++) {
		struct crafted crafted = { 0 };
		struct tar_header header = { 0 };

		craft_header(&crafted, "app.db", "00000000000", types[i], NULL);
		cr_assert(scan(&crafted, crafted.raw.len, &header));
		cr_expect_eq(header.type, types[i]);
		cr_expect_eq(header.len, 512);
		craft_free(&crafted);
	}
}
