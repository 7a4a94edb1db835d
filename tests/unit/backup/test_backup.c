/*
 * The recipe as a whole: real databases, real archives, and what is left when
 * a step says no.
 */
#include "backup/backup.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_read.h"
#include "database/engine.h"
#include "tests/unit/shared/fresh.h"

static char folder[FRESH_BYTES];
static const char *const app_db[] = { "app.db" };

static void
make_folder(void)
{
	struct err err = { 0 };

	/* Before the first database of the tests is made. */
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	(void)signal(SIGPIPE, SIG_IGN);
	fresh_folder(folder);
	cr_assert_eq(chdir(folder), 0);
}

static void
remove_folder(void)
{
	char command[FRESH_BYTES + 16];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(backup, .init = make_folder, .fini = remove_folder);

static void
make_database(const char *mode, unsigned rows)
{
	sqlite3 *db = NULL;
	char sql[512];

	cr_assert_eq(sqlite3_open("app.db", &db), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA page_size=1024; PRAGMA journal_mode=%s; PRAGMA user_version=77;"
	    "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB);"
	    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
	    "WHERE i < %u) INSERT INTO t SELECT i, randomblob(700) FROM c;",
	    mode, rows);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s",
	    sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

static struct backup_options
plain_options(void)
{
	return (struct backup_options){
		.databases = app_db,
		.database_count = 1,
		.output = "app.tar.zst",
		.tool = "litesafe test",
		.level = 1,
		.threads = 2,
		.busy_timeout_ms = 100,
	};
}

/* The pages of an archive, put back into a file, against the original. */
static int
place(void *ctx, const struct page_batch *batch, struct err *err)
{
	int fd = *(const int *)ctx;
	ssize_t len = (ssize_t)(batch->count * batch->page_size);
	off_t at = (off_t)(batch->numbers[0] - 1) * batch->page_size;

	if (pwrite(fd, batch->pages, (size_t)len, at) != len)
		return err_system(err, "put a page back");
	return 0;
}

static void
expect_image(const char *archive, const char *original)
{
	int image = open("image", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int fd = open(archive, O_RDONLY);
	struct archive_contents contents;
	struct err err = { 0 };
	const struct archive_read_options options = {
		.fd = fd,
		.name = archive,
		.scratch = "/tmp",
		.threads = 2,
		.place = place,
		.place_ctx = &image,
	};
	char command[128];

	cr_assert(image >= 0 && fd >= 0);
	cr_assert_eq(
	    archive_read(&options, &contents, &err), 0, "%s", err.text);
	cr_expect_eq(contents.bad_pages, 0);
	cr_expect_eq(contents.manifest.database.user_version, 77);
	(void)close(image);
	(void)close(fd);
	(void)snprintf(command, sizeof(command), "cmp image %s", original);
	cr_expect_eq(system(command), 0, "the image differs");
}

static unsigned
files_in_folder(void)
{
	DIR *dir = opendir(".");
	unsigned count = 0;

	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		count += e->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

Test(backup, a_wal_database_streams_and_comes_back_bit_for_bit)
{
	struct backup_options options = plain_options();
	struct backup_result result;
	struct err err = { 0 };

	make_database("WAL", 5000);
	cr_assert_eq(backup_run(&options, &result, &err), 0, "%s", err.text);
	cr_expect(!result.spooled);
	cr_expect_str_eq(result.manifest.database.journal_mode, "wal");
	cr_expect_str_eq(result.manifest.set, "app.db");
	expect_image("app.tar.zst", "app.db");
}

Test(backup, a_rollback_database_goes_through_the_spool)
{
	struct backup_options options = plain_options();
	struct backup_result result;
	struct err err = { 0 };

	make_database("DELETE", 5000);
	cr_assert_eq(backup_run(&options, &result, &err), 0, "%s", err.text);
	cr_expect(result.spooled);
	cr_expect_str_eq(result.manifest.database.journal_mode, "rollback");
	expect_image("app.tar.zst", "app.db");
	cr_expect_eq(files_in_folder(), 3);
}

Test(backup, twice_the_same_database_has_the_same_root)
{
	struct backup_options options = plain_options();
	struct backup_result one, two;
	struct err err = { 0 };

	make_database("WAL", 300);
	cr_assert_eq(backup_run(&options, &one, &err), 0, "%s", err.text);
	options.replace = true;
	cr_assert_eq(backup_run(&options, &two, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(one.manifest.database.root,
			 two.manifest.database.root, SHA256_BYTES),
	    0);
	cr_expect_str_neq(one.manifest.id, two.manifest.id);
}

static int
say_no(void *ctx, int fd, const char *name, const struct manifest *manifest,
    struct err *err)
{
	unsigned *asked = ctx;

	(void)fd, (void)manifest;
	(*asked)++;
	return err_set(err, ERR_DAMAGED, 0, "'%s' is not right", name);
}

Test(backup, what_is_not_proved_never_gets_a_name)
{
	struct backup_options options = plain_options();
	struct backup_result result;
	struct err err = { 0 };
	unsigned asked = 0;

	make_database("WAL", 50);
	options.prove = say_no;
	options.prove_ctx = &asked;
	cr_expect_eq(backup_run(&options, &result, &err), -1);
	cr_expect_eq(asked, 1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_eq(files_in_folder(), 1, "something was left");
}

Test(backup, a_reader_that_stands_still_cannot_hold_the_pin)
{
	struct backup_options options = plain_options();
	struct backup_result result;
	struct err err = { 0 };
	int ends[2];

	/* Larger than all the frames that may be on their way. */
	make_database("WAL", 40000);
	cr_assert_eq(pipe(ends), 0);
	options.output = NULL;
	options.pipe_fd = ends[1];
	options.max_pin_seconds = 0.5;
	cr_expect_eq(backup_run(&options, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_BUSY);
	cr_expect(strstr(err.text, "--max-pin") != NULL, "%s", err.text);
}

Test(backup, a_reader_that_went_away_is_an_error_with_a_reason)
{
	struct backup_options options = plain_options();
	struct backup_result result;
	struct err err = { 0 };
	int ends[2];

	make_database("WAL", 500);
	cr_assert_eq(pipe(ends), 0);
	(void)close(ends[0]);
	options.output = NULL;
	options.pipe_fd = ends[1];
	cr_expect_eq(backup_run(&options, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(strstr(err.text, "Broken pipe") != NULL, "%s", err.text);
}

static void *
drain(void *arg)
{
	int in = *(const int *)arg;
	int out = open("piped.tar.zst", O_WRONLY | O_CREAT, 0600);
	char buf[65536];

	for (ssize_t n; (n = read(in, buf, sizeof(buf))) > 0;)
		cr_assert_eq(write(out, buf, (size_t)n), n);
	(void)close(out);
	return NULL;
}

Test(backup, a_pipe_gets_the_same_archive_as_a_file)
{
	struct backup_options options = plain_options();
	struct backup_result result;
	struct err err = { 0 };
	pthread_t thread;
	int ends[2];

	make_database("WAL", 3000);
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(pthread_create(&thread, NULL, drain, &ends[0]), 0);
	options.output = NULL;
	options.pipe_fd = ends[1];
	cr_assert_eq(backup_run(&options, &result, &err), 0, "%s", err.text);
	cr_expect(!result.proved);
	(void)close(ends[1]);
	(void)pthread_join(thread, NULL);
	expect_image("piped.tar.zst", "app.db");
}

Test(backup, a_stop_request_ends_it_and_leaves_nothing)
{
	struct backup_options options = plain_options();
	struct work work = { .stop = SIGTERM };
	struct backup_result result;
	struct err err = { 0 };

	make_database("WAL", 3000);
	options.work = &work;
	cr_expect_eq(backup_run(&options, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect_eq(err.code, SIGTERM);
	cr_expect_eq(files_in_folder(), 1);
}
