/* There is one line for each bond, and nothing else is read. */
#include "backup/bond.h"

#include <criterion/criterion.h>
#include <string.h>

static void
make(struct bond *bond, struct evidence_past *past)
{
	*bond = (struct bond){
		.id = "0123456789abcdef",
		.time_ms = INT64_MAX,
		.root = { 1, 2, 255 },
		.path = { 3 },
		.listing = { 4 },
		.chain = "fedcba9876543210",
		.chain_ms = INT64_MIN,
	};
	*past = (struct evidence_past){ .scanned_ns = 5,
		.facts = { .boot = "01234567-0123-0123-0123-0123456789ab" } };
}

Test(bond, comes_back)
{
	struct bond bond, back;
	struct evidence_past past, past_back;
	char line[BOND_LINE_BYTES];

	make(&bond, &past);
	bond_format(&bond, &past, line);
	cr_assert(bond_parse(line, &back, &past_back), "%s", line);
	cr_expect_str_eq(back.id, bond.id);
	cr_expect_eq(back.time_ms, bond.time_ms);
	cr_expect_arr_eq(back.root, bond.root, SHA256_BYTES);
	cr_expect_arr_eq(back.path, bond.path, SHA256_BYTES);
	cr_expect_arr_eq(back.listing, bond.listing, SHA256_BYTES);
	cr_expect_str_eq(back.chain, bond.chain);
	cr_expect_eq(back.chain_ms, bond.chain_ms);
	cr_expect_eq(past_back.scanned_ns, 5);
}

Test(bond, has_one_form)
{
	struct bond bond, back;
	struct evidence_past past, past_back;
	char line[BOND_LINE_BYTES], again[BOND_LINE_BYTES];

	make(&bond, &past);
	bond_format(&bond, &past, line);
	size_t len = strlen(line);
	for (size_t i = 0; i < len; i++) {
		char kept = line[i];

		for (int c = 0; c < 256; c++) {
			line[i] = (char)c;
			if (!bond_parse(line, &back, &past_back))
				continue;
			bond_format(&back, &past_back, again);
			cr_assert_str_eq(again, line);
		}
		line[i] = kept;
	}
	cr_expect(!bond_parse("", &back, &past_back));
	memcpy(line, "../../..", 8);
	cr_expect(!bond_parse(line, &back, &past_back));
	memcpy(line, "01234567", 8);
	cr_expect(bond_parse(line, &back, &past_back));
	cr_expect(!bond_parse("0123456789abcdef ", &back, &past_back));
	(void)strcat(line, "0");
	(void)strcat(line, " ");
	cr_expect(!bond_parse(line, &back, &past_back));
}
