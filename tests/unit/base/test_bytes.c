#include "base/bytes.h"

#include <criterion/criterion.h>

static const uint8_t rising[8] = { 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7,
	0xf8 };

Test(bytes, big_endian)
{
	cr_assert_eq(get_be16(rising), 0x8192);
	cr_assert_eq(get_be32(rising), 0x8192a3b4);
}

Test(bytes, little_endian)
{
	cr_assert_eq(get_le24(rising), 0xa39281);
	cr_assert_eq(get_le32(rising), 0xb4a39281);
	cr_assert_eq(get_le64(rising), 0xf8e7d6c5b4a39281);
}

Test(bytes, any_address_will_do)
{
	for (size_t shift = 0; shift < 4; shift++)
		cr_assert_eq(get_le32(rising + shift) & 0xff, rising[shift]);
}

Test(bytes, what_was_put_comes_back)
{
	static const uint64_t values[] = { 0, 1, 0x80, 0xff00ff00,
		0x8000000000000000, 0xffffffffffffffff, 0x0123456789abcdef };
	uint8_t bytes[10];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		bytes[0] = bytes[9] = 0x5a;
		put_le64(bytes + 1, values[i]);
		cr_assert_eq(get_le64(bytes + 1), values[i]);
		cr_assert_eq(bytes[1], (uint8_t)values[i]);
		cr_assert(bytes[0] == 0x5a && bytes[9] == 0x5a);

		bytes[5] = 0x5a;
		put_le32(bytes + 1, (uint32_t)values[i]);
		cr_assert_eq(get_le32(bytes + 1), (uint32_t)values[i]);
		cr_assert_eq(bytes[5], 0x5a);
	}
}
