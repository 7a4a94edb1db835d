#include "database/wal_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

TestSuite(wal_file, .init = live_begin, .fini = live_end);

static struct wal_file
read_wal(void)
{
	struct wal_file wal;
	struct err err = { 0 };

	cr_assert_eq(
	    wal_file_read(live_db, NULL, &wal, &err), 0, "%s", err.text);
	return wal;
}

static struct wal_fit
compare(const struct wal_file *wal)
{
	struct wal_fit fit;
	struct err err = { 0 };

	cr_assert_eq(wal_file_compare(live_db, wal, NULL, &fit, &err), 0, "%s",
	    err.text);
	return fit;
}

static void
write_wal(const uint8_t *bytes, size_t len)
{
	FILE *file = fopen(live_path("-wal"), "wb");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, len, file), len);
	cr_assert_eq(fclose(file), 0);
}

Test(wal_file, none)
{
	struct wal_file wal = read_wal();

	cr_assert_eq(wal.bytes, 0);
	cr_assert_not(wal.believed);
	cr_assert_eq(wal.frames, 0);
}

Test(wal_file, what_a_dead_application_left)
{
	live_sql(live_wal_sql);
	live_sql_and_die("UPDATE t SET b = 1 WHERE a = 1;"
			 "UPDATE t SET b = 2 WHERE a = 1;"
			 "INSERT INTO t VALUES(5000, zeroblob(100000))");
	struct wal_file wal = read_wal();
	struct stat st;

	cr_assert(wal.believed);
	cr_assert_eq(wal.header.page_size, 4096);
	cr_assert_eq(stat(live_path("-wal"), &st), 0);
	cr_assert_eq(wal.bytes, (uint64_t)st.st_size);
	cr_assert_eq(wal.frames, (wal.bytes - 32) / (4096 + 24));
	cr_assert_eq(stat(live_db, &st), 0);
	cr_assert_gt(wal.pages, (uint64_t)st.st_size / 4096);

	struct wal_fit fit = compare(&wal);
	cr_assert_eq(fit.same, 0);
	cr_assert_gt(fit.newer, 25);
	cr_assert_lt(fit.newer, wal.frames, "some page is in it twice");
	cr_assert_eq(fit.absent, 0);
	cr_assert(fit.has_page_one);
}

/* All of it was taken into the main file, and it stayed. */
Test(wal_file, what_a_checkpoint_left)
{
	live_sql(live_wal_sql);
	live_sql_and_die("INSERT INTO t VALUES(5000, zeroblob(100000));"
			 "PRAGMA wal_checkpoint");
	struct wal_file wal = read_wal();
	struct wal_fit fit = compare(&wal);

	cr_assert_gt(wal.frames, 0);
	cr_assert_eq(fit.newer, 0);
	cr_assert_gt(fit.same, 0);
}

/* What a transaction that never ended wrote counts for nothing. */
Test(wal_file, frames_without_a_commit)
{
	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 3; PRAGMA cache_size = 1;"
			 "BEGIN; UPDATE t SET b = zeroblob(800)");
	struct wal_file wal = read_wal();

	cr_assert_eq(wal.frames, 1);
	cr_assert_gt(wal.bytes, 100000, "they are there");
}

/* As SQLite: up to the first frame that does not fit, and its commit. */
Test(wal_file, a_spoiled_frame_ends_it)
{
	size_t len = 0;

	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 3; PRAGMA user_version = 4;"
			 "PRAGMA user_version = 5");
	uint8_t *bytes = live_content(live_path("-wal"), &len);
	cr_assert_eq(read_wal().frames, 3);
	bytes[32 + 4120 + 2000] ^= 1;
	write_wal(bytes, len);
	cr_assert_eq(read_wal().frames, 1);
	write_wal(bytes, 32 + 4120 + 100);
	cr_assert_eq(read_wal().frames, 1, "cut off within a frame");
	write_wal(bytes, 31);
	cr_assert_not(read_wal().believed);
	free(bytes);
}

Test(wal_file, a_header_that_is_not_believed)
{
	struct wal_header header;
	size_t len = 0;

	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 3");
	uint8_t *bytes = live_content(live_path("-wal"), &len);
	cr_assert(wal_header_decode(bytes, &header));
	cr_assert_eq(memcmp(header.salts, bytes + 16, 8), 0);
	/* 12 to 15 is the count of checkpoints; any bit is under the sum. */
	for (size_t i = 0; i < 32; i++) {
		bytes[i] ^= 0x20;
		cr_assert_not(wal_header_decode(bytes, &header), "byte %zu", i);
		bytes[i] ^= 0x20;
	}
	free(bytes);
}

/* The main file of another state: what the WAL counts on is not there. */
Test(wal_file, pages_that_are_nowhere)
{
	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 3");
	struct wal_file wal = read_wal();

	cr_assert_eq(compare(&wal).absent, 0);
	cr_assert_eq(truncate(live_db, 8192), 0);
	cr_assert_eq(compare(&wal).absent, wal.pages - 2);
}

Test(wal_file, hostile_numbers)
{
	struct wal_fit fit;
	struct err err = { 0 };

	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 3");
	struct wal_file wal = read_wal();
	wal.pages = UINT32_MAX;
	cr_assert_eq(wal_file_compare(live_db, &wal, NULL, &fit, &err), -1);
	cr_assert_eq(err.kind, ERR_FAILED);
	cr_assert_eq(unlink(live_path("-wal")), 0);
	wal.pages = 3;
	cr_assert_eq(wal_file_compare(live_db, &wal, NULL, &fit, &err), -1);
	cr_assert_eq(mkfifo(live_path("-wal"), 0600), 0);
	cr_assert_eq(wal_file_read(live_db, NULL, &wal, &err), -1);
	cr_assert_eq(err.kind, ERR_INPUT);
}

Test(wal_file, a_stop_request)
{
	struct work work = { .stop = 15 };
	struct wal_file wal;
	struct err err = { 0 };

	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 3");
	cr_assert_eq(wal_file_read(live_db, &work, &wal, &err), -1);
	cr_assert_eq(err.kind, ERR_STOPPED);
}
