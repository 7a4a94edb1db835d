/* The file is renamed, deleted, replaced or cut off while it is captured. */
#include "database/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "database/engine.h"
#include "tests/unit/database/captured.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

static void
begin(void)
{
	struct err err = { 0 };

	live_begin();
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
}

TestSuite(capture_lost, .init = begin, .fini = live_end);

static int
rename_it(struct err *act_err)
{
	(void)act_err;
	return rename(live_db, live_path(".old"));
}

static int
delete_it(struct err *act_err)
{
	(void)act_err;
	return unlink(live_db);
}

static int
replace_it(struct err *act_err)
{
	(void)act_err;
	return rename(live_path(".new"), live_db);
}

static int
cut_it(struct err *act_err)
{
	(void)act_err;
	return truncate(live_db, 40960);
}

static void
fails_when(int (*act)(struct err *), enum err_kind kind, const char *words)
{
	live_sql(live_wal_sql);
	FILE *file = fopen(live_path(".new"), "w");
	cr_assert_not_null(file);
	cr_assert_eq(fclose(file), 0);
	struct pin *pin = pinned_open();
	struct captured image = { .act_at = 100, .act = act };
	cr_assert_eq(captured_try(pin, &image, NULL), -1, "%s", words);
	cr_assert_eq(pinned_err.kind, kind);
	cr_assert_not_null(
	    strstr(pinned_err.text, words), "%s", pinned_err.text);
	pin_auto(&pin);
	free(image.bytes);
}

Test(capture_lost, renamed)
{
	fails_when(rename_it, ERR_INPUT, "was renamed or deleted meanwhile");

	/* What is left behind is not ours to remove by name any more. */
	cr_assert_eq(access(live_path(".old"), F_OK), 0);
}

Test(capture_lost, deleted)
{
	fails_when(delete_it, ERR_INPUT, "was renamed or deleted meanwhile");
}

Test(capture_lost, replaced)
{
	fails_when(replace_it, ERR_INPUT, "was replaced by another file");
}

/* The header and the WAL still speak of all its pages. */
Test(capture_lost, cut_off_before_with_commits_in_the_wal)
{
	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 7");
	cr_assert_eq(truncate(live_db, 40960), 0);
	struct pin *pin = pinned_open();
	struct captured image = { .len = 0 };
	cr_assert_eq(captured_try(pin, &image, NULL), -1);
	cr_assert_eq(pinned_err.kind, ERR_DAMAGED);
	cr_assert_not_null(
	    strstr(pinned_err.text,
		"app.db' is cut off: its page 11 of 406 is neither in the "
		"file nor in its -wal"),
	    "%s", pinned_err.text);
	pin_auto(&pin);
	free(image.bytes);
}

/* All but a few pages are in the WAL alone. */
Test(capture_lost, a_short_file_with_a_long_wal_is_whole)
{
	live_sql("PRAGMA journal_mode = WAL; CREATE TABLE t(a, b)");
	pid_t other = live_holder(
	    "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 10;"
	    "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
	    "FROM n LIMIT 3000) INSERT INTO t SELECT i, zeroblob(9000) FROM n;"
	    "DELETE FROM t WHERE a > 2; COMMIT");
	struct pin *pin = pinned_open();
	cr_assert_lt(pinned_source.bytes, 3 * 4096);
	cr_assert_gt(pin_facts(pin)->page_count, 5000);
	struct captured image = captured(pin);
	free(image.bytes);
	pinned_let_go(pin);
	live_dismiss(other);
}

Test(capture_lost, cut_off)
{
	fails_when(cut_it, ERR_DAMAGED, "was cut off while it was read");
}
