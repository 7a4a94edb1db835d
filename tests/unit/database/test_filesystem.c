/*
 * statfs(2) of this test program answers as a test wants it; SQLite and the
 * rest of the program do not use it.
 */
#include "database/filesystem.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "database/source.h"
#include "tests/unit/database/live.h"

static long pretended; /* 0: the truth; -1: fail */

int
statfs(const char *path, struct statfs *ret_fs)
{
	if (pretended == -1) {
		errno = EIO;
		return -1;
	}
	if (syscall(SYS_statfs, path, ret_fs) < 0)
		return -1;
	if (pretended != 0)
		ret_fs->f_type = pretended;
	return 0;
}

TestSuite(filesystem, .init = live_begin, .fini = live_end);

static const char *
name_of(long type)
{
	struct err err = { 0 };
	const char *name = "";

	pretended = type;
	cr_assert_eq(filesystem_shared(live_folder, &name, &err), 0);
	return name;
}

Test(filesystem, names)
{
	cr_assert_null(name_of(0));
	cr_assert_str_eq(name_of(0x6969), "NFS");
	cr_assert_str_eq(name_of(0xff534d42), "CIFS");
	/* As a machine with a 32-bit f_type has it. */
	cr_assert_str_eq(name_of((long)0xffffffffff534d42), "CIFS");
	cr_assert_str_eq(name_of(0x65735546), "FUSE");
	cr_assert_str_eq(name_of(0x01021997), "9p");
	cr_assert_null(name_of(0x58465342)); /* XFS */
	cr_assert_null(name_of(0x794c7630)); /* overlayfs */
	cr_assert_null(name_of(0x9123683e)); /* btrfs */
}

Test(filesystem, a_wal_is_refused_and_a_rollback_journal_is_not)
{
	struct source source;
	struct err err = { 0 };

	live_sql("CREATE TABLE t(a)");
	pretended = 0x6969;
	cr_assert_eq(source_inspect(live_db, &source, &err), 0);
	live_sql("PRAGMA journal_mode = WAL");
	cr_assert_eq(source_inspect(live_db, &source, &err), -1);
	cr_assert_eq(err.kind, ERR_REFUSED);
	cr_assert_not_null(
	    strstr(err.text, "is in WAL mode on NFS"), "%s", err.text);
	pretended = -1;
	cr_assert_eq(source_inspect(live_db, &source, &err), -1);
	cr_assert_eq(err.kind, ERR_FAILED);
}

static bool
tells_changes(long type)
{
	pretended = type;
	return filesystem_tells_changes(live_folder);
}

/* Where it is not known, it cannot be relied on. */
Test(filesystem, times_that_can_be_relied_on)
{
	cr_expect(tells_changes(0xef53));
	cr_expect(tells_changes(0x01021994));
	cr_expect(tells_changes((long)0xffffffff9123683e));
	cr_expect(!tells_changes(0x6969)); /* NFS */
	cr_expect(!tells_changes(0x65735546)); /* FUSE */
	cr_expect(!tells_changes(0x4d44)); /* FAT: two seconds */
	cr_expect(!tells_changes(0x12345678));
	cr_expect(!tells_changes(-1));
}
