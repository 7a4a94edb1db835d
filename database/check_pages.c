/*
 * PRAGMA integrity_check and quick_check (sqlite.org/pragma.html), and what to
 * do when they refuse.
 *
 * Their program is compiled for all tables at once, so one unknown collation
 * ends it before it began.  Two smaller questions are left then.  Table by
 * table, with less and less asked of the one that is refused.  And the
 * structure of the whole file: the b-tree module checks it without looking
 * into records, so it needs neither collations nor functions; only the part
 * that compares rows does, and that part can be had and thrown away.
 */
#include "database/check_pages.h"

#include <string.h>

#include "base/auto.h"
#include "database/image.h"
#include "database/sqlite_error.h"

/* Begins the one row that comes from the b-tree module; lines follow. */
#define STRUCTURE_ROW "*** in database "

enum rows_wanted { ROWS_ALL, ROWS_STRUCTURE, ROWS_CONTENT };

struct pragma {
	struct findings *findings;
	const char *table; /* "" for the whole file */
	enum rows_wanted wanted;
};

static bool
begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int
pragma_row(void *ctx, sqlite3_stmt *row, struct err *err)
{
	const struct pragma *pragma = ctx;
	const char *text = "";

	if (check_text(row, 0, &text, err) < 0)
		return -1;
	bool structure = begins_with(text, STRUCTURE_ROW);
	if (strcmp(text, "ok") == 0 ||
	    (pragma->wanted == ROWS_STRUCTURE && !structure) ||
	    (pragma->wanted == ROWS_CONTENT && structure))
		return 0;
	check_lines(pragma->findings, pragma->table,
	    structure ? strchrnul(text, '\n') : text);
	return 0;
}

int
check_whole_file(const struct check *check, enum integrity_level level,
    struct check_result *ret_result, struct err *err)
{
	struct pragma pragma = { .findings = check->findings, .table = "" };

	if (check_run(check, pragma_row, &pragma, ret_result, err,
		"PRAGMA main.%s(%d)",
		level == INTEGRITY_FULL ? "integrity_check" : "quick_check",
		FINDINGS_MAX) < 0)
		return -1;
	if (ret_result->end == CHECK_MALFORMED)
		findings_add(check->findings, FINDING_DAMAGED, "", "%s",
		    ret_result->reason);
	return 0;
}

/* Any order will do: nothing that depends on it is believed. */
static int
some_order(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	int least = a_len < b_len ? a_len : b_len;
	int order = memcmp(a, b, (size_t)least);

	(void)ctx;
	return order != 0 ? order : a_len - b_len;
}

/* When memory ends here the collation stays unknown and SQLite says so. */
static void
stand_in(void *ctx, sqlite3 *db, int encoding, const char *name)
{
	(void)ctx;
	(void)sqlite3_create_collation_v2(
	    db, name, encoding, NULL, some_order, NULL);
}

int
check_structure(const struct check *check, int fd, const struct work *work,
    bool *ret_checked, struct err *err)
{
	/* A connection of its own: no stand-in may ever judge content. */
	AUTO(image) sqlite3 *db = NULL;
	struct check_result result;

	if (image_open(fd, check->name, work, &db, err) < 0)
		return -1;
	int rc = sqlite3_collation_needed(db, NULL, stand_in);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(
		    db, "PRAGMA ignore_check_constraints=ON", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return err_sqlite(err, db, rc, "check '%s'", check->name);

	struct check separate = *check;
	separate.db = db;
	struct pragma pragma = { check->findings, "", ROWS_STRUCTURE };
	if (check_run(&separate, pragma_row, &pragma, &result, err,
		"PRAGMA main.quick_check(%d)", FINDINGS_MAX) < 0)
		return -1;

	*ret_checked = result.end != CHECK_IMPOSSIBLE;
	if (result.end == CHECK_MALFORMED)
		findings_add(
		    check->findings, FINDING_DAMAGED, "", "%s", result.reason);
	else if (result.end == CHECK_IMPOSSIBLE)
		findings_add(check->findings, FINDING_UNVERIFIABLE, "",
		    "free pages, and that every page of the file has exactly "
		    "one use, cannot be checked: %s",
		    result.reason);
	return 0;
}

/* Ways to check a table, the most thorough one first. */
struct attempt {
	const char *pragma;
	bool skip_constraints;
	const char *left_out; /* NULL = nothing */
};

static const struct attempt full_attempts[] = {
	{ "integrity_check", false, NULL },
	{ "integrity_check", true, "CHECK constraints" },
	{ "quick_check", false, "the content of its indexes" },
	{ "quick_check", true,
	    "CHECK constraints and the content of its indexes" },
	{ 0 },
};

static const struct attempt quick_attempts[] = {
	{ "quick_check", false, NULL },
	{ "quick_check", true, "CHECK constraints" },
	{ 0 },
};

static int
try_table(const struct check *check, const struct attempt *attempt,
    struct pragma *pragma, struct check_result *ret_result, struct err *err)
{
	static const char *const skip[] = {
		"PRAGMA ignore_check_constraints=OFF",
		"PRAGMA ignore_check_constraints=ON",
	};
	int rc = sqlite3_exec(
	    check->db, skip[attempt->skip_constraints], NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return err_sqlite(
		    err, check->db, rc, "check '%s'", check->name);
	return check_run(check, pragma_row, pragma, ret_result, err,
	    "PRAGMA main.%s(%Q)", attempt->pragma, pragma->table);
}

/* The pragma takes such a name for the number of errors to stop at. */
static bool
name_is_number(const char *name)
{
	if (name[0] == '-' || name[0] == '+')
		name++;
	return name[0] >= '0' && name[0] <= '9';
}

int
check_one_table(const struct check *check, const char *table,
    enum integrity_level level, bool structure_checked, struct err *err)
{
	const struct attempt *attempt =
	    level == INTEGRITY_FULL ? full_attempts : quick_attempts;
	struct pragma pragma = { check->findings, table,
		structure_checked ? ROWS_CONTENT : ROWS_ALL };
	struct check_result first = { .end = CHECK_IMPOSSIBLE,
		.reason = "SQLite takes its name for a number" };
	struct check_result result = first;

	if (!name_is_number(table)) {
		if (try_table(check, attempt, &pragma, &first, err) < 0)
			return -1;
		result = first;
		while (result.end == CHECK_IMPOSSIBLE &&
		       (++attempt)->pragma != NULL)
			if (try_table(check, attempt, &pragma, &result, err) <
			    0)
				return -1;
	}
	if (result.end == CHECK_MALFORMED)
		findings_add(check->findings, FINDING_DAMAGED, table, "%s",
		    result.reason);
	else if (result.end == CHECK_IMPOSSIBLE)
		findings_add(check->findings, FINDING_UNVERIFIABLE, table,
		    "%s cannot be checked: %s",
		    structure_checked ? "content" : "structure and content",
		    first.reason);
	else if (attempt->left_out != NULL)
		findings_add(check->findings, FINDING_UNVERIFIABLE, table,
		    "%s cannot be checked: %s", attempt->left_out,
		    first.reason);
	return 0;
}
