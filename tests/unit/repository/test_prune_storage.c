/* The clock of the storage, and a disk that is full. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/repository/pruning.h"
#include "tests/unit/repository/tree.h"

TestSuite(prune_storage, .init = pruning_begin, .fini = pruning_end);

Test(prune_storage, the_storage_tells_the_time)
{
	struct err err = { 0 };
	int64_t now = 0;

	pruning_plan(&pruning_last_one);
	tree_age(tree_path("app.db"), 100000);
	int64_t before = clock_now_ms();
	cr_assert_eq(prune_storage_now(&pruning.plan.catalog, &now, &err), 0);
	/* A kernel's tick may lie between the two clocks. */
	cr_expect_geq(now, before - 20);
	cr_expect_leq(now, clock_now_ms());
	cr_expect_eq(tree_count(), 16u);
}

/* Mounts of this test only; false where that cannot be had. */
static bool
own_mounts(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/*
 * ext4 has one block of 4096 bytes for the names of a folder, and wants another
 * one when it is full.
 */
static void
fill_names(void)
{
	char name[241];

	memset(name, 'x', 240);
	name[240] = '\0';
	for (char i = 'a'; i < 'a' + 13; i++) {
		name[0] = i;
		tree_write(tree_path("app.db/%s", name), "");
	}
}

/* A repository in a filesystem of its own, which is then filled up. */
static void
fill_up(const char *folder)
{
	char path[PATH_MAX + 8], block[1024];
	struct err err = { 0 };
	bool made = false;

	(void)snprintf(path, sizeof(path), "%s/r", folder);
	cr_assert_eq(repository_init(path, false, &tree, &made, &err), 0, "%s",
	    err.text);
	cr_assert_eq(repository_make_set(&tree, "app.db", &err), 0);
	pruning_make_set();
	fill_names();
	memset(block, 'x', sizeof(block));
	int fd = open(tree_path("fill"), O_WRONLY | O_CREAT, 0600);
	cr_assert_geq(fd, 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	cr_assert_eq(errno, ENOSPC);
	(void)close(fd);
}

static void
prunes_when_full(const char *folder)
{
	struct stat st;

	fill_up(folder);
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.deleted, 5u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_gone(pruning.e) &&
		  pruning_is_whole(pruning.f));
	cr_expect_eq(tree_count(), 6u + 13);
	cr_expect_eq(stat(tree_path("litesafe-reserve"), &st), 0);
	cr_assert_eq(umount2(folder, MNT_DETACH), 0);
}

Test(prune_storage, a_full_disk_can_be_pruned)
{
	char disk[PATH_MAX + 8];

	if (!own_mounts())
		cr_skip_test("needs root and mount namespaces");
	(void)snprintf(disk, sizeof(disk), "%s/disk", tree_folder);
	cr_assert_eq(mkdir(disk, 0700), 0);
	cr_assert_eq(mount("none", disk, "tmpfs", 0, "size=2m"), 0);
	prunes_when_full(disk);
}

Test(prune_storage, a_full_ext4_can_be_pruned)
{
	char disk[PATH_MAX + 8];

	if (!own_mounts())
		cr_skip_test("needs root and mount namespaces");
	(void)snprintf(disk, sizeof(disk), "%s/disk", tree_folder);
	cr_assert_eq(chdir(tree_folder), 0);
	if (system("exec >/dev/null 2>&1; mkdir disk && "
		   "truncate -s 16M img && mkfs.ext4 -q -b 4096 img && "
		   "mount -o loop img disk && rmdir disk/lost+found") != 0)
		cr_skip_test("needs mkfs.ext4 and loop devices");
	prunes_when_full(disk);
}
