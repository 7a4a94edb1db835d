/*
 * A -wal read as SQLite would read it after a crash (sqlite.org/fileformat2.html
 * 4), without SQLite: what it has, and whether it fits the main file.
 *
 * The files are opened, so this is not for a process that has SQLite
 * connections to them (closing a descriptor would drop their locks), and the
 * answers are those of a moment while somebody writes.  Every byte is treated
 * as hostile.
 */
#ifndef DATABASE_WAL_FILE_H
#define DATABASE_WAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/work.h"

enum { WAL_HEADER_BYTES = 32, WAL_FRAME_HEADER_BYTES = 24 };

struct wal_header {
	uint32_t page_size; /* 512 to 65536, a power of two */
	bool big_endian; /* the words of its sums */
	uint8_t salts[8];
	uint32_t sum[2];
};

/* False for a header that SQLite does not believe: it ignores such a WAL. */
bool wal_header_decode(
    const uint8_t bytes[WAL_HEADER_BYTES], struct wal_header *ret_header);

struct wal_file {
	uint64_t bytes; /* 0: there is none */
	bool believed; /* `header` is one that SQLite believes */
	struct wal_header header;
	uint32_t frames; /* up to the last commit; what follows is no more */
	uint32_t pages; /* of the database after that commit */
};

/* Reads all frames and proves their sums, as SQLite's recovery does. */
int wal_file_read(const char *path, const struct work *work,
    struct wal_file *ret_wal, struct err *err);

/* The newest state of each page in the WAL, compared with the main file. */
struct wal_fit {
	uint32_t same; /* pages that are so in the main file, too */
	uint32_t newer; /* pages that are not */
	uint32_t absent; /* pages of the database that are in neither file */
	bool has_page_one;
	uint32_t change_counter; /* in it, if has_page_one */
};

/*
 * `path` is the main file, `wal` what wal_file_read() said of its -wal, with
 * frames in it.  Memory: one bit for each page, ERR_FAILED above 2^28 pages.
 */
int wal_file_compare(const char *path, const struct wal_file *wal,
    const struct work *work, struct wal_fit *ret_fit, struct err *err);

#endif
