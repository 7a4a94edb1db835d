/*
 * The recipe: can the schema be read; the check of all at once; when SQLite
 * refuses that, what is left of it; and then what SQLite passes over.
 */
#include "database/integrity.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"
#include "database/check.h"
#include "database/check_beyond.h"
#include "database/check_pages.h"
#include "database/image.h"

enum {
	least_bytes = 512, /* one page of the smallest size */
	header_writer_version = 96, /* fileformat2.html 1.3.16 */
};

/* SQLite takes an empty file for an empty database; we stored no such thing. */
static int
check_size(int fd, const char *name, struct findings *findings,
    bool *ret_usable, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_system(err, "look at '%s'", name);
	*ret_usable = st.st_size >= least_bytes;
	if (!*ret_usable)
		findings_add(findings, FINDING_DAMAGED, "",
		    "not a database: %lld bytes, where even the smallest one "
		    "has %d",
		    (long long)st.st_size, least_bytes);
	return 0;
}

/* The SQLite that wrote last, when it is newer than ours; else 0. */
static int
newer_writer(int fd, const char *name, uint32_t *ret_version, struct err *err)
{
	uint8_t bytes[4] = { 0 };
	size_t got = 0;

	if (file_read_at(fd, bytes, sizeof(bytes), header_writer_version, name,
		&got, err) < 0)
		return -1;
	*ret_version = get_be32(bytes);
	if (*ret_version <= (uint32_t)sqlite3_libversion_number())
		*ret_version = 0;
	return 0;
}

static int
one_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	(void)ctx, (void)row, (void)err;
	return 0;
}

/*
 * Nothing can be checked without the schema.  One that does not parse is
 * damage, unless it was written by a newer SQLite, whose SQL may be new too.
 */
static int
check_schema(
    const struct check *check, int fd, bool *ret_usable, struct err *err)
{
	struct check_result result;
	uint32_t newer = 0;

	if (check_run(check, one_row, NULL, &result, err,
		"SELECT name FROM main.sqlite_schema LIMIT 1") < 0 ||
	    newer_writer(fd, check->name, &newer, err) < 0)
		return -1;
	*ret_usable = result.end == CHECK_RAN;
	if (*ret_usable)
		return 0;
	if (newer != 0 &&
	    strstr(result.reason, "malformed database schema (") != NULL &&
	    strstr(result.reason, ") - ") != NULL)
		findings_add(check->findings, FINDING_UNVERIFIABLE, "",
		    "%s (SQLite %u.%u.%u wrote it, and this is the older %s)",
		    result.reason, newer / 1000000, newer / 1000 % 1000,
		    newer % 1000, sqlite3_libversion());
	else
		findings_add(check->findings,
		    result.end == CHECK_MALFORMED ? FINDING_DAMAGED
						  : FINDING_UNVERIFIABLE,
		    "", "%s", result.reason);
	return 0;
}

/* How the tables are to be looked at one by one. */
struct how {
	enum integrity_level level;
	bool structure_checked;
};

static int
check_table_of_schema(const struct check *check, const char *table,
    const char *sql, void *ctx, struct err *err)
{
	const struct how *how = ctx;

	(void)sql;
	return check_one_table(
	    check, table, how->level, how->structure_checked, err);
}

static int
check_content(const struct check *check, int fd, enum integrity_level level,
    const struct work *work, struct err *err)
{
	struct how how = { .level = level };
	struct check_result whole = { 0 };

	if (check_whole_file(check, level, &whole, err) < 0)
		return -1;
	if (whole.end != CHECK_IMPOSSIBLE)
		return 0;
	if (check_structure(check, fd, work, &how.structure_checked, err) < 0 ||
	    check_one_table(
		check, "sqlite_schema", level, how.structure_checked, err) < 0)
		return -1;
	return check_each_table(
	    check, CHECK_TABLES_STORED, check_table_of_schema, &how, err);
}

int
integrity_check(int fd, const char *name, enum integrity_level level,
    const struct work *work, struct findings *findings, struct err *err)
{
	AUTO(image) sqlite3 *db = NULL;
	unsigned damaged_before = findings->damaged;
	bool usable = false;

	if (check_size(fd, name, findings, &usable, err) < 0)
		return -1;
	if (!usable)
		return 0;
	if (image_open(fd, name, work, &db, err) < 0)
		return -1;

	struct check check = { .db = db, .name = name, .findings = findings };
	if (check_schema(&check, fd, &usable, err) < 0)
		return -1;
	if (!usable)
		return 0;
	if (check_content(&check, fd, level, work, err) < 0 ||
	    check_virtual_tables(&check, level == INTEGRITY_FULL, err) < 0)
		return -1;

	/* In a damaged database a missing row is no news of its own. */
	if (level == INTEGRITY_FULL && findings->damaged == damaged_before)
		return check_foreign_keys(&check, err);
	return 0;
}
