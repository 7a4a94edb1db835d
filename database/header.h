/*
 * The 100 bytes at the beginning of every SQLite database
 * (sqlite.org/fileformat2.html 1.3), read and checked; nothing else.
 */
#ifndef DATABASE_HEADER_H
#define DATABASE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { HEADER_MAGIC_BYTES = 16, HEADER_BYTES = 100, HEADER_DATABASE_MIN = 512 };

struct header {
	uint32_t page_size; /* 512 to 65536, a power of two */
	bool wal; /* the read version is 2: SQLite reads through a -wal */
	uint8_t reserved_bytes;
	uint32_t change_counter;
	uint32_t page_count; /* as stored; see page_count_valid */
	bool page_count_valid; /* version-valid-for = change counter */
	uint32_t schema_cookie;
	uint32_t encoding; /* 1 UTF-8, 2 UTF-16le, 3 UTF-16be; 0 none yet */
	uint32_t user_version;
	uint32_t application_id;
	uint32_t writer_version; /* 3040001 = SQLite 3.40.1 */
};

/*
 * ERR_INPUT and the reason when this is not the header of a database that
 * SQLite 3 reads: other magic (and then whether it looks encrypted or like
 * some other file), impossible page size, unknown format version.
 */
int header_decode(const uint8_t *bytes, size_t len, struct header *ret_header,
    struct err *err);

/* The 16 bytes are there that make SQLite take a file for one of its own. */
bool header_has_magic(const uint8_t *bytes, size_t len);

/* "UTF-8", "UTF-16le", "UTF-16be"; UTF-8 for 0, as SQLite treats it. */
const char *header_encoding_name(const struct header *header);

#endif
