#include "database/sqlite_error.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

Test(sqlite_error, kinds)
{
	static const struct {
		int rc;
		enum err_kind kind;
	} cases[] = {
		{ SQLITE_BUSY, ERR_BUSY },
		{ SQLITE_BUSY_SNAPSHOT, ERR_BUSY },
		{ SQLITE_LOCKED, ERR_BUSY },
		{ SQLITE_CORRUPT, ERR_DAMAGED },
		{ SQLITE_CORRUPT_INDEX, ERR_DAMAGED },
		{ SQLITE_NOTADB, ERR_DAMAGED },
		{ SQLITE_FULL, ERR_NO_SPACE },
		{ SQLITE_CANTOPEN, ERR_INPUT },
		{ SQLITE_PERM, ERR_INPUT },
		{ SQLITE_READONLY_DIRECTORY, ERR_INPUT },
		{ SQLITE_AUTH, ERR_INPUT },
		{ SQLITE_IOERR_READ, ERR_FAILED },
		{ SQLITE_NOMEM, ERR_FAILED },
		{ SQLITE_ERROR, ERR_FAILED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { .hint = "old" };

		cr_assert_eq(err_sqlite(&err, NULL, cases[i].rc, "x"), -1);
		cr_assert_eq(err.kind, cases[i].kind, "%d", cases[i].rc);
		cr_assert_eq(err.code, cases[i].rc);
		cr_assert_str_neq(err.hint, "old");
	}
}

Test(sqlite_error, own_words_only_when_they_belong_to_the_result)
{
	struct err err = { 0 };
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	int rc = sqlite3_exec(db, "SELECT * FROM missing", NULL, NULL, NULL);
	(void)err_sqlite(&err, db, rc, "read '%s'", "x.db");
	cr_assert_str_eq(err.text, "read 'x.db': no such table: missing");
	(void)err_sqlite(&err, db, SQLITE_CORRUPT, "read '%s'", "x.db");
	cr_assert_str_eq(
	    err.text, "read 'x.db': database disk image is malformed");
	cr_assert_eq(err.kind, ERR_DAMAGED);
	(void)err_sqlite(&err, NULL, SQLITE_IOERR_SHORT_READ, "read");
	cr_assert_str_eq(err.text, "read: disk I/O error (code 522)");
	(void)sqlite3_close(db);
}

Test(sqlite_error, the_systems_reason)
{
	struct err err = { 0 };
	sqlite3 *db = NULL;

	int rc = sqlite3_open_v2(
	    "/tmp/litesafe/not/there", &db, SQLITE_OPEN_READONLY, NULL);
	cr_assert_eq(rc, SQLITE_CANTOPEN);
	(void)err_sqlite(&err, db, rc, "open");
	cr_assert_str_eq(err.text,
	    "open: unable to open database file: No such file or directory");
	(void)sqlite3_close(db);
}

Test(sqlite_error, text_of_any_length)
{
	struct err err = { 0 };
	char longest[2000];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	(void)err_sqlite(&err, NULL, SQLITE_IOERR_READ, "%s", longest);
	cr_assert_eq(strlen(err.text), sizeof(err.text) - 1);
}
