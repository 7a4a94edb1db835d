/* Three answers, and none of them by guess. */
#include "restore/verify.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history.h"

TestSuite(verify, .init = world_begin, .fini = world_end);

static struct verify_result result;

static int
verify(const char *archive, enum verify_level level, struct err *err)
{
	int fd = open(archive, O_RDONLY | O_CLOEXEC);

	cr_assert(fd >= 0);
	const struct verify_options options = {
		.fd = fd,
		.name = archive,
		.level = level,
		.check = INTEGRITY_FULL,
		.scratch = ".",
		.threads = 2,
	};
	int rc = verify_run(&options, &result, err);
	(void)close(fd);
	return rc;
}

static void
expect(const char *archive, enum verify_level level, enum verify_answer answer)
{
	struct err err = { 0 };
	unsigned before = world_count("");

	cr_assert_eq(verify(archive, level, &err), 0, "%s", err.text);
	cr_expect_eq(result.answer, answer, "answer %d, first finding: %s",
	    (int)result.answer, result.findings.list[0].text);
	cr_expect_eq(world_count(""), before, "a scratch file was left");
}

Test(verify, a_good_archive_is_ok)
{
	world_database("app.db", "wal", "saved");
	world_archive("app.db", "a.tar.zst", 0600);
	expect("a.tar.zst", VERIFY_STORED, VERIFY_OK);
	expect("a.tar.zst", VERIFY_RESTORE, VERIFY_OK);
}

Test(verify, a_damaged_archive_is_damaged_at_both_levels)
{
	size_t len = 0;

	world_database("app.db", "wal", "saved");
	world_archive("app.db", "a.tar.zst", 0600);
	free(world_get("a.tar.zst", &len));
	world_flip("a.tar.zst", len / 2);
	expect("a.tar.zst", VERIFY_STORED, VERIFY_DAMAGED);
	expect("a.tar.zst", VERIFY_RESTORE, VERIFY_DAMAGED);
}

/* Backed up faithfully, but broken: only SQLite can tell. */
Test(verify, a_damaged_database_is_found_by_the_restore_level)
{
	static const uint8_t junk[4096] = { 0xff, 0xff, 0xff, 0xff };
	size_t len = 0;

	world_database("app.db", "delete", "saved");
	uint8_t *image = world_get("app.db", &len);
	memcpy(image + 2 * sizeof(junk), junk, sizeof(junk));
	world_put("app.db", image, len);
	free(image);
	world_archive("app.db", "a.tar.zst", 0600);
	expect("a.tar.zst", VERIFY_STORED, VERIFY_OK);
	expect("a.tar.zst", VERIFY_RESTORE, VERIFY_DAMAGED);
}

static int
compare(void *ctx, int n, const void *a, int m, const void *b)
{
	(void)ctx;
	int rc = memcmp(a, b, (size_t)(n < m ? n : m));
	return rc != 0 ? rc : n - m;
}

Test(verify, an_unknown_collation_is_unverifiable)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open("app.db", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_create_collation(
			 db, "of_theirs", SQLITE_UTF8, NULL, compare),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db,
			 "create table a(x text collate of_theirs primary key);"
			 "insert into a values('p'),('q');",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
	world_archive("app.db", "a.tar.zst", 0600);
	expect("a.tar.zst", VERIFY_RESTORE, VERIFY_UNVERIFIABLE);
}

Test(verify, what_is_no_archive_is_damaged_not_a_crash)
{
	world_put("empty", "", 0);
	expect("empty", VERIFY_STORED, VERIFY_DAMAGED);
	world_put("text", "hello, world\n", 13);
	expect("text", VERIFY_RESTORE, VERIFY_DAMAGED);
}

Test(verify, a_missing_scratch_folder_is_an_error_not_an_answer)
{
	struct err err = { 0 };

	world_database("app.db", "wal", "saved");
	world_archive("app.db", "a.tar.zst", 0600);
	int fd = open("a.tar.zst", O_RDONLY | O_CLOEXEC);
	const struct verify_options options = {
		.fd = fd,
		.name = "a.tar.zst",
		.level = VERIFY_RESTORE,
		.scratch = "none",
		.threads = 1,
	};
	cr_expect_eq(verify_run(&options, &result, &err), -1);
	cr_expect(strstr(err.text, "'none'") != NULL, "%s", err.text);
	(void)close(fd);
}

/* It has no image of its own, so SQLite cannot be asked. */
Test(verify, an_increment_is_proved_as_it_is_stored)
{
	size_t len = 0;

	history_make();
	(void)history_full();
	history_sql("update fill set body=randomblob(500) where id%7=0");
	const char *path = history_path(history_increment(0), SNAPSHOT_ARCHIVE);
	expect(path, VERIFY_STORED, VERIFY_OK);
	expect(path, VERIFY_RESTORE, VERIFY_UNVERIFIABLE);
	cr_expect(strstr(result.findings.list[0].text, "increment") != NULL);
	free(world_get(path, &len));
	world_flip(path, len / 2);
	expect(path, VERIFY_STORED, VERIFY_DAMAGED);
	expect(path, VERIFY_RESTORE, VERIFY_DAMAGED);
}
