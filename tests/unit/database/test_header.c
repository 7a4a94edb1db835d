#include "database/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "database/resemblance.h"

/* A header as SQLite writes it, of an image in memory. */
static void
make(const char *sql, uint8_t ret_bytes[HEADER_BYTES])
{
	sqlite3 *db = NULL;
	sqlite3_int64 size = 0;

	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	unsigned char *image = sqlite3_serialize(db, "main", &size, 0);
	cr_assert_not_null(image);
	memcpy(ret_bytes, image, HEADER_BYTES);
	sqlite3_free(image);
	(void)sqlite3_close(db);
}

Test(header, every_field)
{
	uint8_t bytes[HEADER_BYTES];
	struct header h;
	struct err err = { 0 };

	make("PRAGMA page_size = 8192; PRAGMA encoding = 'UTF-16be';"
	     "PRAGMA user_version = 7; PRAGMA application_id = 400000000;"
	     "CREATE TABLE t(a); CREATE TABLE u(a)",
	    bytes);
	cr_assert_eq(header_decode(bytes, sizeof(bytes), &h, &err), 0);
	cr_assert_eq(h.page_size, 8192);
	cr_assert_not(h.wal);
	cr_assert_eq(h.reserved_bytes, 0);
	cr_assert_eq(h.page_count, 3);
	cr_assert_eq(h.schema_cookie, 2);
	cr_assert_eq(h.user_version, 7);
	cr_assert_eq(h.application_id, 400000000);
	cr_assert_str_eq(header_encoding_name(&h), "UTF-16be");

	bytes[18] = bytes[19] = 2;
	bytes[20] = 40;
	memcpy(bytes + 24, "\x01\x02\x03\x04", 4);
	memcpy(bytes + 92, "\x01\x02\x03\x04", 4);
	memcpy(bytes + 96, "\x00\x2e\x63\x01", 4);
	cr_assert_eq(header_decode(bytes, sizeof(bytes), &h, &err), 0);
	cr_assert(h.wal);
	cr_assert_eq(h.reserved_bytes, 40);
	cr_assert_eq(h.change_counter, 0x01020304);
	cr_assert(h.page_count_valid);
	cr_assert_eq(h.writer_version, 3040001);
	bytes[95]++;
	cr_assert_eq(header_decode(bytes, sizeof(bytes), &h, &err), 0);
	cr_assert_not(h.page_count_valid);
}

Test(header, page_sizes_and_encodings)
{
	uint8_t bytes[HEADER_BYTES];
	struct header h;
	struct err err = { 0 };

	make("CREATE TABLE t(a)", bytes);
	for (uint32_t stored = 0; stored < 65536; stored++) {
		uint32_t size = stored == 1 ? 65536 : stored;
		bool good = size >= 512 && (size & (size - 1)) == 0;

		bytes[16] = (uint8_t)(stored >> 8);
		bytes[17] = (uint8_t)stored;
		cr_assert_eq(header_decode(bytes, sizeof(bytes), &h, &err),
		    good ? 0 : -1, "%u", stored);
		cr_assert(!good || h.page_size == size);
	}
	static const char *const names[] = { "UTF-8", "UTF-8", "UTF-16le",
		"UTF-16be", "UTF-8" };
	make("CREATE TABLE t(a)", bytes);
	for (uint8_t i = 0; i < 5; i++) {
		bytes[59] = i;
		cr_assert_eq(header_decode(bytes, sizeof(bytes), &h, &err), 0);
		cr_assert_str_eq(header_encoding_name(&h), names[i]);
	}
}

/* SQLite's own answer to the same bytes, in pages of 512. */
static bool
sqlite_reads(const uint8_t *bytes)
{
	static const char path[] = "/tmp/litesafe-header-test";
	char name[64];
	uint8_t page[1024] = { 0 };
	sqlite3 *db = NULL;

	memcpy(page, bytes, HEADER_BYTES);
	page[100] = 13;
	page[105] = 2; /* an empty leaf whose cells begin at 512 */
	(void)snprintf(name, sizeof(name), "%s-%d", path, (int)getpid());
	FILE *file = fopen(name, "wb");
	cr_assert_eq(fwrite(page, sizeof(page), 1, file), 1);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY, NULL), 0);
	int rc = sqlite3_exec(db, "PRAGMA schema_version", NULL, NULL, NULL);
	(void)sqlite3_close(db);
	(void)remove(name);
	return rc == SQLITE_OK;
}

Test(header, as_strict_as_sqlite)
{
	uint8_t bytes[HEADER_BYTES];
	struct header h;
	struct err err = { 0 };
	unsigned accepted = 0;

	make("PRAGMA page_size = 512; CREATE TABLE t(a)", bytes);
	memcpy(bytes + 28, "\0\0\0\2", 4);
	for (size_t at = 0; at < HEADER_BYTES; at++) {
		static const uint8_t values[] = { 0, 1, 3, 32, 33, 64, 255 };
		for (size_t i = 0; i < sizeof(values); i++) {
			uint8_t kept = bytes[at];

			/* Counts that a file of two pages cannot have. */
			if (at >= 16 && at <= 17)
				continue;
			if (at >= 28 && at <= 31)
				continue;
			bytes[at] = values[i];
			bool ours =
			    header_decode(bytes, sizeof(bytes), &h, &err) == 0;
			bool theirs = sqlite_reads(bytes);
			cr_assert_eq(ours, theirs, "byte %zu = %u: %s", at,
			    values[i], err.text);
			accepted += ours;
			bytes[at] = kept;
		}
	}
	cr_assert_gt(accepted, 100);
}

Test(header, short_input)
{
	uint8_t bytes[HEADER_BYTES];
	struct header h;
	struct err err = { 0 };

	make("CREATE TABLE t(a)", bytes);
	for (size_t len = 0; len < sizeof(bytes); len++) {
		cr_assert_eq(header_decode(bytes, len, &h, &err), -1);
		cr_assert_eq(err.kind, ERR_INPUT);
	}
	(void)header_decode(bytes, 99, &h, &err);
	cr_assert_str_eq(err.text,
	    "not a whole SQLite database: its header of 100 bytes ends after "
	    "99");
}

static const char *
refusal(const void *bytes, size_t len)
{
	static struct err err;
	struct header h;

	cr_assert_eq(header_decode(bytes, len, &h, &err), -1);
	cr_assert_eq(err.kind, ERR_INPUT);
	return err.text;
}

Test(header, says_what_a_file_looks_like)
{
	uint8_t noise[4096];
	uint8_t zeros[512] = { 0 };
	uint8_t odd[600];

	cr_assert_str_eq(refusal("", 0), "not a SQLite database");
	cr_assert_str_eq(refusal("PRAGMA foreign_keys=OFF;\nBEGIN", 30),
	    "not a SQLite database: it looks like text");
	cr_assert_str_eq(refusal("gr\xc3\xbc\xc3\x9f", 6),
	    "not a SQLite database: it looks like text");
	cr_assert_str_eq(refusal("\x1f\x8b\x08", 3),
	    "not a SQLite database: it looks like gzip data");
	cr_assert_str_eq(refusal("\x28\xb5\x2f\xfd\x04", 5),
	    "not a SQLite database: it looks like zstd data");
	cr_assert_str_eq(refusal("PK\x03\x04....", 8),
	    "not a SQLite database: it looks like a zip archive");
	cr_assert_str_eq(refusal("\x37\x7f\x06\x82\0\0", 6),
	    "not a SQLite database: it is a database's -wal; name the database "
	    "itself");
	cr_assert_str_eq(
	    refusal("** This file contains an SQLite 2.1 database **", 47),
	    "not a SQLite database: it is a database of SQLite 2");
	cr_assert_str_eq(refusal(zeros, sizeof(zeros)),
	    "not a SQLite database: it begins with zeros");
	cr_assert_eq(getrandom(noise, sizeof(noise), 0), sizeof(noise));
	noise[0] = 'x';
	cr_assert_str_eq(refusal(noise, sizeof(noise)),
	    "not a SQLite database: it looks encrypted (SQLCipher?) or "
	    "compressed");
	for (size_t i = 0; i < sizeof(odd); i++)
		odd[i] = (uint8_t)(i * i % 7);
	cr_assert_str_eq(refusal(odd, sizeof(odd)), "not a SQLite database");
}

/* It is said of chance only: 1000 random pieces, and none of a program. */
Test(resemblance, noise_is_recognised)
{
	unsigned found = 0;

	for (int i = 0; i < 1000; i++) {
		uint8_t bytes[512];

		cr_assert_eq(getrandom(bytes, sizeof(bytes), 0), sizeof(bytes));
		bytes[0] = 'x';
		found += resemblance_of(bytes, sizeof(bytes)) != NULL;
	}
	cr_assert_gt(found, 990);

	FILE *file = fopen("/proc/self/exe", "rb");
	uint8_t bytes[4096];
	cr_assert_not_null(file);
	for (int i = 0; i < 20 && fread(bytes, sizeof(bytes), 1, file) == 1;
	     i++)
		cr_assert_null(
		    i == 0 ? NULL
			   : strstr(resemblance_of(bytes, sizeof(bytes)) == NULL
					? ""
					: resemblance_of(bytes, sizeof(bytes)),
				 "encrypted"));
	(void)fclose(file);
}
