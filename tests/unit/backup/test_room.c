/*
 * Only what is sure to fail is refused.
 */
#include "backup/room.h"

#include <criterion/criterion.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"

static struct output output = OUTPUT_NONE;

static void
open_output(void)
{
	struct err err = { 0 };

	cr_assert_eq(file_scratch("/tmp", &output.fd, &err), 0);
	output.name = "/tmp/a.tar.zst";
	output.scratch = "/tmp";
}

static void
close_output(void)
{
	(void)close(output.fd);
}

TestSuite(room, .init = open_output, .fini = close_output);

static uint64_t
pages_that_are_free(uint32_t page_size)
{
	struct statvfs vfs;

	cr_assert_eq(fstatvfs(output.fd, &vfs), 0);
	return vfs.f_bavail * vfs.f_frsize / page_size;
}

Test(room, without_a_full_nothing_is_known)
{
	const struct parent parent = PARENT_NONE;
	const struct manifest_database db = {
		.page_size = 65536,
		.page_count = PAGE_COUNT_MAX,
	};
	struct err err = { 0 };

	cr_expect_eq(room_for_full(&output, &parent, &db, &err), 0);
}

Test(room, by_what_the_last_full_came_to)
{
	/* Compressed to a half: what is refused is more than four times of
	 * what is free, since the estimate is halved. */
	const struct parent parent = {
		.full_image_bytes = 1000,
		.full_archive_bytes = 500,
	};
	uint64_t there = pages_that_are_free(65536);
	struct manifest_database db = { .page_size = 65536 };
	struct err err = { 0 };

	cr_assert_lt(there * 5, (uint64_t)PAGE_COUNT_MAX);
	db.page_count = (uint32_t)(there * 3);
	cr_expect_eq(room_for_full(&output, &parent, &db, &err), 0);
	db.page_count = (uint32_t)(there * 5);
	cr_expect_eq(room_for_full(&output, &parent, &db, &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);

	/* Of an increment its own pages count, not the image. */
	cr_expect_eq(room_for_increment(&output, &parent, &db, 100, &err), 0);
	cr_expect_eq(room_for_increment(
			 &output, &parent, &db, (uint32_t)(there * 5), &err),
	    -1);
}
