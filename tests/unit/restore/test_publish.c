/* The switch, and what it does with what was there. */
#include "restore/publish.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "world.h"

TestSuite(publish, .init = world_begin, .fini = world_end);

static const uint8_t fresh[] = "the new database";

static struct target
inspected(const char *path)
{
	struct target target;
	struct err err = { 0 };

	cr_assert_eq(target_inspect(path, &target, &err), 0, "%s", err.text);
	return target;
}

static struct draft
drafted(const struct target *target)
{
	struct draft draft = DRAFT_NONE;
	struct err err = { 0 };

	cr_assert_eq(draft_open(target->path, &draft, &err), 0, "%s", err.text);
	cr_assert_eq(
	    file_write_at(draft.fd, fresh, sizeof(fresh), 0, "draft", &err), 0);
	return draft;
}

static int
publish(
    const struct target *target, struct published *published, struct err *err)
{
	struct draft draft = drafted(target);
	int rc = publish_run(target, &draft, published, err);

	draft_auto(&draft);
	return rc;
}

Test(publish, a_free_name_is_simply_taken)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };
	struct target target = inspected("app.db");

	cr_assert_eq(publish(&target, &published, &err), 0, "%s", err.text);
	cr_expect(world_same("app.db", fresh, sizeof(fresh)));
	cr_expect_eq(world_count(""), 1);
	cr_expect_eq(published.aside.count, 0);
	cr_expect_not(published.replaced);
	aside_done(&published.aside);
}

Test(publish, stale_side_files_never_meet_the_new_database)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };

	world_put("app.db-wal", "stale wal", 9);
	world_put("app.db-journal", "stale journal", 13);
	struct target target = inspected("app.db");
	cr_assert_eq(publish(&target, &published, &err), 0, "%s", err.text);
	cr_expect(world_same("app.db", fresh, sizeof(fresh)));
	cr_expect_not(world_exists("app.db-wal"));
	cr_expect_not(world_exists("app.db-journal"));
	cr_assert_eq(published.aside.count, 2);
	cr_expect(world_same(
	    published.aside.file[0].to, (const uint8_t *)"stale wal", 9));
	aside_done(&published.aside);
}

/* An application started and made its own database while we unpacked. */
Test(publish, a_name_that_was_taken_meanwhile_is_left_alone)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };
	struct target target = inspected("app.db");

	world_put("app.db", "theirs", 6);
	world_put("app.db-wal", "theirs too", 10);
	cr_assert_eq(publish(&target, &published, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(world_same("app.db", (const uint8_t *)"theirs", 6));
	cr_expect(world_same("app.db-wal", (const uint8_t *)"theirs too", 10));
	cr_expect_eq(world_count(""), 2, "something was left behind");
	cr_expect_eq(published.aside.count, 0);
}

Test(publish, the_old_database_is_kept_whole)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };

	world_database("app.db", "wal", "old");
	ino_t old = world_inode("app.db");
	struct target target = inspected("app.db");
	cr_assert_eq(publish(&target, &published, &err), 0, "%s", err.text);
	cr_expect(world_same("app.db", fresh, sizeof(fresh)));
	cr_expect(published.replaced);
	cr_expect_not(published.absent_meanwhile);
	cr_assert_eq(published.aside.count, 1);
	cr_expect_eq(world_inode(published.aside.file[0].to), old);
	cr_expect_eq(world_count(""), 2);
	cr_expect_str_eq(world_tag(published.aside.file[0].to), "old");
	aside_done(&published.aside);
}

Test(publish, another_file_under_the_name_is_not_replaced)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };

	world_database("app.db", "delete", "old");
	struct target target = inspected("app.db");
	cr_assert_eq(rename("app.db", "moved.db"), 0);
	world_database("app.db", "delete", "theirs");
	cr_assert_eq(publish(&target, &published, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect_str_eq(world_tag("app.db"), "theirs");
	cr_expect_eq(world_count(""), 2);
}

static void
expect_set_aside(struct published *published, const char *wal, size_t wal_len)
{
	cr_expect(published->replaced);
	cr_expect(published->absent_meanwhile);
	cr_expect(world_same("app.db", fresh, sizeof(fresh)));
	cr_expect_not(world_exists("app.db-wal"));
	cr_assert_eq(published->aside.count, 2);
	cr_expect(world_same(
	    published->aside.file[1].to, (const uint8_t *)wal, wal_len));
	aside_done(&published->aside);
}

Test(publish, a_damaged_database_goes_aside_with_its_wal)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };

	world_put("app.db", "SQLite format 3, or what is left of it", 38);
	world_put("app.db-wal", "its wal", 7);
	struct target target = inspected("app.db");
	cr_assert_eq(publish(&target, &published, &err), 0, "%s", err.text);
	expect_set_aside(&published, "its wal", 7);
}

/* SQLite deletes the -wal of an empty file: it must not even be opened. */
Test(publish, an_empty_database_does_not_lose_its_wal)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };

	world_put("app.db", "", 0);
	world_put("app.db-wal", "the only copy", 13);
	struct target target = inspected("app.db");
	cr_assert_eq(publish(&target, &published, &err), 0, "%s", err.text);
	expect_set_aside(&published, "the only copy", 13);
}

static void
expect_refused_in_use(const char *mode, const char *sql)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };

	world_database("app.db", mode, "old");
	struct target target = inspected("app.db");
	pid_t pid = world_occupy("app.db", sql);
	unsigned names = world_count("");
	cr_expect_eq(publish(&target, &published, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED, "%s", err.text);
	cr_expect(strstr(err.text, "in use") != NULL, "%s", err.text);
	cr_expect_eq(world_count(""), names);
	world_stop(pid);
	cr_expect_str_eq(world_tag("app.db"), "old");
}

Test(publish, a_wal_database_in_use_is_refused)
{
	expect_refused_in_use("wal", NULL);
}

/* It holds no lock; only its open descriptor shows. */
Test(publish, an_idle_rollback_database_in_use_is_refused)
{
	expect_refused_in_use("delete", NULL);
}

/* The application is dead, its last commits are only in the -wal. */
Test(publish, commits_in_the_wal_of_a_dead_application_are_kept)
{
	struct published published = PUBLISHED_NONE;
	struct err err = { 0 };

	world_database("app.db", "wal", "old");
	world_stop(world_occupy("app.db", "insert into note values('newer')"));
	cr_assert(world_exists("app.db-wal"));
	struct target target = inspected("app.db");
	cr_assert_eq(publish(&target, &published, &err), 0, "%s", err.text);
	cr_assert_eq(published.aside.count, 1);
	cr_expect_eq(world_count(""), 2, "side files were left");
	cr_expect_str_eq(world_tag(published.aside.file[0].to), "newer");
	aside_done(&published.aside);
}
