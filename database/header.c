/*
 * The conditions are those under which SQLite itself takes page one for a
 * database (sqlite.org/fileformat2.html 1.3; lockBtree() in its btree.c), no
 * stricter: whatever SQLite can read can be backed up.
 */
#include "database/header.h"

#include <string.h>

#include "base/bytes.h"
#include "database/resemblance.h"

/* Where each field lies. */
enum {
	at_page_size = 16,
	at_read_version = 19,
	at_reserved_bytes = 20,
	at_fractions = 21,
	at_change_counter = 24,
	at_page_count = 28,
	at_schema_cookie = 40,
	at_encoding = 56,
	at_user_version = 60,
	at_application_id = 68,
	at_version_valid_for = 92,
	at_writer_version = 96,
};

enum {
	read_version_wal = 2, /* the newest that there is */
	usable_min = 480, /* bytes of a page that are not reserved */
};

static int
not_a_database(const uint8_t *bytes, size_t len, struct err *err)
{
	const char *looks = resemblance_of(bytes, len);

	(void)err_set(err, ERR_INPUT, 0, "not a SQLite database%s%s",
	    looks == NULL ? "" : ": ", looks == NULL ? "" : looks);
	return err_hint(err,
	    "is it the right file? if it was a database until now, keep it, "
	    "and restore its last good state");
}

/* 1 stands for 65536, which 16 bits cannot hold. */
static int
decode_page_size(const uint8_t *bytes, uint32_t *ret_size, struct err *err)
{
	uint32_t stored = get_be16(bytes + at_page_size);
	uint32_t size = stored == 1 ? 65536 : stored;

	if (size < 512 || (size & (size - 1)) != 0)
		return err_set(err, ERR_INPUT, 0,
		    "not a database that SQLite reads: a page size of %u",
		    stored);
	*ret_size = size;
	return 0;
}

static int
check_format(const uint8_t *bytes, uint32_t page_size, struct err *err)
{
	static const uint8_t fractions[3] = { 64, 32, 32 };
	unsigned version = bytes[at_read_version];
	unsigned reserved = bytes[at_reserved_bytes];

	if (version > read_version_wal)
		return err_set(err, ERR_INPUT, 0,
		    "a database of file format version %u, which needs a "
		    "newer SQLite",
		    version);
	if (memcmp(bytes + at_fractions, fractions, sizeof(fractions)) != 0)
		return err_set(err, ERR_INPUT, 0,
		    "not a database that SQLite reads: payload fractions "
		    "%u, %u, %u",
		    bytes[at_fractions], bytes[at_fractions + 1],
		    bytes[at_fractions + 2]);
	if (page_size - reserved < usable_min)
		return err_set(err, ERR_INPUT, 0,
		    "not a database that SQLite reads: %u reserved bytes in "
		    "pages of %u",
		    reserved, page_size);
	return 0;
}

bool
header_has_magic(const uint8_t *bytes, size_t len)
{
	static const char magic[HEADER_MAGIC_BYTES] = "SQLite format 3";

	return len >= sizeof(magic) && memcmp(bytes, magic, sizeof(magic)) == 0;
}

int
header_decode(const uint8_t *bytes, size_t len, struct header *ret_header,
    struct err *err)
{
	uint32_t page_size = 0;

	if (!header_has_magic(bytes, len))
		return not_a_database(bytes, len, err);
	if (len < HEADER_BYTES)
		return err_set(err, ERR_INPUT, 0,
		    "not a whole SQLite database: its header of %d bytes ends "
		    "after %zu",
		    HEADER_BYTES, len);
	if (decode_page_size(bytes, &page_size, err) < 0 ||
	    check_format(bytes, page_size, err) < 0)
		return -1;

	uint32_t change_counter = get_be32(bytes + at_change_counter);
	uint32_t page_count = get_be32(bytes + at_page_count);
	*ret_header = (struct header){
		.page_size = page_size,
		.wal = bytes[at_read_version] == read_version_wal,
		.reserved_bytes = bytes[at_reserved_bytes],
		.change_counter = change_counter,
		.page_count = page_count,
		.page_count_valid =
		    page_count != 0 &&
		    get_be32(bytes + at_version_valid_for) == change_counter,
		.schema_cookie = get_be32(bytes + at_schema_cookie),
		.encoding = get_be32(bytes + at_encoding),
		.user_version = get_be32(bytes + at_user_version),
		.application_id = get_be32(bytes + at_application_id),
		.writer_version = get_be32(bytes + at_writer_version),
	};
	return 0;
}

const char *
header_encoding_name(const struct header *header)
{
	/* SQLite looks at these two bits only. */
	switch (header->encoding & 3) {
	case 2:
		return "UTF-16le";
	case 3:
		return "UTF-16be";
	default:
		return "UTF-8";
	}
}
