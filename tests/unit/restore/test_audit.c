/* Everything that is wrong is found, and nothing else is accused. */
#include "restore/audit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "history.h"
#include "repository/state.h"
#include "restore/affected.h"

enum { COUNT = 6 };

static struct audit_result result;
static struct err err;

/* What was reported of each snapshot, by its number. */
static struct seen {
	unsigned reports;
	enum verify_answer answer;
	enum verify_level level;
	bool culprit, needed_by[COUNT];
	char text[512];
} seen[COUNT];
static unsigned strays, stray_damage;
static char stray[600];

/* 0 - 1 - 2, 1 - 3 beside it; 4 - 5. */
static void
begin(void)
{
	history_begin();
	history_chain();
	history_sql("delete from fill where id>200; vacuum");
	(void)history_increment(1);
	history_sql("insert into note values('4')");
	(void)history_full();
	(void)history_increment(4); /* nothing changed */
}

TestSuite(audit, .init = begin, .fini = history_end, .timeout = 120);

static void
begin_one(void *ctx)
{
	(void)ctx;
}

static void
note_snapshot(const struct audit_report *report)
{
	const struct catalog *catalog = report->catalog;

	for (size_t i = 0; i < COUNT; i++) {
		struct seen *s = &seen[i];

		if (strcmp(catalog->list[report->at].id, history_id(i)) != 0 &&
		    strstr(history_path(i, SNAPSHOT_MANIFEST),
			catalog->list[report->at].name) == NULL)
			continue;
		cr_assert(report->error == NULL, "%s", report->error->text);
		s->reports++;
		s->answer = report->answer;
		s->level = report->level;
		s->culprit = report->culprit;
		(void)snprintf(s->text, sizeof(s->text), "%s",
		    report->findings->list[0].text);
		for (size_t j = 0; s->culprit && j < catalog->count; j++)
			if (affected_by(catalog, j, report->at))
				for (size_t k = 0; k < COUNT; k++)
					s->needed_by[k] |=
					    strcmp(catalog->list[j].id,
						history_id(k)) == 0;
	}
}

static void
note(void *ctx, const struct audit_report *report)
{
	(void)ctx;
	if (report->at != SNAPSHOT_NONE) {
		note_snapshot(report);
		return;
	}
	cr_assert(report->error == NULL, "%s", report->error->text);
	strays++;
	stray_damage += report->answer == VERIFY_DAMAGED;
	(void)snprintf(stray, sizeof(stray), "%s: %s", report->object,
	    report->findings->list[0].text);
}

static void
audit(enum verify_level level, bool all)
{
	const struct audit_options options = {
		.repository = &history_repository,
		.state = "state",
		.level = level,
		.all = all,
		.check = INTEGRITY_FULL,
		.scratch = ".",
		.threads = 2,
		.begin = begin_one,
		.report = note,
	};

	memset(seen, 0, sizeof(seen));
	strays = stray_damage = 0;
	(void)mkdir("state", 0700);
	cr_assert_eq(audit_run(&options, &result, &err), 0, "%s", err.text);
	cr_expect_not(result.forgetful, "%s", result.state.text);
}

/* "damaged", as digits of their numbers; all others are ok. */
static void
expect_damaged(const char *numbers, const char *what)
{
	for (size_t i = 0; i < COUNT; i++) {
		bool bad = strchr(numbers, (char)('0' + i)) != NULL;

		cr_expect_eq(seen[i].reports, 1, "%s: %zu", what, i);
		cr_expect_eq(seen[i].answer, bad ? VERIFY_DAMAGED : VERIFY_OK,
		    "%s: %zu: %s", what, i, seen[i].text);
	}
}

Test(audit, a_good_repository_is_ok)
{
	audit(VERIFY_STORED, false);
	expect_damaged("", "stored");
	cr_expect_eq(strays, 0, "%s", stray);
	cr_expect_eq(result.snapshots, COUNT);
	cr_expect_eq(seen[5].level, VERIFY_STORED);

	audit(VERIFY_RESTORE, false);
	expect_damaged("", "restore");
	cr_expect_eq(seen[5].level, VERIFY_RESTORE);
	cr_expect_eq(seen[4].level, VERIFY_STORED);

	audit(VERIFY_RESTORE, true);
	expect_damaged("", "all");
	for (size_t i = 0; i < COUNT; i++)
		cr_expect_eq(seen[i].level, VERIFY_RESTORE, "%zu", i);
}

Test(audit, results_are_remembered)
{
	AUTO(state) struct state state = STATE_CLOSED;
	struct state_check *list = NULL;
	size_t count = 0;

	audit(VERIFY_RESTORE, false);
	cr_assert_eq(
	    state_open("state", &history_repository, "app.db", &state, &err), 0,
	    "%s", err.text);
	cr_assert_eq(state_checks_read(&state, &list, &count, &err), 0);
	cr_expect_eq(count, COUNT);
	for (size_t i = 0; i < count; i++) {
		bool newest = strcmp(list[i].id, history_id(5)) == 0;

		cr_expect_eq(list[i].answer, STATE_OK);
		cr_expect_eq(
		    list[i].level, newest ? STATE_RESTORE : STATE_STORED);
	}
	free(list);
}

/* The snapshots that cannot be restored without a file, as digits. */
static const char *const needed_by[COUNT] = { "0123", "123", "2", "3", "45",
	"5" };

/* Wherever the byte is: these and no others. */
Test(audit, a_flipped_byte_anywhere_damages_exactly_those_that_need_it)
{
	for (size_t i = 0; i < COUNT; i++) {
		for (unsigned part = 0; part < 12; part++) {
			const char *path = history_path(i, SNAPSHOT_ARCHIVE);
			size_t len = 0;
			char what[40];

			free(world_get(path, &len));
			size_t at = part < 2 ? part : (len - 1) * part / 11;
			world_flip(path, at);
			audit(VERIFY_STORED, false);
			(void)snprintf(
			    what, sizeof(what), "archive %zu byte %zu", i, at);
			expect_damaged(needed_by[i], what);
			cr_expect(seen[i].culprit, "%s", what);
			for (size_t j = 0; j < COUNT; j++)
				cr_expect_eq(seen[i].needed_by[j],
				    strchr(needed_by[i], (char)('0' + j)) !=
					NULL,
				    "%s: %zu", what, j);
			world_flip(path, at);
		}
	}
}

Test(audit, a_flipped_byte_of_a_manifest_is_damage)
{
	for (size_t i = 0; i < COUNT; i++) {
		const char *path = history_path(i, SNAPSHOT_MANIFEST);
		size_t len = 0;

		free(world_get(path, &len));
		for (unsigned part = 0; part < 6; part++) {
			size_t at = (len - 1) * part / 5;

			world_flip(path, at);
			audit(VERIFY_STORED, false);
			expect_damaged(needed_by[i], path);
			world_flip(path, at);
		}
	}
}

Test(audit, truncated_and_missing_archives_are_damage)
{
	for (size_t i = 0; i < COUNT; i++) {
		const char *path = history_path(i, SNAPSHOT_ARCHIVE);
		size_t len = 0;
		uint8_t *bytes = world_get(path, &len);

		for (unsigned part = 0; part < 4; part++) {
			world_put(path, bytes, len * part / 4);
			audit(VERIFY_STORED, false);
			expect_damaged(needed_by[i], "truncated");
		}
		cr_assert_eq(unlink(path), 0);
		audit(VERIFY_STORED, false);
		expect_damaged(needed_by[i], "missing");
		world_put(path, bytes, len);
		free(bytes);
	}
}

static void
swap(const char *a, const char *b)
{
	cr_assert_eq(rename(a, "swapped"), 0);
	cr_assert_eq(rename(b, a), 0);
	cr_assert_eq(rename("swapped", b), 0);
}

Test(audit, swapped_archives_are_damage)
{
	swap(history_path(2, SNAPSHOT_ARCHIVE),
	    history_path(3, SNAPSHOT_ARCHIVE));
	audit(VERIFY_STORED, false);
	expect_damaged("23", "siblings");
	swap(history_path(2, SNAPSHOT_ARCHIVE),
	    history_path(3, SNAPSHOT_ARCHIVE));
	swap(history_path(0, SNAPSHOT_ARCHIVE),
	    history_path(4, SNAPSHOT_ARCHIVE));
	audit(VERIFY_STORED, false);
	expect_damaged("012345", "fulls");
}

Test(audit, an_older_archive_in_the_place_of_one_is_damage)
{
	world_copy(history_path(1, SNAPSHOT_ARCHIVE),
	    history_path(2, SNAPSHOT_ARCHIVE));
	audit(VERIFY_STORED, false);
	expect_damaged("2", "older");
}

/* Both are right in themselves; the host of one is "host" by its archive. */
Test(audit, a_manifest_that_is_not_the_archives_is_damage)
{
	history_restate(5, "other", false);
	audit(VERIFY_STORED, false);
	expect_damaged("5", "manifest");
	cr_expect(strstr(seen[5].text, "are not the same") != NULL, "%s",
	    seen[5].text);
	history_restate(5, "host", true);
	audit(VERIFY_STORED, false);
	expect_damaged("5", "digest");
	cr_expect(strstr(seen[5].text, "SHA-256") != NULL, "%s", seen[5].text);
}

/* Nothing but the root of the whole image can tell. */
Test(audit, an_increment_that_lacks_a_page_is_damage)
{
	history_sql("update fill set body=randomblob(500) where id%50=0");
	cr_assert_eq(history_lacking(5), COUNT);
	audit(VERIFY_STORED, false);
	expect_damaged("", "the others");
	cr_expect_eq(result.damaged, 1);
	audit(VERIFY_RESTORE, true);
	expect_damaged("", "the others");
	cr_expect_eq(result.damaged, 1);
}

Test(audit, an_archive_that_nobody_needs_is_only_told)
{
	cr_assert_eq(unlink(history_path(5, SNAPSHOT_MANIFEST)), 0);
	audit(VERIFY_STORED, false);
	cr_expect_eq(seen[5].reports, 0);
	cr_expect_eq(seen[4].answer, VERIFY_OK);
	cr_expect_eq(strays, 1);
	cr_expect_eq(stray_damage, 0);
	cr_expect(strstr(stray, "was never committed") != NULL, "%s", stray);
}

/* Only this machine knows that it was there. */
Test(audit, a_snapshot_that_is_lost_without_a_trace_is_remembered)
{
	audit(VERIFY_STORED, false);
	cr_assert_eq(unlink(history_path(3, SNAPSHOT_MANIFEST)), 0);
	cr_assert_eq(unlink(history_path(3, SNAPSHOT_ARCHIVE)), 0);
	audit(VERIFY_STORED, false);
	cr_expect_eq(strays, 1);
	cr_expect_eq(stray_damage, 1);
	cr_expect(strncmp(stray, history_id(3), 16) == 0, "%s", stray);
	for (size_t i = 0; i < COUNT; i++)
		cr_expect_eq(seen[i].reports, i != 3);
}

/* As when a backup takes its commit back, or somebody clears up by hand. */
Test(audit, one_that_was_damaged_when_last_seen_is_not_missed)
{
	audit(VERIFY_STORED, false);
	cr_assert_eq(unlink(history_path(3, SNAPSHOT_ARCHIVE)), 0);
	audit(VERIFY_STORED, false);
	expect_damaged("3", "without its archive");
	cr_assert_eq(unlink(history_path(3, SNAPSHOT_MANIFEST)), 0);
	audit(VERIFY_STORED, false);
	cr_expect_eq(strays, 0, "%s", stray);
}

Test(audit, a_whole_chain_that_is_gone_was_pruned)
{
	audit(VERIFY_STORED, false);
	for (size_t i = 4; i < COUNT; i++) {
		cr_assert_eq(unlink(history_path(i, SNAPSHOT_MANIFEST)), 0);
		cr_assert_eq(unlink(history_path(i, SNAPSHOT_ARCHIVE)), 0);
	}
	audit(VERIFY_STORED, false);
	cr_expect_eq(strays, 0, "%s", stray);
}

Test(audit, what_a_prune_has_condemned_is_not_lost)
{
	audit(VERIFY_STORED, false);
	cr_assert_eq(rename(history_path(5, SNAPSHOT_MANIFEST),
			 history_path(5, SNAPSHOT_CONDEMNED)),
	    0);
	audit(VERIFY_STORED, false);
	cr_expect_eq(stray_damage, 0, "%s", stray);
}

Test(audit, a_manifest_that_is_gone_and_needed_is_damage)
{
	cr_assert_eq(unlink(history_path(1, SNAPSHOT_MANIFEST)), 0);
	audit(VERIFY_STORED, false);
	cr_expect_eq(seen[0].answer, VERIFY_OK);
	cr_expect_eq(seen[2].answer, VERIFY_DAMAGED);
	cr_expect_eq(seen[3].answer, VERIFY_DAMAGED);
	cr_expect_eq(stray_damage, 1);
}

Test(audit, a_pin_without_its_snapshot_is_damage)
{
	world_put(history_path(5, SNAPSHOT_PIN), "", 0);
	audit(VERIFY_STORED, false);
	cr_expect_eq(strays, 0, "%s", stray);
	cr_assert_eq(unlink(history_path(5, SNAPSHOT_MANIFEST)), 0);
	audit(VERIFY_STORED, false);
	cr_expect_geq(stray_damage, 1);
}

Test(audit, the_repositorys_own_files_are_looked_at)
{
	cr_assert_eq(unlink("r/README.txt"), 0);
	audit(VERIFY_STORED, false);
	expect_damaged("", "readme");
	cr_expect_eq(stray_damage, 1, "%s", stray);
}

/* Only SQLite can tell; what descends from it was not looked at. */
Test(audit, a_database_that_was_damaged_already_is_found_by_restore)
{
	static const uint8_t junk[1024] = { 0xff, 0xff, 0xff, 0xff };
	size_t len = 0;
	uint8_t *image = world_get("app.db", &len);

	memcpy(image + 2 * sizeof(junk), junk, sizeof(junk));
	world_put("app.db", image, len);
	free(image);
	(void)history_increment(5);
	audit(VERIFY_STORED, false);
	expect_damaged("", "stored");
	audit(VERIFY_RESTORE, false);
	cr_expect_eq(result.damaged, 1);
	expect_damaged("", "the others");
}

Test(audit, what_cannot_be_remembered_is_no_failure)
{
	const struct audit_options options = {
		.repository = &history_repository,
		.state = "/dev/null",
		.level = VERIFY_STORED,
		.scratch = ".",
		.threads = 2,
		.begin = begin_one,
		.report = note,
	};

	cr_assert_eq(audit_run(&options, &result, &err), 0, "%s", err.text);
	cr_expect(result.forgetful);
	cr_expect_eq(result.damaged, 0);
}
