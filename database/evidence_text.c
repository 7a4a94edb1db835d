/*
 * The numbers stand in one list, which both directions go through.  What was
 * parsed is written again and must be the same text: so there is one form of
 * it, and a sign, a blank, an overflow or a leading zero needs no rule of its
 * own.
 */
#include "database/evidence_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the list below. */
static const int form = 1;

#define NUMBERS_OF_FILE(each, file) \
	each(file.dev) each(file.ino) each(file.links) each(file.bytes) \
	    each(file.modified_ns) each(file.changed_ns)

#define NUMBERS(each) \
	each(scanned_ns) each(times) each(facts.time_ns) each(facts.clock_ns) \
	    each(facts.local) each(facts.wal) each(facts.page_size) \
		each(facts.page_count) NUMBERS_OF_FILE(each, facts.main) \
		    each(facts.frames) each(facts.salt[0]) each(facts.salt[1]) \
			each(facts.checksum[0]) each(facts.checksum[1]) \
			    NUMBERS_OF_FILE(each, facts.log)

void
evidence_format(
    const struct evidence_past *past, char ret_text[EVIDENCE_TEXT_BYTES])
{
	char page_one[SHA256_TEXT_BYTES];
	int len;

	sha256_format(past->facts.page_one, page_one);
	len = snprintf(ret_text, EVIDENCE_TEXT_BYTES, "%d %.36s %s", form,
	    past->facts.boot, page_one);
#define PUT(field) \
	len += snprintf(ret_text + len, EVIDENCE_TEXT_BYTES - (size_t)len, \
	    " %" PRId64, (int64_t)past->field);
	NUMBERS(PUT)
#undef PUT
}

bool
evidence_parse(const char *text, struct evidence_past *ret_past)
{
	struct evidence_past past = { .times = 0 };
	char page_one[SHA256_TEXT_BYTES], again[EVIDENCE_TEXT_BYTES];
	struct err ignored;
	int at = 0;

	if (sscanf(text, "%*d %36s %64s%n", past.facts.boot, page_one, &at) !=
		2 ||
	    sha256_parse(page_one, past.facts.page_one, &ignored) < 0)
		return false;
	const char *rest = text + at;
	char *end = NULL;
#define GET(field) \
	past.field = (__typeof__(past.field))strtoll(rest, &end, 10); \
	rest = end;
	NUMBERS(GET)
#undef GET
	evidence_format(&past, again);
	if (strcmp(again, text) != 0)
		return false;
	*ret_past = past;
	return true;
}
