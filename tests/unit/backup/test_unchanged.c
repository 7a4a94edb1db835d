/*
 * What is believed of a set that lives: the evidence itself is tested in its
 * own room, the files of real applications in the scenarios.
 */
#include "backup/unchanged.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backup/backup.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "database/engine.h"
#include "repository/commit.h"
#include "repository/snapshot_name.h"
#include "repository/state_evidence.h"

static char folder[] = "/tmp/litesafe-unchanged-XXXXXX";
static struct repository repository;
static const char *const app_db[] = { "app.db" };

static void
sql(const char *text)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open("app.db", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

/* As long as a file must have been left alone. */
static void
rest(void)
{
	const struct timespec pause = { .tv_sec = 2, .tv_nsec = 100000000 };

	(void)nanosleep(&pause, NULL);
}

static void
make_world(void)
{
	struct err err = { 0 };
	bool made = false;

	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	cr_assert(mkdtemp(folder) != NULL);
	cr_assert_eq(chdir(folder), 0);
	cr_assert_eq(repository_init("R", false, &repository, &made, &err), 0,
	    "%s", err.text);
	sql("CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(100000))");
	rest();
}

static void
remove_world(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(unchanged, .init = make_world, .fini = remove_world);

static struct backup_result
taken(bool skip)
{
	const struct backup_repository into = {
		.repository = &repository,
		.state = "S",
		.skip_unchanged = skip,
	};
	const struct backup_options options = {
		.databases = app_db,
		.database_count = 1,
		.repository = &into,
		.tool = "litesafe test",
		.level = 1,
		.threads = 2,
		.busy_timeout_ms = 100,
	};
	struct backup_result result;
	struct err err = { 0 };

	cr_assert_eq(backup_run(&options, &result, &err), 0, "%s", err.text);
	return result;
}

static void
expect_unchanged(const char *evidence, const char *parent)
{
	struct backup_result result = taken(true);

	cr_assert(result.unchanged);
	cr_expect_str_eq(result.evidence, evidence);
	cr_expect_str_eq(result.manifest.parent, parent);
}

/* Another host's full, as far as a listing tells. */
static void
commit_foreign(const struct manifest *like, int64_t time_ms)
{
	struct manifest manifest = *like;
	struct stored_file file = { .bytes = manifest.stored_bytes + 100 };
	char name[SNAPSHOT_NAME_BYTES], path[200];
	struct err err = { 0 };

	(void)strcpy(manifest.id, "00112233445566ff");
	manifest.pin_start_ms = time_ms;
	(void)strcpy(manifest.kind, MANIFEST_FULL);
	snapshot_name(&manifest, name);
	(void)snprintf(path, sizeof(path), "R/app.db/%s.tar.zst", name);
	FILE *archive = fopen(path, "w");
	cr_assert_not_null(archive);
	(void)fclose(archive);
	cr_assert_eq(truncate(path, (off_t)file.bytes), 0);
	cr_assert_eq(commit_manifest(&repository, &manifest, &file, &err), 0,
	    "%s", err.text);
}

/* The line that is remembered, without what is behind it. */
static struct bond
bond(void)
{
	char path[200], line[STATE_EVIDENCE_BYTES];
	struct evidence_past past;
	struct bond found;

	(void)snprintf(
	    path, sizeof(path), "S/%s/app.db/evidence", repository.id);
	FILE *f = fopen(path, "r");
	cr_assert_not_null(f);
	cr_assert_not_null(fgets(line, sizeof(line), f));
	(void)fclose(f);
	line[strcspn(line, "\n")] = '\0';
	cr_assert(bond_parse(line, &found, &past));
	return found;
}

static bool
listing_is_known(void)
{
	const struct bond known = bond();

	return !bytes_are_zero(known.listing, SHA256_BYTES);
}

Test(unchanged, what_is_remembered_is_bound_to_the_snapshot)
{
	struct backup_result first = taken(false);

	cr_expect_null(first.evidence);
	cr_expect_str_eq(bond().id, first.manifest.id);
	cr_expect_str_eq(bond().chain, first.manifest.id);
	cr_expect(!listing_is_known());
	expect_unchanged("stat", first.manifest.id);
	cr_expect(listing_is_known());
	expect_unchanged("stat", first.manifest.id);

	struct backup_result second = taken(false);
	cr_expect_str_eq(second.evidence, "stat");
	cr_expect_eq(second.manifest.database.pages_stored, 0);
	cr_expect_str_eq(bond().id, second.manifest.id);
	cr_expect_str_eq(bond().chain, first.manifest.id);
	expect_unchanged("stat", second.manifest.id);
	expect_unchanged("stat", second.manifest.id);

	sql("INSERT INTO t VALUES(1)");
	struct backup_result third = taken(true);
	cr_expect(!third.unchanged);
	cr_expect_null(third.evidence);
	cr_expect_not_null(third.scan_because);
	cr_expect_str_eq(bond().id, third.manifest.id);
	expect_unchanged("scan", third.manifest.id);
}

/* Its time comes; then it is perhaps the one to continue from. */
Test(unchanged, beside_a_snapshot_from_the_future_the_catalog_is_read)
{
	struct backup_result first = taken(false);

	commit_foreign(&first.manifest, clock_now_ms() + 3600000);
	expect_unchanged("stat", first.manifest.id);
	expect_unchanged("stat", first.manifest.id);
	cr_expect(!listing_is_known());
}
