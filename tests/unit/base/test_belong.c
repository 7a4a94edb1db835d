/* What root makes is the folder's owner's; nothing else changes hands. */
#include "base/belong.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/shared/folder.h"

enum { ANNA = 4711, GROUP = 4712, BEN = 4713 };

static void
begin(void)
{
	if (geteuid() != 0)
		cr_skip_test("needs root: it gives files away");
	folder_make();
	cr_assert_eq(chdir(folder), 0);
	cr_assert_eq(mkdir("hers", 0700), 0);
	cr_assert_eq(chown("hers", ANNA, GROUP), 0);
}

static void
end(void)
{
	char command[PATH_MAX + 16];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	cr_expect_eq(system(command), 0);
}

TestSuite(belong, .init = begin, .fini = end);

static int
make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	cr_assert_geq(fd, 0);
	return fd;
}

/* By the folder's path. */
static void
give(int fd, const char *in)
{
	int at = open(in, O_PATH | O_DIRECTORY | O_CLOEXEC);

	belong_to(fd, at);
	(void)close(at);
}

static void
expect_owner(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_uid, uid);
	cr_expect_eq(st.st_gid, gid);
	(void)close(fd);
}

Test(belong, files_and_folders)
{
	int fd = make_file("hers/file");
	give(fd, "hers");
	expect_owner(fd, ANNA, GROUP);

	fd = open("hers", O_TMPFILE | O_RDWR, 0600);
	if (fd >= 0) {
		give(fd, "hers");
		expect_owner(fd, ANNA, GROUP);
	}

	int hers = open("hers", O_RDONLY | O_DIRECTORY);
	cr_assert_eq(mkdirat(hers, "set", 0700), 0);
	fd = openat(hers, "set", O_RDONLY | O_DIRECTORY);
	belong_to(fd, hers);
	expect_owner(fd, ANNA, GROUP);

	cr_assert_eq(mkdirat(hers, "state", 0700), 0);
	belong_above("hers/state");
	expect_owner(
	    openat(hers, "state", O_RDONLY | O_DIRECTORY), ANNA, GROUP);
	(void)close(hers);
}

Test(belong, roots_own_folder)
{
	int fd = make_file("file");

	give(fd, ".");
	expect_owner(fd, 0, 0);
	give(-1, "hers");
	give(1, "missing");
	belong_above("missing/folder");
}

Test(belong, what_is_not_roots)
{
	int fd = make_file("hers/file");

	cr_assert_eq(fchown(fd, BEN, BEN), 0);
	give(fd, "hers");
	expect_owner(fd, BEN, BEN);
}

static int
open_in(const char *in, const char *name, int flags)
{
	int at = open(in, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = belong_open(at, name, flags);

	(void)close(at);
	return fd;
}

Test(belong, a_file_that_is_opened)
{
	int fd = open_in("hers", "file", O_WRONLY | O_CREAT);

	cr_assert_geq(fd, 0);
	expect_owner(fd, ANNA, GROUP);
	fd = open_in(".", "file", O_WRONLY | O_CREAT);
	cr_assert_geq(fd, 0);
	expect_owner(fd, 0, 0);
	cr_assert_eq(symlink("../file", "hers/link"), 0);
	cr_expect_eq(open_in("hers", "link", O_WRONLY), -1);

	/* Her folder's name leads to one of root's: nothing there is hers. */
	cr_assert_eq(mkdir("private", 0700), 0);
	cr_assert_eq(mkdir("private/state", 0700), 0);
	cr_assert_eq(symlink("../private", "hers/set"), 0);
	fd = open_in("hers/set", "file", O_WRONLY | O_CREAT);
	cr_assert_geq(fd, 0);
	expect_owner(fd, 0, 0);
	belong_above("hers/set/state");
	expect_owner(open("private/state", O_RDONLY | O_DIRECTORY), 0, 0);
}

/* Anna can give a file of root's a name in her folder, were it not forbidden. */
Test(belong, a_file_with_another_name)
{
	int fd = make_file("secret");

	cr_assert_eq(link("secret", "hers/file"), 0);
	give(fd, "hers");
	expect_owner(fd, 0, 0);

	cr_assert_eq(mkdir("private", 0700), 0);
	cr_assert_eq(symlink("../private", "hers/state"), 0);
	belong_above("hers/state");
	expect_owner(open("private", O_RDONLY | O_DIRECTORY), 0, 0);
}

/* Whatever root would write there, it would be written to another file. */
Test(belong, a_file_with_another_name_is_not_opened)
{
	int fd = make_file("secret");

	cr_assert_eq(link("secret", "hers/file"), 0);
	cr_expect_eq(open_in("hers", "file", O_WRONLY | O_CREAT), -1);
	cr_expect_eq(errno, EMLINK);
	cr_expect_eq(open_in("hers", "file", O_WRONLY | O_APPEND), -1);
	expect_owner(fd, 0, 0);

	cr_assert_eq(unlink("secret"), 0);
	fd = open_in("hers", "file", O_WRONLY | O_CREAT);
	cr_assert_geq(fd, 0);
	(void)close(fd);
}

Test(belong, others_give_nothing_away)
{
	cr_assert_eq(chmod("hers", 0777), 0);
	cr_assert_eq(chmod(".", 0755), 0);
	cr_assert_eq(seteuid(BEN), 0);
	int fd = open("hers/file", O_RDWR | O_CREAT, 0600);
	cr_assert_geq(fd, 0);
	give(fd, "hers");
	cr_assert_eq(seteuid(0), 0);
	expect_owner(fd, BEN, 0);
}
