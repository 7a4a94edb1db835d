/* The printed commands really undo what was done. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

TestSuite(cmd_restore, .init = run_make_archive, .fini = run_remove_folder);

static ino_t
inode(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

/* Runs the "undo: " line in a shell, which ends with `code`. */
static void
undo_ends_with(int code)
{
	unsigned count = 0;

	for (char *line = ran.out; line != NULL && *line != '\0';) {
		char *end = strchr(line, '\n');
		if (end != NULL)
			*end = '\0';
		if (strncmp(line, "undo: ", 6) == 0) {
			int status = system(line + 6);
			cr_expect_eq(WEXITSTATUS(status), code, "%s", line);
			count++;
		}
		line = end == NULL ? NULL : end + 1;
	}
	cr_assert_eq(count, 1);
}

static void
undo(void)
{
	undo_ends_with(0);
}

Test(cmd_restore, a_new_database)
{
	run_expect("restore a --to new.db", 0,
	    "new.db: restored from 'a', the state of 20", "");
	cr_expect(strstr(ran.out, ", quick_check ok\n") != NULL);
	cr_expect(strstr(ran.out, "undo:") == NULL);
	run_expect("restore a --to full.db --check full", 0,
	    "integrity_check and foreign_key_check ok\n", "");
	run_expect("restore a --to none.db --check none", 0,
	    "not checked by SQLite\n", "");
	run_expect("restore a --to new.db", 12, "", "--replace");
}

Test(cmd_restore, from_standard_input)
{
	int fd = open("a", O_RDONLY);

	(void)dup2(fd, STDIN_FILENO);
	(void)close(fd);
	run_expect(
	    "restore - --to new.db", 0, "restored from 'standard input'", "");
}

Test(cmd_restore, replacing_can_be_undone)
{
	ino_t old = inode("app.db");

	run_expect("restore a --to app.db --replace", 0,
	    "put aside: 'app.db' is now", "");
	cr_expect_neq(inode("app.db"), old);
	undo();
	cr_expect_eq(inode("app.db"), old);
}

/* The old database must not meet a -wal that the restored one got since. */
Test(cmd_restore, undoing_takes_the_new_wal_away_first)
{
	ino_t old = inode("app.db");

	run_expect("restore a --to app.db --replace", 0, " && rm -f -- ", "");
	int fd = open("app.db-wal", O_RDWR | O_CREAT, 0600);
	cr_assert_eq(write(fd, "commits", 7), 7);
	(void)close(fd);
	undo();
	cr_expect_eq(inode("app.db"), old);
	cr_expect_eq(inode("app.db-wal"), 0);
}

static void
make_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
}

/* The -wal is then that of the database that came back. */
Test(cmd_restore, undoing_twice_removes_nothing)
{
	char *out;

	run_expect("restore a --to app.db --replace", 0, "undo: ", "");
	out = strdup(ran.out);
	cr_assert_not_null(out);
	undo();
	make_file("app.db-wal", "commits");
	ino_t old = inode("app.db"), wal = inode("app.db-wal");
	(void)strcpy(ran.out, out);
	free(out);
	undo_ends_with(1);
	cr_expect_eq(inode("app.db"), old);
	cr_expect_eq(inode("app.db-wal"), wal);
}

/* Half of a set is no database: rather nothing comes back. */
Test(cmd_restore, undoing_needs_all_of_a_set)
{
	make_file("app.db",
	    "no database, but of more bytes than a header has: "
	    "12345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789012345678901234567890");
	make_file("app.db-wal", "commits of it");
	run_expect("restore a --to app.db --replace", 0, "-wal' is now '", "");
	cr_assert_eq(system("rm app.db.before-*-wal"), 0);
	make_file("app.db-wal", "commits");
	ino_t restored = inode("app.db"), wal = inode("app.db-wal");
	undo_ends_with(1);
	cr_expect_eq(inode("app.db"), restored);
	cr_expect_eq(inode("app.db-wal"), wal);
}

Test(cmd_restore, a_stale_wal_goes_aside_and_comes_back_alone)
{
	int fd = open("it's.db-wal", O_RDWR | O_CREAT, 0600);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, "stale", 5), 5);
	(void)close(fd);
	ino_t old = inode("it's.db-wal");
	run_expect("restore a --to it's.db", 0, "put aside: ", "");
	cr_expect_eq(inode("it's.db-wal"), 0);
	undo();
	cr_expect_eq(inode("it's.db-wal"), old);
	/* The restored one must not stand beside it. */
	cr_expect_eq(inode("it's.db"), 0);
}

Test(cmd_restore, for_programs)
{
	run_expect("restore a --to app.db --replace --json", 0,
	    "{\"type\":\"restore\",\"archive\":\"a\",\"to\":\"app.db\","
	    "\"restored\":true,\"result\":\"ok\",\"check\":\"quick\"",
	    "");
	cr_expect(strstr(ran.out, "\"aside\":[{\"from\":\"app.db\",\"to\":"
				  "\"app.db.before-") != NULL);
}

Test(cmd_restore, damage_is_told_and_nothing_is_made)
{
	cr_assert_eq(truncate("a", 20000), 0);
	run_expect("restore a --to new.db --json", 4,
	    "\"restored\":false,\"result\":\"damaged\"", "");
	run_expect("restore a --to new.db", 4, "", "litesafe: error: ");
	cr_expect_eq(inode("new.db"), 0);
}

Test(cmd_restore, a_snapshot_of_a_repository)
{
	run_make_repository(2);
	run_expect("restore -r R --to new.db", 0,
	    "new.db: restored from snapshot ", "");
	cr_expect(strstr(ran.out, " of 'app.db' (2 archives), the state of 2"));
	run_expect("restore -r R app.db --at now --to full.db --check full", 0,
	    "integrity_check and foreign_key_check ok", "");
	run_expect("restore -r R other --to x.db", 7, "", "other");
	run_expect("restore -r R --to x.db --snapshot 0000", 7, "", "0000");
	run_expect(
	    "restore -r R --to x.db --at 2001-01-01", 7, "", "the oldest");
	run_expect("restore -r R --to R/x.db", 12, "", "inside the repository");
	run_expect("restore -r none --to x.db", 5, "", "none");
	run_expect("restore -r R --to x.db --database b", 7, "", "'b'");
	run_expect("restore -r R --to x.db --at now --snapshot latest", 2, "",
	    "--at and --snapshot");
	cr_expect_eq(inode("x.db"), 0);
}

Test(cmd_restore, dry_run_says_from_where_and_to_where)
{
	run_make_repository(2);
	run_expect("restore -r R --to new.db --dry-run", 0,
	    "new.db: would be restored from snapshot ", "");
	cr_expect(strstr(ran.out, "-full-") != NULL);
	cr_expect(strstr(ran.out, "-incr-") != NULL);
	run_expect("restore -r R --to new.db --dry-run --json", 0,
	    "\"restored\":false,\"dry_run\":true,\"set\":\"app.db\"", "");
	cr_expect(strstr(ran.out, "\"fallback\":false") != NULL);
	run_expect("restore a --to new.db --dry-run", 0,
	    "new.db: would be restored from 'a', the state of 2", "");
	run_expect("restore a --to new.db --dry-run --json", 0,
	    "\"dry_run\":true,\"set\":\"app.db\",\"id\":\"", "");
	cr_assert_eq(system("head -c 500 a >cut"), 0);
	run_expect("restore cut --to new.db --dry-run", 4, "", "'cut'");
	cr_assert_eq(
	    system("cp $(ls R/app.db/*-incr-*.zst | head -1) i.tar.zst"), 0);
	run_expect("restore i.tar.zst --to new.db --dry-run", 12, "",
	    "is an increment");
	cr_expect_eq(inode("new.db"), 0);
	run_expect("restore -r R --to app.db --dry-run", 12, "", "--replace");
}

Test(cmd_restore, damage_offers_a_fallback_and_takes_it_only_when_told)
{
	run_make_repository(2);
	cr_assert_eq(system("truncate -s 300 R/app.db/*-incr-*.zst"), 0);
	run_expect(
	    "restore -r R --to new.db", 4, "", "or let --fallback choose");
	cr_expect_eq(inode("new.db"), 0);
	run_expect("restore -r R --to new.db --fallback", 0, "(1 archive)",
	    "litesafe: warning: ");
	cr_expect(strstr(ran.errors, "was restored instead") != NULL, "%s",
	    ran.errors);
}

Test(cmd_restore, an_increment_alone_is_refused)
{
	run_make_repository(2);
	cr_assert_eq(system("mv R/app.db/*-incr-*.zst i.tar.zst"), 0);
	run_expect("restore i.tar.zst --to new.db", 12, "", "restore -r");
	cr_expect_eq(inode("new.db"), 0);
	run_expect("restore a --to new.db --fallback", 2, "", "--fallback");
}
