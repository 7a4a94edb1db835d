/* What is seen at a path before anything is done to it. */
#include "restore/target.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

TestSuite(target, .init = world_begin, .fini = world_end);

static enum err_kind
refusal(const char *path, const char *words)
{
	struct target target;
	struct err err = { 0 };

	cr_assert_eq(
	    target_inspect(path, &target, &err), -1, "'%s' was accepted", path);
	cr_expect(strstr(err.text, words) != NULL, "'%s': %s", path, err.text);
	return err.kind;
}

static struct target
inspected(const char *path)
{
	struct target target;
	struct err err = { 0 };

	cr_assert_eq(
	    target_inspect(path, &target, &err), 0, "'%s': %s", path, err.text);
	return target;
}

Test(target, a_free_name_is_not_present)
{
	cr_expect_not(inspected("new.db").present);
	cr_expect_str_eq(inspected("./new.db").path, "./new.db");
}

Test(target, a_file_is_described)
{
	world_put("app.db", "x", 1);
	cr_assert_eq(chmod("app.db", 0640), 0);
	struct target target = inspected("app.db");

	cr_expect(target.present);
	cr_expect_eq(target.bytes, 1);
	cr_expect_eq(target.mode, 0640);
	cr_expect_eq(target.ino, world_inode("app.db"));
}

/* The longest name of an old file that is put aside still fits. */
Test(target, a_name_leaves_room_for_longer_ones)
{
	char name[NAME_MAX + 1] = "";

	memset(name, 'x', 218);
	cr_expect_not(inspected(name).present);
	memset(name, 'x', 219);
	cr_expect_eq(refusal(name, "is longer than 218 bytes"), ERR_USAGE);
}

Test(target, folders_and_names_of_nothing_are_usage)
{
	cr_assert_eq(mkdir("d", 0755), 0);
	cr_assert_eq(symlink("d", "link"), 0);
	cr_expect_eq(refusal("d", "is a folder"), ERR_USAGE);
	cr_expect_eq(refusal("d//", "is a folder"), ERR_USAGE);
	cr_expect_eq(refusal("link", "is a folder"), ERR_USAGE);
	cr_expect_eq(refusal(".", "is a folder"), ERR_USAGE);
	cr_expect_eq(refusal("new/", "names no file"), ERR_USAGE);
	cr_expect_eq(refusal("", "names no file"), ERR_USAGE);
}

Test(target, a_missing_folder_is_named)
{
	cr_expect_eq(refusal("none/app.db", "'none'"), ERR_FAILED);
	world_put("file", "x", 1);
	cr_expect_eq(refusal("file/app.db", "not a folder"), ERR_FAILED);
}

Test(target, a_symlink_is_followed_to_the_real_name)
{
	cr_assert_eq(mkdir("data", 0755), 0);
	world_put("data/real.db", "x", 1);
	cr_assert_eq(symlink("data/real.db", "app.db"), 0);
	struct target target = inspected("app.db");

	cr_expect(target.present);
	cr_expect_str_eq(strrchr(target.path, '/'), "/real.db");
	cr_expect_eq(target.ino, world_inode("data/real.db"));
}

Test(target, what_is_no_plain_file_is_refused)
{
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	cr_expect_eq(refusal("fifo", "not a regular file"), ERR_REFUSED);
	cr_assert_eq(symlink("nowhere", "dangling"), 0);
	cr_expect_eq(refusal("dangling", "leads nowhere"), ERR_REFUSED);
	cr_expect_eq(refusal("/dev/null", "not a regular file"), ERR_REFUSED);
}

Test(target, another_databases_side_file_is_refused)
{
	world_put("app.db", "x", 1);
	cr_expect_eq(refusal("app.db-wal", "beside 'app.db'"), ERR_REFUSED);
	cr_expect_eq(refusal("app.db-journal", "beside"), ERR_REFUSED);
	cr_expect_eq(refusal("app.db-shm", "beside"), ERR_REFUSED);
	cr_expect_not(inspected("other-wal").present);
}

Test(target, hard_links_are_refused_and_our_own_leftover_is_named)
{
	struct target target;
	struct err err = { 0 };

	world_put("app.db", "x", 1);
	cr_assert_eq(link("app.db", "second"), 0);
	cr_expect_eq(refusal("app.db", "hard links"), ERR_REFUSED);

	cr_assert_eq(rename("second", "app.db.before-20260102T030405Z"), 0);
	cr_assert_eq(target_inspect("app.db", &target, &err), -1);
	cr_expect(
	    strstr(err.hint, "rm -- ./app.db.before-20260102T030405Z") != NULL,
	    "%s", err.hint);
}

static struct stat
seen(const char *path)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	return st;
}

Test(target, present_needs_leave)
{
	struct err err = { 0 };

	world_put("app.db", "x", 1);
	struct target target = inspected("app.db");
	struct target unused = inspected("free.db");

	cr_expect_eq(target_permitted(&target, false, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.hint, "--replace") != NULL);
	cr_expect_eq(target_permitted(&target, true, &err), 0);
	cr_expect_eq(target_permitted(&unused, false, &err), 0);
}

Test(target, an_archive_is_never_replaced)
{
	struct err err = { 0 };

	world_put("app.db", "x", 1);
	world_put("other", "x", 1);
	world_put("free.db-wal", "x", 1);
	struct target target = inspected("app.db");
	struct target unused = inspected("free.db");
	struct stat other = seen("other"), same = seen("app.db"),
		    side = seen("free.db-wal");

	cr_expect_eq(target_apart(&target, &other, &err), 0);
	cr_expect_eq(target_apart(&target, &same, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.text, "the archive itself") != NULL);
	cr_expect_eq(target_apart(&unused, &other, &err), 0);
	cr_expect_eq(target_apart(&unused, &side, &err), -1);
}

Test(target, a_move_is_noticed)
{
	struct err err = { 0 };

	world_put("app.db", "x", 1);
	struct target present = inspected("app.db");
	struct target absent = inspected("new.db");

	cr_expect_eq(target_unmoved(&present, &err), 0);
	cr_expect_eq(target_unmoved(&absent, &err), 0);

	world_put("new.db", "x", 1);
	cr_expect_eq(target_unmoved(&absent, &err), -1);
	cr_expect(strstr(err.text, "appeared") != NULL, "%s", err.text);
	cr_assert_eq(rename("new.db", "app.db"), 0);
	cr_expect_eq(target_unmoved(&present, &err), -1);
	cr_expect(strstr(err.text, "another file") != NULL, "%s", err.text);
	cr_assert_eq(unlink("app.db"), 0);
	cr_expect_eq(target_unmoved(&present, &err), -1);
	cr_expect(strstr(err.text, "vanished") != NULL, "%s", err.text);
	cr_expect_eq(err.kind, ERR_REFUSED);
}

Test(target, side_files_are_seen)
{
	struct err err = { 0 };

	world_put("app.db", "x", 1);
	struct target target = inspected("app.db");
	cr_expect_eq(target_alone(&target, &err), 0);
	world_put("app.db-journal", "", 0);
	cr_expect_eq(target_alone(&target, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
}

Test(target, who_uses_it_is_named)
{
	struct err err = { 0 };
	char id[32];

	world_database("app.db", "wal", "old");
	struct target target = inspected("app.db");
	cr_expect_eq(target_unused(&target, &err), 0, "%s", err.text);

	pid_t pid = world_occupy("app.db", NULL);
	cr_expect_eq(target_unused(&target, &err), -1);
	(void)snprintf(id, sizeof(id), "process %d", (int)pid);
	cr_expect(strstr(err.text, id) != NULL, "%s", err.text);
	cr_expect_eq(err.kind, ERR_REFUSED);
	world_stop(pid);
	cr_expect_eq(target_unused(&target, &err), 0, "%s", err.text);
}
