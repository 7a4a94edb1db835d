/* The whole way back, on real archives and real targets. */
#include "restore/restore.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

static struct restore_result result;
static struct err err;

/* "a.tar.zst" holds a WAL database that says "saved". */
static void
begin(void)
{
	world_begin();
	world_database("source.db", "wal", "saved");
	world_archive("source.db", "a.tar.zst", 0640);
	cr_assert_eq(mkdir("to", 0755), 0);
}

static void
end(void)
{
	restore_result_done(&result);
	world_end();
}

TestSuite(restore, .init = begin, .fini = end);

static void
succeed(const char *target, bool replace)
{
	restore_result_done(&result);
	cr_assert_eq(world_restore("a.tar.zst", target, replace, &result, &err),
	    0, "%s", err.text);
}

static void
refuse(const char *target, bool replace, enum err_kind kind, const char *words)
{
	restore_result_done(&result);
	cr_assert_eq(
	    world_restore("a.tar.zst", target, replace, &result, &err), -1);
	cr_expect_eq(err.kind, kind, "%s", err.text);
	cr_expect(strstr(err.text, words) != NULL, "%s", err.text);
	cr_expect(result.count == 0 || result.databases[0].aside_count == 0);
}

static void
in(const char *folder)
{
	cr_assert_eq(chdir(folder), 0);
}

Test(restore, a_missing_target_becomes_the_database)
{
	size_t len = 0;
	uint8_t *source = world_get("source.db", &len);

	succeed("to/app.db", false);
	cr_expect(world_same("to/app.db", source, len));
	free(source);
	cr_expect_not(result.databases[0].replaced);
	cr_expect(result.databases[0].owner_kept);
	cr_expect_str_eq(result.path, "to/app.db");
	cr_expect_str_eq(world_tag("to/app.db"), "saved");
	cr_expect_str_eq(world_integrity("to/app.db"), "ok");
	in("to");
	cr_expect_eq(world_count(""), 1);
}

Test(restore, mode_comes_from_the_manifest_never_setuid)
{
	struct stat st;

	world_archive("source.db", "a.tar.zst", 06751);
	(void)umask(077);
	succeed("to/app.db", false);
	cr_assert_eq(stat("to/app.db", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0751);
	cr_expect_eq(st.st_uid, getuid());
}

Test(restore, owner_and_mode_come_from_the_file_that_is_replaced)
{
	struct stat st;

	world_database("to/app.db", "delete", "old");
	cr_assert_eq(chmod("to/app.db", 0604), 0);
	if (geteuid() == 0)
		cr_assert_eq(chown("to/app.db", 1234, 2345), 0);
	uid_t uid = geteuid() == 0 ? 1234 : getuid();
	succeed("to/app.db", true);
	cr_assert_eq(stat("to/app.db", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0604);
	cr_expect_eq(st.st_uid, uid);
	cr_expect(result.databases[0].owner_kept);
}

static int
restore_as_nobody(void)
{
	if (setgid(2345) < 0 || setuid(1234) < 0)
		return 2;
	if (world_restore("a.tar.zst", "to/app.db", false, &result, &err) < 0)
		return 3;
	return result.databases[0].owner_kept ? 4 : 0;
}

/* A group that was not meant must not read it. */
Test(restore, an_owner_that_cannot_be_given_is_told)
{
	struct stat st;
	int status = -1;

	if (geteuid() != 0)
		cr_skip("needs root to become somebody else");
	cr_assert_eq(chmod("a.tar.zst", 0644), 0);
	cr_assert_eq(chmod(".", 0755), 0);
	cr_assert_eq(chmod("to", 0777), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(restore_as_nobody());
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	cr_expect_eq(WEXITSTATUS(status), 0, "%d", WEXITSTATUS(status));
	cr_assert_eq(stat("to/app.db", &st), 0);
	cr_expect_eq(st.st_uid, 1234);
	cr_expect_eq(st.st_mode & 07777, 0600);
}

Test(restore, a_present_target_is_refused_and_untouched)
{
	size_t len = 0;

	world_database("to/app.db", "wal", "old");
	uint8_t *before = world_get("to/app.db", &len);
	refuse("to/app.db", false, ERR_REFUSED, "exists");
	cr_expect(world_same("to/app.db", before, len));
	free(before);
	in("to");
	cr_expect_eq(world_count(""), 1);
}

Test(restore, replace_keeps_the_old_one_beside)
{
	world_database("to/app.db", "wal", "old");
	world_stop(
	    world_occupy("to/app.db", "insert into note values('newer')"));
	succeed("to/app.db", true);
	cr_expect(result.databases[0].replaced);
	cr_expect_not(result.databases[0].absent_meanwhile);
	cr_assert_eq(result.databases[0].aside_count, 1);
	cr_expect_str_eq(result.databases[0].aside[0].from, "to/app.db");
	cr_expect_str_eq(world_tag(result.databases[0].aside[0].to), "newer");
	cr_expect_str_eq(world_tag("to/app.db"), "saved");
	cr_expect_str_eq(world_integrity("to/app.db"), "ok");
	in("to");
	cr_expect_eq(world_count(""), 2);
}

Test(restore, again_and_again_keeps_every_old_one)
{
	for (int i = 0; i < 4; i++) {
		succeed("to/app.db", true);
		restore_result_done(&result);
	}
	in("to");
	cr_expect_eq(world_count("app.db.before-"), 3);
}

Test(restore, a_stale_wal_beside_a_missing_target_is_never_applied)
{
	world_database("to/app.db", "wal", "old");
	world_stop(
	    world_occupy("to/app.db", "insert into note values('stale')"));
	cr_assert_eq(unlink("to/app.db"), 0);
	succeed("to/app.db", false);
	cr_expect_eq(result.databases[0].aside_count, 2); /* -wal and -shm */
	cr_expect_str_eq(world_tag("to/app.db"), "saved");
	cr_expect_str_eq(world_integrity("to/app.db"), "ok");
}

Test(restore, an_open_target_is_refused_before_the_work)
{
	world_database("to/app.db", "wal", "old");
	pid_t pid = world_occupy("to/app.db", NULL);
	char id[32];

	(void)snprintf(id, sizeof(id), "process %d", (int)pid);
	refuse("to/app.db", true, ERR_REFUSED, id);
	cr_expect_eq(result.contents.frames, 0);
	world_stop(pid);
	succeed("to/app.db", true);
}

Test(restore, a_deleted_database_whose_wal_is_still_in_use_is_refused)
{
	world_database("to/app.db", "wal", "old");
	pid_t pid = world_occupy("to/app.db", "insert into note values('x')");

	cr_assert_eq(unlink("to/app.db"), 0);
	refuse("to/app.db", false, ERR_REFUSED, "in use");
	cr_expect(world_exists("to/app.db-wal"));
	world_stop(pid);
}

Test(restore, a_database_too_damaged_to_open_goes_aside)
{
	world_put("to/app.db", "not a database at all, not any more", 35);
	world_put("to/app.db-journal", "its journal", 11);
	succeed("to/app.db", true);
	cr_expect(result.databases[0].absent_meanwhile);
	cr_expect_eq(result.databases[0].aside_count, 2);
	cr_expect_str_eq(world_tag("to/app.db"), "saved");
	cr_expect_not(world_exists("to/app.db-journal"));
}

Test(restore, a_symlink_survives)
{
	struct stat st;

	world_database("to/real.db", "delete", "old");
	cr_assert_eq(symlink("to/real.db", "app.db"), 0);
	succeed("app.db", true);
	cr_assert_eq(lstat("app.db", &st), 0);
	cr_expect(S_ISLNK(st.st_mode));
	cr_expect_str_eq(strrchr(result.path, '/'), "/real.db");
	cr_expect_str_eq(world_tag("to/real.db"), "saved");
}

Test(restore, bad_targets_are_refused)
{
	refuse("to", false, ERR_USAGE, "is a folder");
	refuse("none/app.db", false, ERR_FAILED, "'none'");
	refuse("a.tar.zst", true, ERR_REFUSED, "the archive itself");
	cr_assert_eq(link("source.db", "second.db"), 0);
	refuse("second.db", true, ERR_REFUSED, "hard links");
}

Test(restore, a_damaged_archive_changes_nothing)
{
	size_t len = 0, archive_len = 0;

	world_database("to/app.db", "wal", "old");
	uint8_t *before = world_get("to/app.db", &len);
	free(world_get("a.tar.zst", &archive_len));
	world_flip("a.tar.zst", archive_len / 2);
	ino_t inode = world_inode("to/app.db");
	refuse("to/app.db", true, ERR_DAMAGED, "a.tar.zst");
	cr_expect_gt(result.findings.damaged, 0);
	cr_expect(world_same("to/app.db", before, len));
	cr_expect_eq(world_inode("to/app.db"), inode);
	free(before);
	in("to");
	cr_expect_eq(world_count(""), 1);
}

Test(restore, a_damaged_database_in_an_intact_archive_is_told_apart)
{
	static const uint8_t junk[4096] = { 0xff, 0xff, 0xff, 0xff };
	size_t len = 0;
	uint8_t *image = world_get("source.db", &len);

	memcpy(image + 2 * sizeof(junk), junk, sizeof(junk));
	world_put("source.db", image, len);
	free(image);
	world_archive("source.db", "a.tar.zst", 0600);
	refuse("to/app.db", false, ERR_DAMAGED, "is intact");
	cr_expect_not(world_exists("to/app.db"));
}

Test(restore, a_write_limit_changes_nothing)
{
	const struct rlimit limit = { 64 << 10, 64 << 10 };

	world_database("to/app.db", "wal", "old");
	(void)signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	refuse("to/app.db", true, ERR_FAILED, "File too large");
	cr_expect_str_eq(world_tag("to/app.db"), "old");
	in("to");
	cr_expect_eq(world_count("app.db.before-"), 0);
}

/* Killed at any moment: the old one or the new one, whole, alone. */
Test(restore, kill_leaves_the_old_or_the_new_one, .timeout = 120)
{
	unsigned seen_old = 0, seen_new = 0;

	for (useconds_t delay = 0; delay < 60000; delay += 1500) {
		world_copy("source.db", "to/app.db");
		sqlite3 *db = NULL;
		cr_assert_eq(sqlite3_open("to/app.db", &db), SQLITE_OK);
		cr_assert_eq(sqlite3_exec(db, "update note set tag='old'", NULL,
				 NULL, NULL),
		    SQLITE_OK);
		cr_assert_eq(sqlite3_close(db), SQLITE_OK);

		pid_t pid = fork();
		if (pid == 0)
			_exit(world_restore("a.tar.zst", "to/app.db", true,
				  &result, &err) < 0);
		(void)usleep(delay);
		world_stop(pid);

		const char *tag = world_tag("to/app.db");
		seen_old += strcmp(tag, "old") == 0;
		seen_new += strcmp(tag, "saved") == 0;
		cr_expect_str_eq(world_integrity("to/app.db"), "ok");
		cr_assert_eq(system("rm -f to/*"), 0);
	}
	cr_expect_eq(seen_old + seen_new, 40);
	cr_expect_gt(seen_old, 0);
}
