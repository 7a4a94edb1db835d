#include "database/retire.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "database/engine.h"
#include "tests/unit/database/live.h"

static void
begin(void)
{
	struct err err = { 0 };

	live_begin();
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
}

TestSuite(retire, .init = begin, .fini = live_end);

static int
number(const char *file, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	cr_assert_eq(
	    sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK,
	    "%s", sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	int value = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
	return value;
}

static unsigned
names_in_folder(void)
{
	unsigned count = 0;
	DIR *dir = opendir(live_folder);

	cr_assert_not_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		count += entry->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

static off_t
size_of(const char *suffix)
{
	struct stat st;

	return stat(live_path(suffix), &st) == 0 ? st.st_size : -1;
}

static uint8_t
write_version(void)
{
	uint8_t byte = 0;
	AUTO(fd) int fd = open(live_db, O_RDONLY | O_CLOEXEC);

	cr_assert_eq(pread(fd, &byte, 1, 18), 1);
	return byte;
}

static void
put(const char *suffix, const void *bytes, size_t len)
{
	AUTO(fd)
	int fd = open(
	    live_path(suffix), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
}

/* A child that must not get in: its exit code is SQLite's answer. */
static int
others_can_read(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		sqlite3 *db = NULL;
		(void)sqlite3_open_v2(
		    live_db, &db, SQLITE_OPEN_READWRITE, NULL);
		_exit(sqlite3_exec(
			  db, "SELECT * FROM sqlite_schema", NULL, NULL, NULL) &
		      0xff);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void
retires(uint8_t version)
{
	struct err err = { 0 };
	struct retired *retired = NULL;
	char aside[160];

	cr_assert_eq(retire_open(live_db, &retired, &err), 0, "%s", err.text);
	cr_assert_eq(names_in_folder(), 1);
	cr_assert_eq(others_can_read(), SQLITE_BUSY);

	/* As a restore does it: aside, and another file takes the name. */
	(void)snprintf(aside, sizeof(aside), "%s/aside", live_folder);
	cr_assert_eq(rename(live_db, aside), 0);
	put("", "new", 3);
	put("-wal", "new wal", 7);
	put("-journal", "new journal", 11);
	put("-shm", "new shm", 7);
	retire_close(retired);
	cr_assert_eq(size_of(""), 3);
	cr_assert_eq(size_of("-wal"), 7);
	cr_assert_eq(size_of("-journal"), 11);
	cr_assert_eq(size_of("-shm"), 7);
	cr_assert_eq(names_in_folder(), 5);

	cr_assert_eq(rename(aside, live_db), 0);
	cr_assert_eq(unlink(live_path("-wal")), 0);
	cr_assert_eq(unlink(live_path("-journal")), 0);
	cr_assert_eq(unlink(live_path("-shm")), 0);
	cr_assert_eq(write_version(), version);
	cr_assert_eq(number(live_db, "SELECT sum(a) FROM t"), 42);
	cr_assert_eq(number(live_db, "SELECT integrity_check = 'ok' FROM "
				     "pragma_integrity_check"),
	    1);
}

static void
refuses(enum err_kind kind, const char *text)
{
	struct err err = { 0 };
	struct retired *retired = NULL;

	cr_assert_eq(retire_open(live_db, &retired, &err), -1);
	cr_assert_eq(err.kind, kind, "%s", err.text);
	cr_assert_not_null(strstr(err.text, text), "%s", err.text);
	cr_assert_null(retired);
}

Test(retire, a_clean_rollback_database)
{
	live_sql_and_die("CREATE TABLE t(a); INSERT INTO t VALUES(42)");
	retires(1);
}

Test(retire, a_clean_wal_database)
{
	live_sql_and_die("PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
			 "INSERT INTO t VALUES(42)");
	cr_assert_eq(number(live_db, "SELECT count(*) FROM t"), 1);
	cr_assert_eq(names_in_folder(), 1, "this was not a clean one");
	retires(2);
}

Test(retire, a_dead_wal)
{
	live_sql_and_die("PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
			 "INSERT INTO t VALUES(40); INSERT INTO t VALUES(2);"
			 "BEGIN; INSERT INTO t VALUES(1000)");
	cr_assert_gt(size_of("-wal"), 0);
	retires(2);
}

Test(retire, a_hot_journal)
{
	live_sql_and_die(
	    "CREATE TABLE t(a); INSERT INTO t VALUES(42);"
	    "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN;"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
	    "FROM n WHERE i < 5000) INSERT INTO t SELECT i FROM n");
	cr_assert_gt(size_of("-journal"), 0);
	retires(1);
}

Test(retire, a_persistent_journal)
{
	live_sql_and_die("PRAGMA journal_mode=PERSIST; CREATE TABLE t(a);"
			 "INSERT INTO t VALUES(42)");
	cr_assert_gt(size_of("-journal"), 0);
	retires(1);
}

Test(retire, a_broken_schema_does_not_matter)
{
	struct err err = { 0 };
	AUTO(retired) struct retired *retired = NULL;

	live_sql_and_die(
	    "PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
	    "PRAGMA writable_schema=ON;"
	    "UPDATE sqlite_schema SET sql = 'CREATE TABLE t(a,,)'");
	cr_assert_eq(retire_open(live_db, &retired, &err), 0, "%s", err.text);
	cr_assert_eq(names_in_folder(), 1);
}

static void
busy_with(const char *sql)
{
	live_sql_and_die("PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
			 "INSERT INTO t VALUES(42)");
	pid_t child = live_holder(sql);
	off_t wal = size_of("-wal");
	off_t shm = size_of("-shm");
	char who[64];

	(void)snprintf(who, sizeof(who), "in use by process %d", (int)child);
	refuses(ERR_BUSY, who);
	cr_assert_eq(size_of("-wal"), wal);
	cr_assert_eq(size_of("-shm"), shm);
	live_kill(child);
	retires(write_version());
}

Test(retire, a_live_reader)
{
	busy_with("BEGIN; SELECT * FROM t");
}

Test(retire, a_live_writer)
{
	busy_with("BEGIN IMMEDIATE; INSERT INTO t VALUES(1000)");
}

Test(retire, an_idle_connection)
{
	busy_with("SELECT * FROM t");
}

Test(retire, an_idle_rollback_connection)
{
	live_sql_and_die("CREATE TABLE t(a); INSERT INTO t VALUES(42)");
	pid_t child = live_holder("SELECT * FROM t");
	refuses(ERR_BUSY, "in use by process");
	live_kill(child);
}

Test(retire, what_is_no_database)
{
	char wal[64] = "what an application committed";

	refuses(ERR_FAILED, "No such file");
	put("", "", 0);
	put("-wal", wal, sizeof(wal));
	refuses(ERR_DAMAGED, "is not an SQLite database");
	cr_assert_eq(size_of("-wal"), (off_t)sizeof(wal));
	cr_assert_eq(size_of(""), 0);

	char noise[5000];
	memset(noise, 'x', sizeof(noise));
	put("", noise, sizeof(noise));
	refuses(ERR_DAMAGED, "is not an SQLite database");
	cr_assert_eq(size_of("-wal"), (off_t)sizeof(wal));
	cr_assert_eq(size_of(""), (off_t)sizeof(noise));
}

/* SQLite would read past it and drop it: the rows in it would be lost. */
Test(retire, a_wal_with_a_spoiled_header)
{
	live_sql_and_die("PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
			 "INSERT INTO t VALUES(42)");
	off_t wal = size_of("-wal");
	for (off_t i = 0; i < 32; i++) {
		AUTO(fd) int fd = open(live_path("-wal"), O_RDWR | O_CLOEXEC);
		uint8_t byte = 0;
		cr_assert_eq(pread(fd, &byte, 1, i), 1);
		byte ^= 0x40;
		cr_assert_eq(pwrite(fd, &byte, 1, i), 1);
		refuses(ERR_DAMAGED, "-wal");
		byte ^= 0x40;
		cr_assert_eq(pwrite(fd, &byte, 1, i), 1);
	}
	cr_assert_eq(size_of("-wal"), wal);
	retires(2);
}

static void
put_be32(uint8_t *at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(n >> (24 - 8 * i));
}

/* The sum is right, as of a WAL that another program wrote. */
static void
set_page_size_of_wal(uint32_t size)
{
	AUTO(fd) int fd = open(live_path("-wal"), O_RDWR | O_CLOEXEC);
	uint8_t header[32];
	uint32_t a = 0, b = 0;

	cr_assert_eq(pread(fd, header, sizeof(header), 0), sizeof(header));
	put_be32(header, 0x377f0682);
	put_be32(header + 8, size);
	for (size_t i = 0; i < 24; i += 8) {
		a += get_le32(header + i) + b;
		b += get_le32(header + i + 4) + a;
	}
	put_be32(header + 24, a);
	put_be32(header + 28, b);
	cr_assert_eq(pwrite(fd, header, sizeof(header), 0), sizeof(header));
}

Test(retire, a_wal_with_pages_that_cannot_be)
{
	static const uint32_t sizes[] = { 0, 256, 4095, 131072 };

	live_sql_and_die("PRAGMA journal_mode=WAL; CREATE TABLE t(a);"
			 "INSERT INTO t VALUES(42)");
	off_t wal = size_of("-wal");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		set_page_size_of_wal(sizes[i]);
		refuses(ERR_DAMAGED, "-wal");
	}
	cr_assert_eq(size_of("-wal"), wal);
}

Test(retire, other_things_under_the_name)
{
	cr_assert_eq(mkfifo(live_db, 0600), 0);
	refuses(ERR_INPUT, "not a regular file");
	cr_assert_eq(unlink(live_db), 0);
	live_sql_and_die("CREATE TABLE t(a)");
	cr_assert_eq(link(live_db, live_path("-link")), 0);
	refuses(ERR_REFUSED, "2 hard links");
}

/* Root may write anything, so this one becomes somebody else. */
Test(retire, a_file_that_may_not_be_written)
{
	live_sql_and_die("CREATE TABLE t(a)");
	cr_assert_eq(chmod(live_db, 0444), 0);
	cr_assert_eq(chmod(live_folder, 0755), 0);
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		struct err err = { 0 };
		struct retired *retired = NULL;
		if (getuid() == 0 && setuid(65534) != 0)
			_exit(8);
		_exit(retire_open(live_db, &retired, &err) == -1 &&
			      err.kind == ERR_INPUT && err.hint[0] != '\0'
			  ? 0
			  : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
}
