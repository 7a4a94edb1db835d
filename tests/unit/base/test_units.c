/* What people write is read exactly or refused; what they read is rounded. */
#include "base/units.h"

#include <criterion/criterion.h>
#include <stddef.h>

Test(units, durations)
{
	static const struct {
		const char *text;
		double seconds;
	} good[] = {
		{ "0", 0 },
		{ "5", 5 },
		{ "250ms", 0.25 },
		{ "30s", 30 },
		{ "1.5h", 5400 },
		{ "5m", 300 },
		{ "2d", 172800 },
		{ "1w", 604800 },
		{ "0.5", 0.5 },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		double seconds = -1;
		cr_expect_eq(units_parse_duration(good[i].text, &seconds), 0,
		    "%s", good[i].text);
		cr_expect_float_eq(seconds, good[i].seconds, 1e-9, "%s is %g",
		    good[i].text, seconds);
	}
}

Test(units, what_is_no_duration_is_refused)
{
	static const char *const bad[] = { "", " 5", "5 ", "-1", "+1", "1e9",
		"inf", "nan", "0x10", "5S", "5min", "1.", ".5", "1.5.5", "s",
		"99999999999999999999", "9999999999w", "5\n" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		double seconds = 42;
		cr_expect_eq(
		    units_parse_duration(bad[i], &seconds), -1, "%s", bad[i]);
		cr_expect_float_eq(seconds, 42, 1e-9, "%s", bad[i]);
	}
}

Test(units, sizes)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "1K", 1024 },
		{ "64M", 64u << 20 },
		{ "1.5G", 3ull << 29 },
		{ "2T", 2ull << 40 },
		{ "1k", 1024 },
		{ "3MiB", 3u << 20 },
		/* more digits than a double has */
		{ "18446744073709551615", UINT64_MAX },
		{ "9007199254740993", 9007199254740993ull },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t bytes = 1;
		cr_expect_eq(units_parse_size(good[i].text, &bytes), 0, "%s",
		    good[i].text);
		cr_expect_eq(bytes, good[i].bytes, "%s", good[i].text);
	}
}

Test(units, what_is_no_size_is_refused)
{
	static const char *const bad[] = { "", "-1", "1Q", "1KB", "1.5", "K",
		"18446744073709551616", "16777216T", "1 K", "1Ki" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t bytes = 42;
		cr_expect_eq(
		    units_parse_size(bad[i], &bytes), -1, "%s", bad[i]);
		cr_expect_eq(bytes, 42, "%s", bad[i]);
	}
}

Test(units, durations_for_people)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = {
		{ -1, "0 ms" },
		{ 0, "0 ms" },
		{ 0.0027, "2.7 ms" },
		{ 0.00996, "10 ms" },
		{ 0.14, "140 ms" },
		{ 0.9994, "999 ms" },
		{ 0.9996, "1.0 s" },
		{ 3.42, "3.4 s" },
		{ 59.94, "59.9 s" },
		{ 59.96, "1 min 00 s" },
		{ 125, "2 min 05 s" },
		{ 3599.6, "1 h 00 min" },
		{ 3720, "1 h 02 min" },
		{ 86400 * 3 + 4 * 3600, "3 d 04 h" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[UNITS_TEXT_BYTES];
		units_format_duration(cases[i].seconds, text);
		cr_expect_str_eq(text, cases[i].text);
	}
}

Test(units, endless_durations_stay_in_their_buffer)
{
	char text[UNITS_TEXT_BYTES];

	units_format_duration(1e300, text);
	cr_expect_str_eq(text, "3652500 d 00 h");
	units_format_duration(0.0 / 0.0, text);
	cr_expect_str_eq(text, "0 ms");
}

Test(units, sizes_for_people)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1048523, "1023.9 KiB" },
		{ 1048575, "1.0 MiB" },
		{ 1288490189, "1.2 GiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[UNITS_TEXT_BYTES];
		units_format_size(cases[i].bytes, text);
		cr_expect_str_eq(text, cases[i].text);
	}
}
