#include <criterion/criterion.h>
#include <string.h>

#include "doctor/judge.h"
#include "tests/unit/doctor/made_up.h"

TestSuite(judge_place, .init = made_up_begin);

static void
judge(void)
{
	found.count = 0;
	judge_place(&made_up, &found);
}

Test(judge_place, nothing)
{
	judge();
	cr_assert_eq(found.count, 0);
	made_up_in_use();
	judge();
	cr_assert_eq(found.count, 0);
}

Test(judge_place, room)
{
	made_up.free_bytes = 64 << 20;
	judge();
	cr_assert_eq(found.count, 0);
	made_up.source.wal_bytes = 1;
	judge();
	expect_finding(FOUND_SPACE_LOW, SEVERITY_WARNING, 0);
}

Test(judge_place, names)
{
	made_up.st[0].st_nlink = 2;
	judge();
	expect_finding(FOUND_HARD_LINK, SEVERITY_ERROR, 0);
	(void)strcpy(made_up.twin, "/srv/app.db.before-20261121T015800Z");
	judge();
	expect_finding(FOUND_RESTORE_TWIN, SEVERITY_ERROR, 0);
	cr_assert_eq(found.count, 1);
}

Test(judge_place, filesystem)
{
	made_up.shared_filesystem = "NFS";
	judge();
	expect_finding(FOUND_SHARED_FILESYSTEM, SEVERITY_ERROR, 0);
	made_up.source.through_wal = false;
	judge();
	expect_finding(FOUND_SHARED_FILESYSTEM, SEVERITY_WARNING, 0);
}

struct side {
	uid_t uid;
	gid_t gid;
	mode_t mode;
	bool writable; /* by the database's owner, 1000 of group 1000 */
};

Test(judge_place, owners)
{
	static const struct side sides[] = {
		{ 1000, 1000, 0600, true },
		{ 1000, 1000, 0400, false },
		{ 0, 0, 0644, false },
		{ 0, 0, 0666, true },
		{ 0, 1000, 0660, true },
		{ 0, 1000, 0646, false }, /* the group's bits count for it */
		{ 1001, 1001, 0660, false },
	};

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		made_up_begin();
		made_up_in_use();
		made_up.st[3].st_uid = sides[i].uid;
		made_up.st[3].st_gid = sides[i].gid;
		made_up.st[3].st_mode = sides[i].mode;
		judge();
		cr_assert_eq(finding(FOUND_SIDE_FILE_OWNER) == NULL,
		    sides[i].writable, "case %zu", i);
		made_up.st[0].st_uid = 0;
		judge();
		cr_assert_null(finding(FOUND_SIDE_FILE_OWNER), "root may");
	}
}

Test(judge_place, traps)
{
	made_up.would_lock_out = true;
	made_up.folder_mode = 0777;
	judge();
	expect_finding(FOUND_OWNERSHIP_TRAP, SEVERITY_WARNING, 0);
	expect_finding(FOUND_FOLDER_OPEN, SEVERITY_WARNING, 0);
}
