/* Three answers, and the worst of several decides. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
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
	/* Of several snapshots it is said once. */
	run_make_repository(3);
	run_expect("verify -r R --state S --scratch /nonexistent", 1, "",
	    "with --scratch");
	cr_expect_null(strstr(strstr(ran.errors, "error:") + 1, "error:"));
}

static unsigned
count(const char *words)
{
	unsigned found = 0;

	for (const char *p = ran.out; (p = strstr(p, words)) != NULL; p++)
		found++;
	return found;
}

Test(cmd_verify, every_snapshot_of_a_repository_has_a_line)
{
	run_make_repository(3);
	run_expect("verify -r R --state S", 0, "app.db ", "");
	cr_expect_eq(count(": ok ("), 3);
	cr_expect_eq(count("restored and checked"), 1);
	run_expect("verify -r R app.db --all --state S", 0, "", "");
	cr_expect_eq(count("restored and checked"), 3);
	run_expect("verify -r R --level stored --json --state S", 0,
	    "{\"type\":\"verify\",\"set\":\"app.db\",\"archive\":", "");
	cr_expect_eq(count("\"result\":\"ok\",\"level\":\"stored\""), 3);
	run_expect("verify -r R other --state S", 7, "", "other");
	run_expect("verify -r none --state S", 5, "", "none");
	run_expect("verify a --all", 2, "", "--all");
}

Test(cmd_verify, damage_names_who_needs_it)
{
	run_make_repository(3);
	cr_assert_eq(system("printf x | dd of=$(ls R/app.db/*-full-*.zst) "
			    "bs=1 seek=400 conv=notrunc status=none"),
	    0);
	run_expect(
	    "verify -r R --state S", 4, "  needed by: ", " is damaged: ");
	cr_expect_eq(count(": damaged ("), 3);
	cr_expect_eq(count("  needed by: "), 2);
	cr_expect_eq(count("it needs snapshot "), 2);
	/* What only needs it is one line, and no error of its own. */
	cr_expect_eq(count("damaged (it needs snapshot "), 2);
	const char *error = strstr(ran.errors, "litesafe: error: ");
	cr_expect(
	    error != NULL && strstr(error + 1, "litesafe: error: ") == NULL,
	    "%s", ran.errors);
	run_expect("verify -r R --state S --json", 4, "\"affects\":[\"", "");
}

Test(cmd_verify, leftovers_are_a_warning)
{
	run_make_repository(2);
	cr_assert_eq(system("rm R/app.db/*-incr-*.json"), 0);
	run_expect(
	    "verify -r R --state T", 0, "cannot be checked", "never committed");
	run_expect("verify -r R --state T --strict", 1, "", "--strict");
}

Test(cmd_verify, results_that_cannot_be_kept_are_a_warning)
{
	run_make_repository(3);
	run_expect("verify -r R --state /dev/null", 0, ": ok (",
	    "litesafe: warning: results are not remembered: ");
}

Test(cmd_verify, an_increment_alone_is_proved_but_not_checked)
{
	run_make_repository(3);
	cr_assert_eq(
	    system("cp $(ls R/app.db/*-incr-*.zst | head -1) i.tar.zst"), 0);
	run_expect("verify i.tar.zst --level stored", 0, "i.tar.zst: ok (", "");
	run_expect("verify i.tar.zst", 0, "i.tar.zst: cannot be checked (",
	    "it is an increment");
	cr_assert_eq(truncate("i.tar.zst", 300), 0);
	run_expect("verify i.tar.zst", 4, "i.tar.zst: damaged (", "");
}

Test(cmd_verify, what_is_asserted_is_asked_of_the_restored_copy)
{
	run_expect("verify a --check-sql VALUES(7) -v", 0, "a: ok (", "");
	cr_expect(strstr(ran.out, "  as asserted: 'VALUES(7)' gives '7'"));
	run_expect("verify a --check-sql VALUES(7) --check-sql SELECT(0) "
		   "--check-sql VALUES(NULL)",
	    4, "a: not as asserted (restored and checked: quick_check; ",
	    "archive 'a' is not as asserted: 'SELECT(0)' gives '0'");
	cr_expect_eq(count("  not as asserted: "), 2);
	cr_expect_eq(count("VALUES(7)"), 0);
	run_expect(
	    "verify a --json --check-sql VALUES(7) --check-sql SELECT(x)", 4,
	    "\"result\":\"refuted\"", "");
	cr_expect(strstr(ran.out,
	    "\"assertions\":[{\"sql\":\"VALUES(7)\",\"result\":\"7\",\"ok\":"
	    "true},{\"sql\":\"SELECT(x)\",\"result\":null,\"ok\":false,"
	    "\"reason\":\"no such column: x\"}]"));
}

Test(cmd_verify, what_cannot_be_asserted_is_a_usage_error)
{
	run_expect("verify a --check-sql VACUUM", 2, "",
	    "--check-sql: 'VACUUM' cannot be asserted: ");
	run_expect("verify a --level stored --check full", 2, "",
	    "--check is about restored copies, and --level stored makes none");
	run_expect("verify a --level stored --all", 2, "",
	    "--all is about restored copies");
	run_expect("verify a --level stored --check-sql VALUES(1)", 2, "",
	    "--level stored makes none");
	run_make_repository(2);
	run_expect("verify -r R --state S --check-sql VALUES(1)", 2, "",
	    "about one set of the repository, and none is named");
}

/* Nothing was asked, so nothing is said to be right. */
Test(cmd_verify, what_is_not_restored_is_not_as_asserted)
{
	run_make_repository(2);
	cr_assert_eq(
	    system("cp $(ls R/app.db/*-incr-*.zst | head -1) i.tar.zst"), 0);
	run_expect("verify i.tar.zst --check-sql VALUES(1)", 1, "",
	    "nothing could be asserted of archive 'i.tar.zst': it is an "
	    "increment");
	cr_assert_eq(system("mkdir R/none"), 0);
	run_expect("verify -r R --state S none --check-sql VALUES(1)", 7, "",
	    "nothing could be asserted: no snapshot of 'none' was restored");
	damage("b");
	run_expect("verify b --check-sql VALUES(1)", 4, "", "is damaged: ");
	cr_expect_eq(count("asserted"), 0);
}

Test(cmd_verify, of_a_repository_the_newest_is_asked)
{
	run_make_repository(3);
	run_expect("verify -r R --state S app.db --check-sql SELECT(0)", 4,
	    ": not as asserted (restored", " is not as asserted: ");
	cr_expect_eq(count(": ok (every stored byte"), 2);
	cr_expect_eq(count("  not as asserted: "), 1);
	run_expect("verify -r R --state S app.db --all --check-sql SELECT(0)",
	    4, "", "");
	cr_expect_eq(count("  not as asserted: "), 3);
	/* The copy is right all the same: nothing is done about it. */
	run_expect("verify -r R --state S", 0, ": ok (restored", "");
	run_expect("backup app.db -r R --state S", 0, "increment backup", "");
}
