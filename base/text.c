/*
 * Strict decoding: no overlong forms, no surrogates, nothing above U+10FFFF,
 * so that what passes here is read alike by every reader (JSON, tar, a
 * terminal).
 */
#include "base/text.h"

#include <assert.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Length by the first byte, the bits it gives, the least code of that length. */
static size_t
character_length(uint8_t first, uint32_t *ret_bits, uint32_t *ret_least)
{
	static const struct {
		uint8_t from, below, mask;
		uint32_t least;
	} lengths[] = {
		{ 0x00, 0x80, 0x7f, 0 },
		{ 0xc0, 0xe0, 0x1f, 0x80 },
		{ 0xe0, 0xf0, 0x0f, 0x800 },
		{ 0xf0, 0xf8, 0x07, 0x10000 },
	};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		if (first < lengths[i].from || first >= lengths[i].below)
			continue;
		*ret_bits = first & lengths[i].mask;
		*ret_least = lengths[i].least;
		return i + 1;
	}
	return 0;
}

size_t
text_character(const char *text, uint32_t *ret_code)
{
	const uint8_t *p = (const uint8_t *)text;
	uint32_t code = 0, least = 0;
	size_t len = character_length(p[0], &code, &least);

	/* The NUL at the end is no continuation byte. */
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (len == 0 || code < least || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return len;
}

/*
 * C0, DEL, C1, the line and paragraph separators, and the controls of writing
 * direction, with which a name can be made to look like another one (UTS 39).
 */
static bool
disturbs(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

/* Bytes of the printable character that `text` begins with, or 0. */
static size_t
printable_length(const char *text)
{
	uint32_t code = 0;
	size_t len = text_character(text, &code);

	return len > 0 && disturbs(code) ? 0 : len;
}

bool
text_is_printable(const char *text)
{
	while (*text != '\0') {
		size_t len = printable_length(text);

		if (len == 0)
			return false;
		text += len;
	}
	return true;
}

void
text_printable(const char *bytes, char *ret_text, size_t size)
{
	size_t used = 0;

	assert(size > 0);
	while (*bytes != '\0') {
		uint32_t code = 0;
		size_t len = printable_length(bytes);
		const char *from = len == 0 ? replacement : bytes;
		size_t put = len == 0 ? strlen(replacement) : len;

		if (used + put >= size)
			break;
		memcpy(ret_text + used, from, put);
		used += put;
		if (len == 0)
			len = text_character(bytes, &code);
		bytes += len == 0 ? 1 : len;
	}
	ret_text[used] = '\0';
}
