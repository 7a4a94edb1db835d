/*
 * There is one text for each evidence, and nothing else is read.
 */
#include "database/evidence_text.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

static struct evidence_past
extreme(bool high)
{
	const int64_t most = high ? INT64_MAX : INT64_MIN;
	const uint64_t count = high ? INT64_MAX : 0;
	const uint32_t word = high ? UINT32_MAX : 0;
	struct evidence_past past = {
		.scanned_ns = most,
		.times = count,
		.facts = {
			.boot = "01234567-0123-0123-0123-0123456789ab",
			.time_ns = most,
			.clock_ns = most,
			.local = high,
			.wal = high,
			.page_size = word,
			.page_count = word,
			.main = { UINT64_MAX, UINT64_MAX, count, count, most,
			    most },
			.frames = word,
			.salt = { word, word },
			.checksum = { word, word },
			.log = { UINT64_MAX, 1, 2, 3, most, most },
		},
	};

	memset(past.facts.page_one, high ? 0xff : 0, SHA256_BYTES);
	return past;
}

Test(evidence_text, comes_back)
{
	for (int high = 0; high < 2; high++) {
		struct evidence_past past = extreme(high), back;
		char text[EVIDENCE_TEXT_BYTES], again[EVIDENCE_TEXT_BYTES];

		evidence_format(&past, text);
		cr_assert(evidence_parse(text, &back), "%s", text);
		evidence_format(&back, again);
		cr_assert_str_eq(again, text);
		cr_assert_eq(back.scanned_ns, past.scanned_ns);
		cr_assert_eq(back.times, past.times);
		cr_assert_str_eq(back.facts.boot, past.facts.boot);
		cr_assert_eq(back.facts.wal, past.facts.wal);
		cr_assert_eq(back.facts.main.dev, past.facts.main.dev);
		cr_assert_eq(
		    back.facts.log.changed_ns, past.facts.log.changed_ns);
		cr_assert_arr_eq(
		    back.facts.page_one, past.facts.page_one, SHA256_BYTES);
	}
}

/* Whatever one byte becomes: another evidence in its one form, or none. */
Test(evidence_text, has_one_form)
{
	struct evidence_past past = extreme(true), back;
	char text[EVIDENCE_TEXT_BYTES], again[EVIDENCE_TEXT_BYTES];

	evidence_format(&past, text);
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		char kept = text[i];

		for (int c = 1; c < 256; c++) {
			text[i] = (char)c;
			if (!evidence_parse(text, &back))
				continue;
			evidence_format(&back, again);
			cr_assert_str_eq(again, text);
		}
		text[i] = '\0';
		cr_assert(!evidence_parse(text, &back) ||
			      (evidence_format(&back, again),
				  strcmp(again, text) == 0),
		    "cut at %zu", i);
		text[i] = kept;
	}
}

Test(evidence_text, hostile_text_is_none)
{
	struct evidence_past past = extreme(false), back = { .times = 77 };
	char text[EVIDENCE_TEXT_BYTES + 8], longest[100000];

	evidence_format(&past, text);
	(void)strcat(text, " ");
	cr_expect(!evidence_parse(text, &back));
	(void)strcat(text, "0");
	cr_expect(!evidence_parse(text, &back));
	text[0] = '2'; /* a later form */
	cr_expect(!evidence_parse(text, &back));
	cr_expect(!evidence_parse("", &back));
	cr_expect(!evidence_parse("1", &back));
	memset(longest, '9', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cr_expect(!evidence_parse(longest, &back));
	cr_expect_eq(back.times, 77);
}
