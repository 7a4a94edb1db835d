/*
 * First the marks that common files begin with, then the kind of bytes: all
 * zeros, text, or noise.  The name that an operator gives by mistake is most
 * often a side file, a dump, an archive, or a database that is encrypted.
 *
 * Noise is told by a chi-square test against equally frequent bytes: random
 * bytes give 255 on average with a deviation of 23, whatever their number,
 * while database pages, text and programs give thousands.
 */
#include "database/resemblance.h"

#include <stdbool.h>
#include <string.h>

static const struct mark {
	const char *bytes;
	size_t len;
	const char *words;
} marks[] = {
	{ "\x37\x7f\x06\x82", 4,
	    "it is a database's -wal; name the database itself" },
	{ "\x37\x7f\x06\x83", 4,
	    "it is a database's -wal; name the database itself" },
	{ "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8,
	    "it is a database's -journal; name the database itself" },
	{ "** This file contains an SQLite 2", 33,
	    "it is a database of SQLite 2" },
	{ "\x28\xb5\x2f\xfd", 4, "it looks like zstd data" },
	{ "\x1f\x8b", 2, "it looks like gzip data" },
	{ "\xfd\x37zXZ\0", 6, "it looks like xz data" },
	{ "BZh", 3, "it looks like bzip2 data" },
	{ "\x04\x22\x4d\x18", 4, "it looks like lz4 data" },
	{ "PK\x03\x04", 4, "it looks like a zip archive" },
	{ "PGDMP", 5, "it looks like a PostgreSQL dump" },
};

static const char *
mark_of(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (len >= marks[i].len &&
		    memcmp(bytes, marks[i].bytes, marks[i].len) == 0)
			return marks[i].words;
	return NULL;
}

static bool
is_zeros(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* ASCII or UTF-8, as far as single bytes can tell. */
static bool
is_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == 0x7f ||
		    (bytes[i] < 0x20 && strchr("\t\n\r\f", bytes[i]) == NULL) ||
		    bytes[i] == '\0' || bytes[i] >= 0xf8)
			return false;
	return true;
}

static bool
is_noise(const uint8_t *bytes, size_t len)
{
	unsigned count[256] = { 0 };
	double expected = (double)len / 256;
	double sum = 0;

	if (len < 512)
		return false; /* too few to say */
	for (size_t i = 0; i < len; i++)
		count[bytes[i]]++;
	for (size_t i = 0; i < 256; i++) {
		double d = count[i] - expected;
		sum += d * d / expected;
	}
	return sum < 400;
}

const char *
resemblance_of(const uint8_t *bytes, size_t len)
{
	const char *words = mark_of(bytes, len);

	if (words != NULL || len == 0)
		return words;
	if (is_zeros(bytes, len))
		return "it begins with zeros";
	if (is_text(bytes, len))
		return "it looks like text";
	if (is_noise(bytes, len))
		return "it looks encrypted (SQLCipher?) or compressed";
	return NULL;
}
