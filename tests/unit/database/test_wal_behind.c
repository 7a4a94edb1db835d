/* Whose descriptor it is, and from where the WAL counts. */
#include "database/wal_behind.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

enum { piece = 8 << 20 };

TestSuite(wal_behind, .init = live_begin, .fini = live_end);

static bool
is_the_wal(int fd)
{
	struct stat of_fd, of_path;

	return fstat(fd, &of_fd) == 0 &&
	       stat(live_path("-wal"), &of_path) == 0 &&
	       of_fd.st_dev == of_path.st_dev && of_fd.st_ino == of_path.st_ino;
}

Test(wal_behind, it_uses_the_descriptor_of_sqlite)
{
	live_sql(live_wal_sql);
	struct pin *pin = pinned_open();
	struct wal_behind behind = { .source = &pinned_source };

	wal_behind_look(&behind, piece - 1);
	cr_expect_not(behind.sought, "a small WAL is nothing to write");
	wal_behind_look(&behind, piece);
	cr_assert(behind.sought);
	cr_assert_geq(behind.fd, 0);
	cr_expect(is_the_wal(behind.fd));
	cr_expect_eq(behind.begun, piece);
	pinned_let_go(pin);
	cr_expect_eq(fcntl(behind.fd, F_GETFD), -1,
	    "SQLite closed it, and nobody else has it open");
}

Test(wal_behind, without_a_wal_there_is_nothing_to_find)
{
	live_sql("CREATE TABLE t(a)");
	pinned_inspect();
	struct wal_behind behind = { .source = &pinned_source };

	wal_behind_look(&behind, piece);
	cr_expect_eq(behind.fd, -1);
}

Test(wal_behind, a_wal_that_was_started_anew_counts_from_there)
{
	struct wal_behind behind = {
		.begun = 10 * piece, .sought = true, .fd = -1
	};

	wal_behind_look(&behind, 100);
	cr_expect_eq(behind.begun, 100);
	wal_behind_look(&behind, 100 + piece - 1);
	cr_expect_eq(behind.begun, 100);
	wal_behind_look(&behind, 100 + piece);
	cr_expect_eq(behind.begun, 100 + piece);
}
