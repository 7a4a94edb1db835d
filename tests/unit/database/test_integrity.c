#include "database/integrity.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "database/engine.h"
#include "images.h"
#include "tests/unit/shared/fresh.h"

static struct findings findings;

static void
check_fd(int fd, enum integrity_level level)
{
	struct err err = { 0 };

	memset(&findings, 0, sizeof(findings));
	cr_assert_eq(integrity_check(fd, "x", level, NULL, &findings, &err), 0,
	    "%s", err.text);
}

static void
check(const char *sql, enum integrity_level level)
{
	AUTO(fd) int fd = image_with(sql);

	check_fd(fd, level);
}

static void
expect_counts(unsigned damaged, unsigned unverifiable, unsigned notes)
{
	const char *first = findings.listed > 0 ? findings.list[0].text : "";

	cr_assert_eq(findings.damaged, damaged, "damaged %u, first: %s",
	    findings.damaged, first);
	cr_assert_eq(findings.unverifiable, unverifiable,
	    "unverifiable %u, first: %s", findings.unverifiable, first);
	cr_assert_eq(findings.notes, notes, "notes %u, first: %s",
	    findings.notes, first);
}

/* One finding of this kind about this object says this. */
static void
expect_finding(enum finding_kind kind, const char *object, const char *text)
{
	for (unsigned i = 0; i < findings.listed; i++)
		if (findings.list[i].kind == kind &&
		    strcmp(findings.list[i].object, object) == 0 &&
		    strstr(findings.list[i].text, text) != NULL)
			return;
	cr_assert_fail("no finding about '%s' says '%s'", object, text);
}

/* Enough rows for trees of several pages. */
#define ROWS(table) \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n " \
	"WHERE i < 2000) INSERT INTO " table " SELECT i, hex(i * i) FROM n;"

Test(integrity, ok)
{
	static const char sql[] =
	    "PRAGMA journal_mode=WAL;"
	    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE);" ROWS(
		"t") "CREATE TABLE w(a, b, PRIMARY KEY(a, b)) WITHOUT ROWID;"
		     "CREATE TABLE g(a INT, b INT AS (abs(a)) CHECK(b >= 0)) STRICT;"
		     "INSERT INTO g VALUES(-1);"
		     "CREATE VIRTUAL TABLE f USING fts5(x);"
		     "INSERT INTO f VALUES('word');"
		     "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);"
		     "INSERT INTO r VALUES(1, 2, 3);"
		     "CREATE VIEW v AS SELECT nosuch FROM t;"
		     "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT nosuch(1); END;";

	check(sql, INTEGRITY_QUICK);
	expect_counts(0, 0, 0);
	check(sql, INTEGRITY_FULL);
	expect_counts(0, 0, 0);
}

Test(integrity, empty_short_and_foreign_files)
{
	char folder[FRESH_BYTES];
	fresh_folder(folder);
	AUTO(fd) int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	uint8_t noise[4096];

	cr_assert_geq(fd, 0);
	cr_assert_eq(rmdir(folder), 0);
	check_fd(fd, INTEGRITY_QUICK);
	expect_counts(1, 0, 0);
	memset(noise, 0x5a, sizeof(noise));
	cr_assert_eq(pwrite(fd, noise, 511, 0), 511);
	check_fd(fd, INTEGRITY_QUICK);
	expect_counts(1, 0, 0);
	cr_assert_eq(pwrite(fd, noise, sizeof(noise), 0), 4096);
	check_fd(fd, INTEGRITY_QUICK);
	expect_counts(1, 0, 0);
	expect_finding(FINDING_DAMAGED, "", "not a database");
}

Test(integrity, truncated)
{
	AUTO(fd)
	int fd =
	    image_with("CREATE TABLE t(a INTEGER PRIMARY KEY, b);" ROWS("t"));

	cr_assert_eq(ftruncate(fd, 3 * 4096), 0);
	check_fd(fd, INTEGRITY_QUICK);
	cr_assert_gt(findings.damaged, 0);
}

Test(integrity, a_zeroed_page_is_damage)
{
	AUTO(fd)
	int fd =
	    image_with("CREATE TABLE t(a INTEGER PRIMARY KEY, b);" ROWS("t"));
	uint8_t zeros[4096] = { 0 };

	cr_assert_eq(pwrite(fd, zeros, sizeof(zeros), 2 * 4096), 4096);
	check_fd(fd, INTEGRITY_QUICK);
	cr_assert_gt(findings.damaged, 0);
	cr_assert_eq(findings.unverifiable, 0);
}

Test(integrity, an_index_that_lacks_a_row)
{
	static const char sql[] =
	    "CREATE TABLE t(a, b); CREATE INDEX i ON t(a);"
	    "INSERT INTO t VALUES(1, 2);"
	    "PRAGMA writable_schema=ON;"
	    "CREATE TABLE other(a, b); CREATE INDEX empty ON other(a);"
	    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM "
	    "sqlite_schema WHERE name = 'empty') WHERE name = 'i';"
	    "DELETE FROM sqlite_schema WHERE name = 'empty';";

	check(sql, INTEGRITY_FULL);
	expect_finding(FINDING_DAMAGED, "", "missing from index i");
}

Test(integrity, a_schema_that_does_not_parse)
{
	check("CREATE TABLE t(a); PRAGMA writable_schema=ON;"
	      "UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a,,)'",
	    INTEGRITY_QUICK);
	expect_counts(1, 0, 0);
	expect_finding(FINDING_DAMAGED, "", "malformed database schema");
}

Test(integrity, a_schema_of_a_newer_sqlite_is_no_proof_of_damage)
{
	AUTO(fd)
	int fd = image_with(
	    "CREATE TABLE t(a); PRAGMA writable_schema=ON;"
	    "UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a) NEW SYNTAX'");
	static const uint8_t version[4] = { 0x00, 0x3d, 0x09, 0x00 };

	cr_assert_eq(pwrite(fd, version, sizeof(version), 96), 4);
	check_fd(fd, INTEGRITY_QUICK);
	expect_counts(0, 1, 0);
	expect_finding(FINDING_UNVERIFIABLE, "", "SQLite 4.0.0 wrote it");
}

/* t needs the collation; `fine` does not, and is damaged below. */
#define COLLATION_SQL \
	"CREATE TABLE fine(a INTEGER PRIMARY KEY, b NOT NULL);" ROWS( \
	    "fine") "CREATE TABLE t(a TEXT COLLATE APP PRIMARY KEY, b);" ROWS("t")

Test(integrity, unknown_collation)
{
	check(COLLATION_SQL, INTEGRITY_QUICK);
	expect_counts(0, 1, 0);
	expect_finding(FINDING_UNVERIFIABLE, "t",
	    "content cannot be checked: no such collation sequence: APP");
	check(COLLATION_SQL, INTEGRITY_FULL);
	expect_counts(0, 1, 0);
	check("CREATE TABLE t(a TEXT COLLATE APP PRIMARY KEY) WITHOUT ROWID;"
	      "INSERT INTO t VALUES('a'), ('b'), ('c')",
	    INTEGRITY_FULL);
	expect_counts(0, 1, 0);
}

/* A stand-in for the collation must see structure, and judge no order. */
Test(integrity, damage_beside_an_unknown_collation)
{
	uint8_t noise[64];
	memset(noise, 0xff, sizeof(noise));

	for (int page = 1; page < 20; page++) {
		AUTO(fd) int fd = image_with(COLLATION_SQL);
		/* The header of any b-tree page of t, fine or the index. */
		cr_assert_eq(pwrite(fd, noise, sizeof(noise), page * 4096),
		    (ssize_t)sizeof(noise));
		check_fd(fd, INTEGRITY_FULL);
		cr_assert_gt(findings.damaged, 0, "page %d", page + 1);
	}
}

Test(integrity, a_leaked_page_beside_an_unknown_collation)
{
	check(COLLATION_SQL "PRAGMA writable_schema=ON;"
			    "CREATE TABLE lost(a);"
			    "DELETE FROM sqlite_schema WHERE name = 'lost'",
	    INTEGRITY_QUICK);
	cr_assert_eq(findings.damaged, 1);
	expect_finding(FINDING_DAMAGED, "", "never used");
}

Test(integrity, a_wrong_row_beside_an_unknown_collation)
{
	check("CREATE TABLE t(a TEXT COLLATE APP PRIMARY KEY);"
	      "CREATE TABLE c(a CHECK(a > 0));"
	      "PRAGMA ignore_check_constraints=ON; INSERT INTO c VALUES(-1)",
	    INTEGRITY_QUICK);
	expect_counts(1, 1, 0);
	expect_finding(FINDING_DAMAGED, "c", "CHECK constraint failed in c");
}

Test(integrity, unknown_function)
{
	static const char *const in_index[] = {
		"CREATE TABLE t(a); CREATE INDEX i ON t(app(a));"
		"INSERT INTO t VALUES(1)",
		"CREATE TABLE t(a); CREATE INDEX i ON t(a) WHERE app(a);"
		"INSERT INTO t VALUES(1)",
		"CREATE TABLE t(a, b AS (app(a))); CREATE INDEX i ON t(b);"
		"INSERT INTO t VALUES(1)",
	};

	for (unsigned i = 0; i < 3; i++) {
		check(in_index[i], INTEGRITY_FULL);
		expect_counts(0, 1, 0);
		expect_finding(FINDING_UNVERIFIABLE, "t",
		    "indexes cannot be checked: unknown function: app()");
	}
	/* A quick check does not look into indexes, here as anywhere. */
	check(in_index[0], INTEGRITY_QUICK);
	expect_counts(0, 0, 0);
}

Test(integrity, unknown_function_in_a_constraint)
{
	static const char sql[] =
	    "CREATE TABLE t(a CHECK(app(a)), b NOT NULL);"
	    "INSERT INTO t VALUES(1, 1);"
	    "CREATE TABLE c(a CHECK(a > 0));"
	    "PRAGMA ignore_check_constraints=ON; INSERT INTO c VALUES(-1)";

	for (int level = INTEGRITY_QUICK; level <= INTEGRITY_FULL; level++) {
		check(sql, (enum integrity_level)level);
		expect_counts(1, 1, 0);
		expect_finding(FINDING_UNVERIFIABLE, "t",
		    "CHECK constraints cannot be checked: unknown function");
		expect_finding(FINDING_DAMAGED, "c", "CHECK constraint");
	}
}

Test(integrity, unknown_function_in_a_generated_column)
{
	check("CREATE TABLE t(a, b AS (app(a)) NOT NULL);"
	      "INSERT INTO t VALUES(1); CREATE TABLE fine(a)",
	    INTEGRITY_QUICK);
	expect_counts(0, 2, 0);
	expect_finding(FINDING_UNVERIFIABLE, "t", "unknown function: app()");
	expect_finding(FINDING_UNVERIFIABLE, "", "free pages");
}

/* SQLite forgets constraints when it knows that it cannot write. */
Test(integrity, a_violated_constraint)
{
	check("CREATE TABLE t(a CHECK(a > 0)); PRAGMA "
	      "ignore_check_constraints=ON; INSERT INTO t VALUES(-1)",
	    INTEGRITY_QUICK);
	expect_counts(1, 0, 0);
	expect_finding(FINDING_DAMAGED, "", "CHECK constraint failed in t");
}

/* Of two pages, and it wants more than a gigabyte. */
Test(integrity, a_schema_that_asks_for_too_much)
{
	check("CREATE TABLE t(a CHECK(hex(zeroblob(900000000 + a)) > ''));"
	      "CREATE TABLE fine(a); PRAGMA ignore_check_constraints=ON;"
	      "INSERT INTO t VALUES(1)",
	    INTEGRITY_FULL);
	expect_counts(0, 1, 0);
	expect_finding(FINDING_UNVERIFIABLE, "t",
	    "CHECK constraints cannot be checked: out of memory, of which SQLite may have "
	    "512 MiB here");
	cr_assert_leq(sqlite3_memory_highwater(0), ENGINE_HEAP_MAX);
}

Test(integrity, unknown_module_and_tokenizer)
{
	check("CREATE TABLE t(a); PRAGMA writable_schema=ON;"
	      "INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql)"
	      "VALUES('table', 'm', 'm', 0,"
	      " 'CREATE VIRTUAL TABLE m USING nosuch(a)'),"
	      "('table', 'k', 'k', 0,"
	      " 'CREATE VIRTUAL TABLE k USING fts5(a, tokenize=nosuch)')",
	    INTEGRITY_QUICK);
	expect_counts(0, 2, 0);
	expect_finding(FINDING_UNVERIFIABLE, "m", "no such module: nosuch");
	expect_finding(FINDING_UNVERIFIABLE, "k", "tokenizer");
}

Test(integrity, a_wrong_rtree)
{
	check("CREATE VIRTUAL TABLE r USING rtree(id, x0, x1);"
	      "INSERT INTO r VALUES(1, 2, 3); DELETE FROM r_rowid",
	    INTEGRITY_FULL);
	cr_assert_gt(findings.damaged, 0);
}

Test(integrity, rows_that_refer_to_nothing_are_notes)
{
	static const char sql[] =
	    "CREATE TABLE p(id INTEGER PRIMARY KEY);"
	    "CREATE TABLE c(p REFERENCES p, q REFERENCES nowhere(z));"
	    "INSERT INTO c VALUES(1, NULL), (2, 3);"
	    "CREATE TABLE m(a); CREATE TABLE n(a REFERENCES m(a));"
	    "INSERT INTO n VALUES(1)";

	check(sql, INTEGRITY_QUICK);
	expect_counts(0, 0, 0);
	check(sql, INTEGRITY_FULL);
	expect_counts(0, 0, 2);
	expect_finding(FINDING_NOTE, "c", "3 foreign keys lead to no row");
	expect_finding(FINDING_NOTE, "n", "foreign key mismatch");
}

Test(integrity, hostile_names)
{
	check("CREATE TABLE \"a'b\"\"c;\n\x1b[2J\"(x COLLATE APP UNIQUE);"
	      "CREATE TABLE \"5 rows\"(x); CREATE TABLE \"-1\"(x);"
	      "CREATE TABLE \"%s%n'); DROP TABLE x; --\"(x NOT NULL)",
	    INTEGRITY_FULL);
	expect_counts(0, 3, 0);
	expect_finding(
	    FINDING_UNVERIFIABLE, "a'b\"c;\xef\xbf\xbd\xef\xbf\xbd[2J", "APP");
	expect_finding(FINDING_UNVERIFIABLE, "5 rows", "number");
	expect_finding(FINDING_UNVERIFIABLE, "-1", "number");
}

/* Any change of any byte of the header must end in an answer. */
Test(integrity, every_header_byte)
{
	AUTO(fd)
	int fd =
	    image_with("PRAGMA auto_vacuum=FULL; CREATE TABLE t(a);"
		       "INSERT INTO t VALUES(zeroblob(9000)); DELETE FROM t;"
		       "INSERT INTO t VALUES(zeroblob(5000))");

	for (int i = 0; i < 110; i++) {
		uint8_t was = 0;
		cr_assert_eq(pread(fd, &was, 1, i), 1);
		for (int flip = 1; flip < 256; flip += 127) {
			uint8_t now = (uint8_t)(was ^ flip);
			cr_assert_eq(pwrite(fd, &now, 1, i), 1);
			check_fd(fd, INTEGRITY_FULL);
		}
		cr_assert_eq(pwrite(fd, &was, 1, i), 1);
	}
	check_fd(fd, INTEGRITY_FULL);
	expect_counts(0, 0, 0);
}

Test(integrity, a_read_error_is_not_damage)
{
	AUTO(fd) int readable = image_with("CREATE TABLE t(a)");
	char link[64];
	struct err err = { 0 };

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", readable);
	AUTO(fd) int fd = open(link, O_WRONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	memset(&findings, 0, sizeof(findings));
	cr_assert_eq(
	    integrity_check(fd, "x", INTEGRITY_QUICK, NULL, &findings, &err),
	    -1);
	cr_assert_eq(err.kind, ERR_FAILED);
	cr_assert_eq(findings.damaged, 0);
}

Test(integrity, a_stop_request_is_not_damage)
{
	AUTO(fd)
	int fd =
	    image_with("CREATE TABLE t(a INTEGER PRIMARY KEY, b);" ROWS("t"));
	struct work work = { .phase = NULL };
	struct err err = { 0 };

	atomic_store(&work.stop, SIGINT);
	memset(&findings, 0, sizeof(findings));
	cr_assert_eq(
	    integrity_check(fd, "x", INTEGRITY_FULL, &work, &findings, &err),
	    -1);
	cr_assert_eq(err.kind, ERR_STOPPED);
	cr_assert_eq(findings.damaged, 0);
}
