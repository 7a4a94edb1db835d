/*
 * Backups into a repository: which parent is chosen and why not, what is
 * stored, what is remembered, and what is left when a step says no.
 */
#include "backup/snapshot.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "archive/archive_read.h"
#include "base/auto.h"
#include "database/engine.h"
#include "repository/catalog.h"
#include "tests/unit/shared/fresh.h"

static char folder[FRESH_BYTES];
static const char *const app_db[] = { "app.db" };
static struct repository repository;

static void
make_folder(void)
{
	struct err err = { 0 };
	bool made = false;

	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	fresh_folder(folder);
	cr_assert_eq(chdir(folder), 0);
	cr_assert_eq(repository_init("R", false, &repository, &made, &err), 0,
	    "%s", err.text);
}

static void
remove_folder(void)
{
	char command[FRESH_BYTES + 16];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(snapshot, .init = make_folder, .fini = remove_folder);

static void
sql(const char *path, const char *text)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK, "%s",
	    sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

static void
make_database(const char *path, const char *mode)
{
	char text[400];

	(void)snprintf(text, sizeof(text),
	    "PRAGMA page_size=1024; PRAGMA journal_mode=%s;"
	    "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB);"
	    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
	    "WHERE i < 2000) INSERT INTO t SELECT i, randomblob(300) FROM c",
	    mode);
	sql(path, text);
}

static struct backup_repository
into(void)
{
	return (struct backup_repository){
		.repository = &repository,
		.state = "S",
	};
}

static int
take(const char *database, const struct backup_repository *where,
    struct backup_result *result, struct err *err)
{
	const struct backup_options options = {
		.databases = &database,
		.database_count = 1,
		.repository = where,
		.tool = "litesafe test",
		.level = 1,
		.threads = 2,
		.busy_timeout_ms = 100,
	};

	return backup_run(&options, result, err);
}

static struct backup_result
taken(const char *database, const struct backup_repository *where)
{
	struct backup_result result;
	struct err err = { 0 };

	cr_assert_eq(take(database, where, &result, &err), 0, "%s", err.text);
	return result;
}

static size_t
snapshots(const char *set)
{
	AUTO(catalog) struct catalog catalog = { .count = 0 };
	struct err err = { 0 };

	if (catalog_read(&repository, set, &catalog, &err) < 0)
		return 0;
	for (size_t i = 0; i < catalog.count; i++)
		cr_expect_eq(catalog.list[i].faults, SNAPSHOT_GOOD);
	cr_expect_eq(catalog.orphan_count, 0);
	return catalog.count;
}

Test(snapshot, the_first_is_a_full_and_then_come_increments)
{
	const struct backup_repository where = into();

	make_database("app.db", "WAL");
	struct backup_result first = taken("app.db", &where);
	cr_expect_str_eq(first.manifest.kind, "full");
	cr_expect_str_eq(first.full_because, "it is the first of its set");
	cr_expect_str_eq(first.manifest.parent, "");
	cr_expect_eq(access(first.archive, R_OK), 0);

	sql("app.db", "UPDATE t SET b = randomblob(300) WHERE a = 77");
	struct backup_result second = taken("app.db", &where);
	cr_expect_str_eq(second.manifest.kind, "increment");
	cr_expect_str_eq(second.manifest.parent, first.manifest.id);
	cr_expect_eq(memcmp(second.manifest.database.parent_root,
			 first.manifest.database.root, SHA256_BYTES),
	    0);
	cr_expect_gt(second.manifest.database.pages_stored, 0);
	cr_expect_lt(second.manifest.database.pages_stored, 6);
	cr_expect_eq(second.notices, 0);
	cr_expect_eq(snapshots("app.db"), 2);
}

Test(snapshot, archive_and_manifest_are_private)
{
	const struct backup_repository where = into();
	struct stat st;

	make_database("app.db", "WAL");
	(void)umask(0);
	struct backup_result first = taken("app.db", &where);
	cr_assert_eq(stat(first.archive, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(stat("R/app.db", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
	cr_assert_eq(stat("S", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
}

Test(snapshot, nothing_changed)
{
	struct backup_repository where = into();

	make_database("app.db", "DELETE");
	struct backup_result first = taken("app.db", &where);
	struct backup_result second = taken("app.db", &where);
	cr_expect_eq(second.manifest.database.pages_stored, 0);
	cr_expect_eq(memcmp(second.manifest.database.root,
			 first.manifest.database.root, SHA256_BYTES),
	    0);
	cr_expect(!second.unchanged);
	cr_expect_eq(snapshots("app.db"), 2);

	where.skip_unchanged = true;
	struct backup_result third = taken("app.db", &where);
	cr_expect(third.unchanged);
	cr_expect_str_eq(third.manifest.parent, second.manifest.id);
	cr_expect_eq(snapshots("app.db"), 2);
}

Test(snapshot, without_a_state_the_archives_are_read)
{
	struct backup_repository where = into();

	where.state = NULL;
	make_database("app.db", "WAL");
	(void)taken("app.db", &where);
	for (int i = 0; i < 4; i++) {
		sql("app.db", "UPDATE t SET b = randomblob(300) WHERE a = 5");
		struct backup_result next = taken("app.db", &where);
		cr_expect_str_eq(next.manifest.kind, "increment");
		cr_expect_lt(next.manifest.database.pages_stored, 6);
		cr_expect_eq(next.notices, 0);
	}
	cr_expect_eq(access("S", F_OK), -1);
}

/* Of the same size and shape, but of another database. */
Test(snapshot, a_foreign_memory_is_not_believed)
{
	struct backup_repository where = into();

	make_database("app.db", "WAL");
	make_database("b.db", "WAL");
	(void)taken("app.db", &where);
	(void)taken("b.db", &where);
	cr_assert_eq(system("cp S/*/b.db/sums S/*/app.db/sums"), 0);
	sql("app.db", "UPDATE t SET b = randomblob(300) WHERE a = 5");
	struct backup_result next = taken("app.db", &where);
	cr_expect_str_eq(next.manifest.kind, "increment");
	cr_expect_lt(next.manifest.database.pages_stored, 6);
}

Test(snapshot, another_database_is_refused)
{
	const struct backup_repository where = into();
	struct backup_result result;
	struct err err = { 0 };

	cr_assert_eq(mkdir("x", 0700), 0);
	make_database("app.db", "WAL");
	make_database("x/app.db", "WAL");
	(void)taken("app.db", &where);
	cr_expect_eq(take("x/app.db", &where, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.hint, "--set") != NULL);
	cr_expect_eq(snapshots("app.db"), 1);
}

Test(snapshot, a_full_when_asked)
{
	struct backup_repository where = into();

	make_database("app.db", "WAL");
	(void)taken("app.db", &where);
	where.full = true;
	struct backup_result second = taken("app.db", &where);
	cr_expect_str_eq(second.manifest.kind, "full");
	cr_expect_str_eq(second.full_because, "it was asked for");
}

Test(snapshot, a_full_when_the_last_is_old)
{
	struct backup_repository where = into();
	const struct timespec wait = { .tv_nsec = 50 * 1000 * 1000 };

	make_database("app.db", "WAL");
	(void)taken("app.db", &where);
	where.full_every = 3600;
	cr_expect_str_eq(taken("app.db", &where).manifest.kind, "increment");
	(void)nanosleep(&wait, NULL);
	where.full_every = 0.02;
	cr_expect_str_eq(taken("app.db", &where).manifest.kind, "full");
}

Test(snapshot, a_full_when_increments_outgrow_it)
{
	struct backup_repository where = into();
	unsigned increments = 0;

	make_database("app.db", "WAL");
	(void)taken("app.db", &where);
	for (;;) {
		sql("app.db", "UPDATE t SET b = randomblob(300)");
		struct backup_result next = taken("app.db", &where);
		if (strcmp(next.manifest.kind, "full") == 0)
			break;
		increments++;
		cr_assert_lt(increments, 10);
	}
	/* Each is as large as the full; two are more than it. */
	cr_expect_leq(increments, 3);
	cr_expect_geq(increments, 1);
}

Test(snapshot, a_damaged_chain_is_left_alone_and_told_of)
{
	const struct backup_repository where = into();

	make_database("app.db", "WAL");
	struct backup_result first = taken("app.db", &where);
	cr_assert_eq(truncate(first.archive, 100), 0);
	struct backup_result second = taken("app.db", &where);
	cr_expect_str_eq(second.manifest.kind, "full");
	cr_expect_eq(second.notices, 1);
	cr_expect(strstr(second.notice[0], "a new full is made") != NULL);
}

static int
disagree(void *ctx, int fd, const char *name, const struct manifest *manifest,
    struct err *err)
{
	(void)ctx, (void)fd, (void)manifest;
	return err_set(err, ERR_DAMAGED, 0, "'%s' is not what was meant", name);
}

Test(snapshot, what_is_not_proved_is_not_kept)
{
	const struct backup_repository where = into();
	const struct backup_options options = {
		.databases = app_db,
		.database_count = 1,
		.repository = &where,
		.tool = "litesafe test",
		.level = 1,
		.threads = 1,
		.prove = disagree,
	};
	struct backup_result result;
	struct err err = { 0 };

	make_database("app.db", "WAL");
	(void)taken("app.db", &where);
	cr_expect_eq(backup_run(&options, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_eq(snapshots("app.db"), 1);
	cr_expect_eq(system("test $(ls -A R/app.db | wc -l) = 2"), 0);
}

Test(snapshot, a_state_that_cannot_be_used_is_told)
{
	struct backup_repository where = into();

	make_database("app.db", "WAL");
	where.state = "app.db"; /* a file */
	struct backup_result first = taken("app.db", &where);
	cr_expect_eq(first.forgot.kind, ERR_FAILED);
	struct backup_result second = taken("app.db", &where);
	cr_expect_str_not_empty(second.forgot.text);
	cr_expect_str_eq(second.manifest.kind, "increment");
}
