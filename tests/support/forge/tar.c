#include "tests/support/forge/tar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
set_sum(uint8_t *header)
{
	unsigned sum = 0;

	memset(header + 148, ' ', 8);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += header[i];
	(void)snprintf((char *)header + 148, 8, "%06o", sum);
}

void
tar_set_field(uint8_t *header, size_t at, size_t size, const char *text)
{
	memset(header + at, 0, size);
	memcpy(header + at, text, strlen(text) < size ? strlen(text) : size);
	set_sum(header);
}

void
tar_set_size(uint8_t *header, const char *text)
{
	if (text[0] != '^') {
		tar_set_field(header, 124, 12, text);
		return;
	}
	/* GNU's binary form: a set first bit, then a big-endian number. */
	int power = atoi(text + 1);
	memset(header + 124, 0, 12);
	header[124] = 0x80;
	header[135 - power / 8] |= (uint8_t)(1u << power % 8);
	set_sum(header);
}

struct bytes
tar_member(const char *name, char type, const void *data, size_t len)
{
	static const uint8_t zeros[TAR_BLOCK];
	uint8_t header[TAR_BLOCK] = { 0 };
	struct bytes member = { NULL, 0 };
	char size[13];

	(void)snprintf((char *)header, 100, "%s", name);
	memcpy(header + 100, "0000644", 8);
	memcpy(header + 108, "0000000", 8);
	memcpy(header + 116, "0000000", 8);
	memcpy(header + 136, "15000000000", 12);
	header[156] = (uint8_t)type;
	memcpy(header + 257, "ustar\00000", 8);
	(void)snprintf(size, sizeof(size), "%011zo", len);
	tar_set_field(header, 124, 12, size);
	bytes_add(&member, header, sizeof(header));
	bytes_add(&member, data, len);
	bytes_add(&member, zeros, (TAR_BLOCK - len % TAR_BLOCK) % TAR_BLOCK);
	return member;
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself (POSIX pax). */
struct bytes
tar_pax(const char *key, const char *value)
{
	char record[1000], rest[990];
	int len = snprintf(rest, sizeof(rest), " %s=%s\n", key, value);
	int total = len + 1;

	while (snprintf(record, sizeof(record), "%d%s", total, rest) != total)
		total++;
	return tar_member("pax", 'x', record, (size_t)total);
}
