/*
 * What the state remembers, and that nothing in it is trusted.
 */
#include "repository/state.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "tests/unit/repository/tree.h"

static struct state state;

static void
make(void)
{
	struct err err = { 0 };
	char base[PATH_MAX + 16];

	tree_make();
	(void)snprintf(base, sizeof(base), "%s/st/ate", tree_folder);
	cr_assert_eq(
	    state_open(base, &tree, "app.db", &state, &err), 0, "%s", err.text);
}

TestSuite(state, .init = make, .fini = tree_remove);

static const char *
in_state(const char *name)
{
	static char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", state.folder, name);
	return path;
}

Test(state, has_a_private_folder_of_its_own)
{
	char base[PATH_MAX + 16], want[PATH_MAX + 128];
	struct err err = { 0 };
	AUTO(state) struct state other = STATE_CLOSED;
	struct stat st;

	(void)snprintf(base, sizeof(base), "%s/st/ate", tree_folder);
	(void)snprintf(want, sizeof(want), "%s/%s/app.db", base, tree.id);
	cr_expect_str_eq(state.folder, want);
	cr_assert_eq(stat(state.folder, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
	/* A set whose last part is the name of a file there. */
	cr_assert_eq(state_open(base, &tree, "app.db/sums", &other, &err), 0);
	cr_expect(!tree_has(in_state("sums")));
	cr_assert_eq(state_open(base, &tree, "../x", &other, &err), -1);
}

/* Whoever owns the state folder must not lead root out of it. */
Test(state, a_link_on_the_way_is_not_followed)
{
	char base[PATH_MAX + 16], path[PATH_MAX + 128], out[PATH_MAX + 16];
	AUTO(state) struct state other = STATE_CLOSED;
	struct err err = { 0 };

	(void)snprintf(base, sizeof(base), "%s/st/other", tree_folder);
	(void)snprintf(out, sizeof(out), "%s/out", tree_folder);
	(void)snprintf(path, sizeof(path), "%s/%s", base, tree.id);
	cr_assert_eq(mkdir(base, 0700), 0);
	cr_assert_eq(mkdir(out, 0700), 0);
	cr_assert_eq(symlink("../../out", path), 0);
	cr_expect_eq(state_open(base, &tree, "app.db", &other, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.text, "is not a folder") != NULL, "%s", err.text);

	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkdir(path, 0700), 0);
	(void)strcat(path, "/app.db");
	cr_assert_eq(symlink("../../../out", path), 0);
	cr_expect_eq(state_open(base, &tree, "app.db", &other, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect_eq(rmdir(out), 0, "something was made in it");
}

/* A folder that is moved away and replaced meanwhile gets nothing of ours. */
Test(state, files_are_in_the_folder_that_was_opened)
{
	char away[PATH_MAX + 64], there[PATH_MAX + 128];
	const struct state_check check = {
		.id = "0123456789abcdef",
		.level = STATE_STORED,
	};
	struct err err = { 0 };

	(void)snprintf(away, sizeof(away), "%s.away", state.folder);
	(void)snprintf(there, sizeof(there), "%s/checks", away);
	cr_assert_eq(rename(state.folder, away), 0);
	cr_assert_eq(mkdir(state.folder, 0700), 0);
	cr_assert_eq(state_check_add(&state, &check, &err), 0, "%s", err.text);
	cr_expect(tree_has(there));
	cr_expect(!tree_has(in_state("checks")));
	cr_expect_eq(rmdir(state.folder), 0);
}

Test(state, who_looks_makes_nothing)
{
	char base[PATH_MAX + 16], folder[PATH_MAX + 128];
	struct state other;
	struct err err = { 0 };

	(void)snprintf(base, sizeof(base), "%s/none", tree_folder);
	cr_assert_eq(
	    state_look(base, &tree, "app.db", &other, &err), 0, "%s", err.text);
	(void)snprintf(folder, sizeof(folder), "%s/%s/app.db", base, tree.id);
	cr_expect_str_eq(other.folder, folder);
	cr_expect(!tree_has(base));
	tree_write(base, "");
	cr_expect_eq(state_look(base, &tree, "app.db", &other, &err), -1);
	cr_expect(strstr(err.text, "Not a directory") != NULL, "%s", err.text);
}

Test(state, default_folder)
{
	char path[PATH_MAX];
	struct err err = { 0 };

	if (geteuid() == 0) {
		cr_assert_eq(state_default_folder(path, &err), 0);
		cr_expect_str_eq(path, "/var/lib/litesafe");
		cr_assert_eq(seteuid(65534), 0);
	}
	cr_assert_eq(setenv("HOME", "/home/x", 1), 0);
	cr_assert_eq(setenv("XDG_STATE_HOME", "/xdg", 1), 0);
	cr_assert_eq(state_default_folder(path, &err), 0);
	cr_expect_str_eq(path, "/xdg/litesafe");
	cr_assert_eq(setenv("XDG_STATE_HOME", "not/absolute", 1), 0);
	cr_assert_eq(state_default_folder(path, &err), 0);
	cr_expect_str_eq(path, "/home/x/.local/state/litesafe");
	cr_assert_eq(unsetenv("HOME"), 0);
	cr_assert_eq(state_default_folder(path, &err), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect(strstr(err.text, "name one with --state") != NULL);
	if (getuid() == 0)
		cr_assert_eq(seteuid(0), 0);
}

/* --- sums --------------------------------------------------------------- */

/* Sums for the database's pages, kept; and their root. */
static void
keep_sums(struct manifest_database *db)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	AUTO(sha256) struct sha256 *stream = NULL;
	uint8_t sums[7 * PAGE_SUM_BYTES];
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(sums); i++)
		sums[i] = (uint8_t)(i * 7);
	cr_assert_eq(sha256_new(&stream, &err), 0);
	manifest_root_begin(stream, db->page_size, db->page_count);
	sha256_add(stream, sums, sizeof(sums));
	sha256_finish(stream, db->root);
	cr_assert_eq(state_sums_draft(&state, NULL, &draft, &err), 0);
	cr_assert_eq(
	    file_write(draft.fd, sums, sizeof(sums), "sums", NULL, &err), 0);
	cr_assert_eq(state_sums_keep(&draft, &err), 0, "%s", err.text);
}

static bool
has_sums(const struct manifest_database *db)
{
	AUTO(fd) int fd = state_sums_open(&state, NULL, db);

	return fd >= 0;
}

Test(state, sums_are_believed_for_their_root_only)
{
	struct manifest_database db = tree_manifest('a', 0, 1).database;

	cr_expect(!has_sums(&db));
	keep_sums(&db);
	cr_expect(has_sums(&db));
	db.root[0] ^= 1;
	cr_expect(!has_sums(&db));
	db.root[0] ^= 1;
	db.page_count++;
	cr_expect(!has_sums(&db));
	db.page_count--;
	db.page_size *= 2;
	cr_expect(!has_sums(&db));
}

Test(state, damaged_or_hostile_sums_are_none)
{
	struct manifest_database db = tree_manifest('a', 0, 1).database;
	const char *path = in_state("sums");

	keep_sums(&db);
	int fd = open(path, O_WRONLY);
	cr_assert_eq(pwrite(fd, "x", 1, 50), 1);
	(void)close(fd);
	cr_expect(!has_sums(&db));
	keep_sums(&db);
	cr_assert_eq(truncate(path, 7 * PAGE_SUM_BYTES - 1), 0);
	cr_expect(!has_sums(&db));
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect(!has_sums(&db));
	cr_assert_eq(unlink(path), 0);
	keep_sums(&db);
	cr_assert_eq(rename(path, tree_path("aside")), 0);
	cr_assert_eq(symlink(tree_path("aside"), path), 0);
	cr_expect(!has_sums(&db));
}

/* --- checks ------------------------------------------------------------- */

static void
add(const char *id, enum state_level level, enum state_answer answer,
    int64_t time_ms)
{
	struct state_check check = {
		.level = level, .answer = answer, .time_ms = time_ms
	};
	struct err err = { 0 };

	(void)strcpy(check.id, id);
	cr_assert_eq(state_check_add(&state, &check, &err), 0, "%s", err.text);
}

static struct state_check *
checks(size_t *ret_count)
{
	struct state_check *list = NULL;
	struct err err = { 0 };

	cr_assert_eq(state_checks_read(&state, &list, ret_count, &err), 0, "%s",
	    err.text);
	return list;
}

#define ID_A "aaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbb"

Test(state, the_last_check_of_each_level_counts)
{
	size_t count = 9;
	struct state_check *list = checks(&count);

	cr_expect_eq(count, 0u);
	free(list);
	add(ID_B, STATE_STORED, STATE_OK, 5000);
	add(ID_A, STATE_STORED, STATE_OK, 9000);
	add(ID_A, STATE_RESTORE, STATE_UNVERIFIABLE, 9000);
	/* The clock was set back. */
	add(ID_A, STATE_STORED, STATE_DAMAGED, 4000);
	list = checks(&count);
	cr_assert_eq(count, 3u);
	cr_expect_str_eq(list[0].id, ID_A);
	cr_expect_eq(list[0].level, STATE_STORED);
	cr_expect_eq(list[0].answer, STATE_DAMAGED);
	cr_expect_eq(list[0].time_ms, 4000);
	cr_expect_eq(list[1].level, STATE_RESTORE);
	cr_expect_eq(list[1].answer, STATE_UNVERIFIABLE);
	cr_expect_str_eq(list[2].id, ID_B);
	free(list);
}

Test(state, what_is_stored_is_damaged_until_it_was_rebuilt)
{
	static const char id[] = "0123456789abcdef";
	struct state_check list[2] = {
		{ .level = STATE_RESTORE,
		    .answer = STATE_DAMAGED,
		    .time_ms = 9,
		    .order = 5 },
		{ .level = STATE_STORED,
		    .answer = STATE_DAMAGED,
		    .time_ms = 7,
		    .order = 7 },
	};

	(void)strcpy(list[0].id, id);
	(void)strcpy(list[1].id, id);
	cr_expect(state_checks_damaged(list, 2, id));
	cr_expect_not(state_checks_damaged(list, 2, "1123456789abcdef"));
	/* SQLite found the database damaged, and was shown what was stored. */
	cr_expect_not(state_checks_damaged(list, 1, id));
	list[0].order = 8;
	cr_expect_not(state_checks_damaged(list, 2, id));
	list[0].order = 5;
	list[1].answer = STATE_OK;
	cr_expect_not(state_checks_damaged(list, 2, id));
}

/* When the clock was ahead, a check of then looks newer than one of now. */
Test(state, the_order_of_checks_is_not_the_clock_s)
{
	static const char ids[][SNAPSHOT_ID_BYTES] = { ID_A };
	struct err err = { 0 };
	struct state_check check = {
		.id = ID_A,
		.level = STATE_RESTORE,
		.time_ms = 9000,
	};
	size_t count = 0;

	cr_assert_eq(state_check_add(&state, &check, &err), 0);
	check.level = STATE_STORED;
	check.answer = STATE_DAMAGED;
	check.time_ms = 1000;
	cr_assert_eq(state_check_add(&state, &check, &err), 0);
	for (int i = 0; i < 2; i++) {
		struct state_check *list = checks(&count);

		cr_assert_eq(count, 2u);
		cr_expect(state_checks_damaged(list, count, ID_A));
		free(list);
		/* Written anew, they stand in the same order. */
		cr_assert_eq(state_checks_retain(&state, ids, 1, &err), 0);
	}
}

Test(state, a_chain_is_remembered_where_it_is_known)
{
	const struct state_check check = {
		.id = ID_A,
		.chain = ID_B,
		.level = STATE_STORED,
	};
	struct err err = { 0 };
	size_t count = 0;

	cr_assert_eq(state_check_add(&state, &check, &err), 0, "%s", err.text);
	struct state_check *list = checks(&count);
	cr_assert_eq(count, 1u);
	cr_expect_str_eq(list[0].chain, ID_B);
	free(list);
}

Test(state, lines_that_cannot_be_read_are_passed_over)
{
	size_t count = 0;

	tree_write(in_state("checks"),
	    "\n"
	    "aaaaaaaaaaaaaaaa stored ok 2026-11-20T00:00:00.000Z\n"
	    "bbbbbbbbbbbbbbbb stored ok 2026-11-20T00:00:00.000\n"
	    "bbbbbbbbbbbbbbb stored ok 2026-11-20T00:00:00.000Z\n"
	    "bbbbbbbbbbbbbbbbb stored ok 2026-11-20T00:00:00.000Z\n"
	    "Bbbbbbbbbbbbbbbb stored ok 2026-11-20T00:00:00.000Z\n"
	    "bbbbbbbbbbbbbbbb none ok 2026-11-20T00:00:00.000Z\n"
	    "bbbbbbbbbbbbbbbb stored fine 2026-11-20T00:00:00.000Z\n"
	    "bbbbbbbbbbbbbbbb stored ok 2026-02-30T00:00:00.000Z\n"
	    "bbbbbbbbbbbbbbbb stored okcccccccccccccccc stored ok 2026-11\n"
	    "bbbbbbbbbbbbbbbb stored ok 2026-11-20T00:00:00.000Z "
	    "cccccccccccccccC\n"
	    "bbbbbbbbbbbbbbbb");
	struct state_check *list = checks(&count);
	cr_assert_eq(count, 1u);
	cr_expect_str_eq(list[0].id, ID_A);
	free(list);
}

Test(state, of_a_huge_file_the_end_is_read)
{
	size_t count = 0;

	add(ID_A, STATE_STORED, STATE_OK, 1000);
	cr_assert_eq(truncate(in_state("checks"), 1l << 34), 0);
	add(ID_B, STATE_STORED, STATE_OK, 1000);
	struct state_check *list = checks(&count);
	cr_assert_eq(count, 1u);
	cr_expect_str_eq(list[0].id, ID_B);
	free(list);
}

Test(state, several_processes_may_append)
{
	enum { PROCESSES = 4, CHECKS = 200 };
	size_t count = 0;

	for (int p = 0; p < PROCESSES; p++) {
		if (fork() != 0)
			continue;
		for (int i = 0; i < CHECKS; i++) {
			char id[SNAPSHOT_ID_BYTES];

			(void)snprintf(id, sizeof(id), "%08x%08x", p, i);
			add(id, STATE_STORED, STATE_OK, i);
		}
		_exit(0);
	}
	for (int p = 0; p < PROCESSES; p++)
		cr_assert(wait(NULL) > 0);
	free(checks(&count));
	cr_expect_eq(count, (size_t)PROCESSES * CHECKS);
}

Test(state, what_is_not_retained_is_forgotten)
{
	const char ids[2][SNAPSHOT_ID_BYTES] = { "cccccccccccccccc", ID_B };
	struct err err = { 0 };
	size_t count = 0;

	cr_assert_eq(state_checks_retain(&state, ids, 2, &err), 0);
	cr_expect(!tree_has(in_state("checks")));
	add(ID_A, STATE_STORED, STATE_OK, 1000);
	add(ID_B, STATE_STORED, STATE_DAMAGED, 1000);
	add(ID_B, STATE_RESTORE, STATE_OK, 2000);
	cr_assert_eq(
	    state_checks_retain(&state, ids, 2, &err), 0, "%s", err.text);
	struct state_check *list = checks(&count);
	cr_assert_eq(count, 2u);
	cr_expect_str_eq(list[0].id, ID_B);
	cr_expect_eq(list[0].answer, STATE_DAMAGED);
	cr_expect_eq(list[1].time_ms, 2000);
	free(list);
}

Test(state, when_a_set_was_verified_last_is_not_forgotten)
{
	struct err err = { 0 };
	size_t count = 0;

	add(ID_A, STATE_RESTORE, STATE_UNVERIFIABLE, 1000);
	add(ID_A, STATE_STORED, STATE_OK, 3000);
	add(ID_A, STATE_UNCHANGED, STATE_OK, 8000);
	add(ID_B, STATE_STORED, STATE_OK, 2000);
	add(ID_B, STATE_RESTORE, STATE_DAMAGED, 9000);
	/* The clock was wrong. */
	add(ID_B, STATE_RESTORE, STATE_OK, clock_now_ms() + 3600000);
	/* Again and again, as every prune does. */
	for (int i = 0; i < 2; i++)
		cr_assert_eq(state_checks_retain(&state, NULL, 0, &err), 0,
		    "%s", err.text);
	struct state_check *list = checks(&count);
	cr_assert_eq(count, 2u);
	cr_expect_str_eq(list[0].id, ID_A);
	cr_expect_eq(list[0].level, STATE_STORED);
	cr_expect_eq(list[0].time_ms, 3000);
	cr_expect_eq(list[1].level, STATE_RESTORE);
	cr_expect_eq(list[1].time_ms, 1000);
	free(list);
	/* A restore is a proof of both. */
	add(ID_B, STATE_RESTORE, STATE_OK, 4000);
	cr_assert_eq(state_checks_retain(&state, NULL, 0, &err), 0);
	list = checks(&count);
	cr_assert_eq(count, 1u);
	cr_expect_eq(list[0].time_ms, 4000);
	free(list);
}

Test(state, the_last_check_is_of_its_level_or_more)
{
	static const struct state_check list[] = {
		{ .level = STATE_UNCHANGED, .time_ms = 90 },
		{ .level = STATE_STORED, .time_ms = 50 },
		{ .level = STATE_STORED,
		    .answer = STATE_DAMAGED,
		    .time_ms = 80 },
		{ .level = STATE_RESTORE, .time_ms = 30 },
		{ .level = STATE_RESTORE,
		    .answer = STATE_UNVERIFIABLE,
		    .time_ms = 40 },
		{ .level = STATE_RESTORE, .time_ms = 70 },
	};

	cr_expect_null(state_checks_last(list, 0, STATE_STORED, INT64_MAX));
	cr_expect_null(state_checks_last(list, 1, STATE_STORED, INT64_MAX));
	cr_expect_null(state_checks_last(list, 3, STATE_RESTORE, INT64_MAX));
	cr_expect_eq(state_checks_last(list, 5, STATE_STORED, 100), &list[1]);
	cr_expect_eq(state_checks_last(list, 5, STATE_RESTORE, 100), &list[4]);
	cr_expect_eq(state_checks_last(list, 6, STATE_STORED, 100), &list[5]);
	cr_expect_eq(state_checks_last(list, 6, STATE_STORED, 69), &list[1]);
	cr_expect_null(state_checks_last(list, 6, STATE_RESTORE, 29));
}

Test(state, a_link_in_its_place_is_not_written_through)
{
	struct state_check check = { .id = ID_A, .level = STATE_STORED };
	struct err err = { 0 };

	tree_write(tree_path("victim"), "");
	cr_assert_eq(symlink(tree_path("victim"), in_state("checks")), 0);
	cr_expect_eq(state_check_add(&state, &check, &err), -1);
	size_t len = 9;
	free(tree_read(tree_path("victim"), &len));
	cr_expect_eq(len, 0u);
}
