/*
 * Two questions with two kinds of answer: whether SQLite can connect to a
 * virtual table, and which rows have a foreign key that leads nowhere.
 */
#include "database/check_beyond.h"

#include <stdio.h>
#include <string.h>

/* From this version on integrity_check itself asks virtual tables. */
enum { version_with_xintegrity = 3044000 };

static int
ignore_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	(void)ctx, (void)row, (void)err;
	return 0;
}

static int
count_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	(void)err;
	*(int *)ctx = sqlite3_column_int(row, 0);
	return 0;
}

struct rtree {
	struct findings *findings;
	const char *table;
};

static int
rtree_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	const struct rtree *rtree = ctx;
	const char *text = "";

	if (check_text(row, 0, &text, err) < 0)
		return -1;
	if (strcmp(text, "ok") != 0)
		check_lines(rtree->findings, rtree->table, text);
	return 0;
}

static void
add_end(const struct check *check, const char *table, const char *what,
    const struct check_result *result)
{
	if (result->end != CHECK_RAN)
		findings_add(check->findings,
		    result->end == CHECK_MALFORMED ? FINDING_DAMAGED
						   : FINDING_UNVERIFIABLE,
		    table, "%s: %s", what, result->reason);
}

/* An R-tree is known by its module's name and its three shadow tables. */
static int
check_rtree(const struct check *check, const char *table, struct err *err)
{
	struct rtree rtree = { check->findings, table };
	struct check_result result;
	int parts = 0;

	if (check_run(check, count_row, &parts, &result, err,
		"SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' "
		"AND (name IN (%Q || '_node', %Q || '_parent', %Q || '_rowid') "
		"OR (name = %Q AND sql LIKE '%%USING%%rtree%%'))",
		table, table, table, table) < 0)
		return -1;
	if (result.end != CHECK_RAN || parts != 4)
		return 0;
	if (check_run(check, rtree_row, &rtree, &result, err,
		"SELECT rtreecheck('main', %Q)", table) < 0)
		return -1;
	add_end(check, table, "the R-tree cannot be checked", &result);
	return 0;
}

static int
check_virtual(const struct check *check, const char *table, const char *sql,
    void *ctx, struct err *err)
{
	const bool *content = ctx;
	struct check_result result;

	(void)sql;
	if (check_run(check, ignore_row, NULL, &result, err,
		"SELECT 1 FROM main.\"%w\" LIMIT 0", table) < 0)
		return -1;
	add_end(check, table, "the virtual table cannot be checked", &result);
	if (result.end != CHECK_RAN || !*content ||
	    sqlite3_libversion_number() >= version_with_xintegrity)
		return 0;
	return check_rtree(check, table, err);
}

int
check_virtual_tables(const struct check *check, bool content, struct err *err)
{
	return check_each_table(
	    check, CHECK_TABLES_VIRTUAL, check_virtual, &content, err);
}

/* References of one table that lead nowhere. */
struct orphans {
	unsigned long long count;
	char parent[256]; /* of the first one */
};

/* Columns: table, rowid, parent, key; in no useful order. */
static int
orphan_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	struct orphans *orphans = ctx;
	const char *parent = "";

	if (orphans->count++ > 0)
		return 0;
	if (check_text(row, 2, &parent, err) < 0)
		return -1;
	(void)snprintf(orphans->parent, sizeof(orphans->parent), "%s", parent);
	return 0;
}

static int
check_keys(const struct check *check, const char *table, const char *sql,
    void *ctx, struct err *err)
{
	struct orphans orphans = { 0 };
	struct check_result result;

	(void)sql, (void)ctx;
	if (check_run(check, orphan_row, &orphans, &result, err,
		"PRAGMA main.foreign_key_check(%Q)", table) < 0)
		return -1;
	if (orphans.count > 0)
		findings_add(check->findings, FINDING_NOTE, table,
		    "%llu foreign key%s lead%s to no row (the first one in "
		    "'%s')",
		    orphans.count, orphans.count == 1 ? "" : "s",
		    orphans.count == 1 ? "s" : "", orphans.parent);
	if (result.end == CHECK_MALFORMED)
		findings_add(check->findings, FINDING_DAMAGED, table, "%s",
		    result.reason);
	else if (result.end == CHECK_IMPOSSIBLE)
		findings_add(check->findings, FINDING_NOTE, table,
		    "foreign keys cannot be checked: %s", result.reason);
	return 0;
}

int
check_foreign_keys(const struct check *check, struct err *err)
{
	return check_each_table(
	    check, CHECK_TABLES_STORED, check_keys, NULL, err);
}
