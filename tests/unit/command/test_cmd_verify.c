/* Three answers, and the worst of several decides. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

TestSuite(cmd_verify, .init = run_make_archive, .fini = run_remove_folder);

/* A copy of the archive, with one byte in the middle changed. */
static void
damage(const char *name)
{
	static char bytes[4 << 20];
	int from = open("a", O_RDONLY), to = open(name, O_RDWR | O_CREAT, 0600);
	ssize_t got = read(from, bytes, sizeof(bytes));

	cr_assert(got > 1000 && got < (ssize_t)sizeof(bytes));
	bytes[got / 2] ^= 1;
	cr_assert_eq(write(to, bytes, (size_t)got), got);
	(void)close(from);
	(void)close(to);
}

Test(cmd_verify, ok_says_what_was_done)
{
	run_expect(
	    "verify a", 0, "a: ok (restored and checked: quick_check; ", "");
	cr_expect_str_empty(ran.errors);
	run_expect("verify a --check full", 0,
	    "integrity_check, foreign_key_check; ", "");
	run_expect("verify a --level stored", 0,
	    "a: ok (every stored byte and page sum read and compared; ", "");
	run_expect("verify a --json", 0,
	    "\"result\":\"ok\",\"level\":\"restore\"", "");
}

Test(cmd_verify, damage_is_an_error_also_when_quiet)
{
	damage("b");
	run_expect("verify b", 4, "b: damaged (",
	    "litesafe: error: archive 'b' is damaged: ");
	cr_expect(strstr(ran.out, "\n  damaged: ") != NULL);
	run_expect("verify b -q", 4, "", "archive 'b' is damaged");
	cr_expect_str_empty(ran.out);
	run_expect(
	    "verify b --level stored --json", 4, "\"result\":\"damaged\"", "");
	cr_expect(strstr(ran.out, "{\"type\":\"summary\",\"command\":"
				  "\"verify\",\"ok\":false,\"exit_code\":4"));
}

Test(cmd_verify, damage_beats_what_else_went_wrong)
{
	damage("b");
	run_expect("verify missing a b a", 4, "a: ok", "'missing'");
	run_expect("verify missing a", 1, "a: ok", "'missing'");
}

static int
collate(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	(void)ctx;
	int least = a_len < b_len ? a_len : b_len;
	int order = memcmp(a, b, (size_t)least);
	return order != 0 ? order : a_len - b_len;
}

/* An index in an order that only its application knows. */
static void
make_unverifiable(void)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open("c.db", &db), SQLITE_OK);
	cr_assert_eq(
	    sqlite3_create_collation(db, "ours", SQLITE_UTF8, NULL, collate),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db,
			 "CREATE TABLE t(a TEXT COLLATE ours UNIQUE);"
			 "INSERT INTO t VALUES('x'),('y');",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

Test(cmd_verify, what_cannot_be_checked_is_a_warning)
{
	make_unverifiable();
	run_expect("backup c.db -o c --verify restore", 0, "verified: restore",
	    "litesafe: warning: every page of 'c' was read back");
	run_expect(
	    "verify c", 0, "c: cannot be checked (", "litesafe: warning: ");
	cr_expect(strstr(ran.out, "\n  cannot be checked: ") != NULL);
	run_expect("verify c --strict", 1, "", "--strict");
	run_expect("verify c --json", 0, "\"result\":\"unverifiable\"", "");
	run_expect("verify a c --level stored --strict", 0, "c: ok", "");
	run_expect("restore c --to d.db", 0, "checked by SQLite in part",
	    "litesafe: warning: every page of ");
}

Test(cmd_verify, standard_input)
{
	int fd = open("a", O_RDONLY);

	(void)dup2(fd, STDIN_FILENO);
	(void)close(fd);
	run_expect("verify -", 0, "standard input: ok (", "");
}

Test(cmd_verify, a_scratch_folder_that_is_missing_is_no_verdict)
{
	run_expect("verify a --scratch /nonexistent", 1, "", "/nonexistent");
	run_expect("verify a --scratch /nonexistent --level stored", 1, "",
	    "/nonexistent");
}
