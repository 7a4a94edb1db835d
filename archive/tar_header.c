/*
 * From block to block: a header says how long its own data is, and the one
 * that announces no other is the member's (pax(1), ustar and pax formats;
 * the GNU tar manual, "Extensions").
 */
#include "archive/tar_header.h"

#include <string.h>

#include "archive/layout.h"

enum {
	SIZE_AT = 124,
	SIZE_DIGITS = 11, /* octal */
	TYPE_AT = 156,
};

static const char sparse_key[] = "GNU.sparse.";

static bool
decode_size(const uint8_t *header, size_t *ret_size)
{
	size_t size = 0;

	for (int i = 0; i < SIZE_DIGITS; i++) {
		uint8_t digit = header[SIZE_AT + i];

		if (digit < '0' || digit > '7')
			return false;
		size = size << 3 | (size_t)(digit - '0');
	}
	*ret_size = size;
	return true;
}

/* One record: "LENGTH KEY=VALUE\n", LENGTH being that of all of it. */
static bool
scan_record(const uint8_t *record, size_t len, size_t *ret_len, bool *sparse)
{
	size_t at = 0, all = 0;

	while (at < len && record[at] >= '0' && record[at] <= '9' && all <= len)
		all = 10 * all + (size_t)(record[at++] - '0');
	if (at == 0 || at == len || record[at++] != ' ' || all <= at ||
	    all > len)
		return false;
	if (all - at >= sizeof(sparse_key) - 1 &&
	    memcmp(record + at, sparse_key, sizeof(sparse_key) - 1) == 0)
		*sparse = true;
	*ret_len = all;
	return true;
}

static bool
scan_records(const uint8_t *records, size_t len, bool *sparse)
{
	for (size_t at = 0, record = 0; at < len; at += record) {
		if (!scan_record(records + at, len - at, &record, sparse))
			return false;
	}
	return true;
}

bool
tar_header_scan(const uint8_t *bytes, size_t len, struct tar_header *ret_header)
{
	struct tar_header header = { 0 };

	for (;;) {
		if (len - header.len < TAR_BLOCK)
			return false;
		const uint8_t *block = bytes + header.len;
		size_t left = len - header.len - TAR_BLOCK, size = 0;

		header.type = (char)block[TYPE_AT];
		header.len += TAR_BLOCK;
		if (header.type != 'x' && header.type != 'L')
			break;
		if (!decode_size(block, &size) || size > left)
			return false;
		if (header.type == 'x' &&
		    !scan_records(block + TAR_BLOCK, size, &header.sparse))
			return false;
		size_t padded = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
		if (padded > left)
			return false;
		header.len += padded;
	}
	*ret_header = header;
	return true;
}
