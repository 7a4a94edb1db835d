/* Files that root makes meanwhile are the owner's from the first moment. */
#include "database/owner.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/shared/fresh.h"

enum { SOMEBODY = 4711, GROUP = 4712 };

static char folder[FRESH_BYTES];
static struct source source;

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	cr_assert(fd >= 0);
	(void)close(fd);
}

static void
make_folder(void)
{
	if (geteuid() != 0)
		cr_skip_test("needs root: it becomes another user");
	fresh_folder(folder);
	cr_assert_eq(chdir(folder), 0);
	make_file("app.db");
	(void)snprintf(source.path, sizeof(source.path), "%s/app.db", folder);
	source.uid = SOMEBODY;
	source.gid = GROUP;
	cr_assert_eq(chown("app.db", SOMEBODY, GROUP), 0);
}

static void
remove_folder(void)
{
	char command[FRESH_BYTES + 16];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(owner, .init = make_folder, .fini = remove_folder);

static void
expect_owner(const char *path, uid_t uid, gid_t gid)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_uid, uid, "%s", path);
	cr_expect_eq(st.st_gid, gid, "%s", path);
}

static void
expect_root_again(void)
{
	make_file("after");
	expect_owner("after", 0, 0);
	/* The capabilities over files came back, too. */
	cr_expect_eq(chown("after", SOMEBODY, GROUP), 0);
}

Test(owner, files_made_meanwhile_are_the_owners)
{
	struct owner owner;

	cr_assert_eq(chown(folder, SOMEBODY, GROUP), 0);
	owner_take(&owner, &source);
	make_file("app.db-wal");
	owner_auto(&owner);
	expect_owner("app.db-wal", SOMEBODY, GROUP);
	expect_root_again();
}

Test(owner, one_who_cannot_make_files_there_is_not_asked)
{
	struct owner owner;

	cr_assert_eq(chmod(folder, 0755), 0);
	owner_take(&owner, &source);
	cr_expect(!owner.taken);
	make_file("app.db-wal");
	expect_owner("app.db-wal", 0, 0);
	expect_root_again();
}

Test(owner, one_who_cannot_write_the_database_is_not_asked)
{
	struct owner owner;

	cr_assert_eq(chown(folder, SOMEBODY, GROUP), 0);
	cr_assert_eq(chmod("app.db", 0444), 0);
	owner_take(&owner, &source);
	cr_expect(!owner.taken);
	expect_root_again();
}

Test(owner, roots_own_database_changes_nothing)
{
	struct owner owner;

	source.uid = 0;
	source.gid = 0;
	owner_take(&owner, &source);
	cr_expect(!owner.taken);
}

Test(owner, giving_back_twice_is_harmless)
{
	struct owner owner;

	cr_assert_eq(chown(folder, SOMEBODY, GROUP), 0);
	owner_take(&owner, &source);
	owner_auto(&owner);
	owner_auto(&owner);
	expect_root_again();
}
