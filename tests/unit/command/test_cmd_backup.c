/* What a backup says is what it did. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

static struct run run;

TestSuite(cmd_backup, .init = run_make_folder, .fini = run_remove_folder);

static void
expect_code(const char *line, int code)
{
	run_line(line, &run);
	cr_assert_eq(run.code, code, "%s: %d: %s", line, run.code, run.errors);
}

static json_t *
first_object(const char *text)
{
	json_t *root = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);

	cr_assert(root != NULL, "%s", text);
	return root;
}

static const char *
text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

Test(cmd_backup, one_line_for_one_database)
{
	expect_code("backup app.db -o a.tar.zst", 0);
	cr_expect(
	    strncmp(run.out, "app.db: full backup ", 20) == 0, "%s", run.out);
	cr_expect(strstr(run.out, " to 'a.tar.zst': ") != NULL);
	cr_expect(strstr(run.out, ", verified: stored\n") != NULL);
	cr_expect(strchr(run.out, '\n')[1] == '\0', "one line");
	cr_expect_str_empty(run.errors);
}

Test(cmd_backup, quiet_says_nothing)
{
	expect_code("backup app.db -o a.tar.zst -q -v", 0);
	cr_expect_str_empty(run.out);
	cr_expect_str_empty(run.errors);
}

Test(cmd_backup, verbose_says_more)
{
	expect_code("backup -v app.db -o a.tar.zst --set night --threads 2", 0);
	cr_expect(strncmp(run.out, "night: full backup ", 19) == 0);
	cr_expect(strstr(run.out, "\n  root       ") != NULL);
	cr_expect(strstr(run.out, "\n  threads    2\n") != NULL);
	cr_expect(strstr(run.out, "/app.db\n") != NULL);
}

Test(cmd_backup, each_proof_is_named)
{
	expect_code("backup app.db -o a --verify none", 0);
	cr_expect(strstr(run.out, "verified: none\n") != NULL);
	expect_code("backup app.db -o b --verify restore", 0);
	cr_expect(strstr(run.out, "verified: restore\n") != NULL);
}

Test(cmd_backup, an_existing_archive_stays_unless_forced)
{
	expect_code("backup app.db -o a", 0);
	expect_code("backup app.db -o a", 12);
	cr_expect(strstr(run.errors, "--force") != NULL);
	expect_code("backup app.db -o a --force", 0);
}

Test(cmd_backup, a_snapshot_for_programs_and_the_same_from_show)
{
	static const char *const same[] = { "id", "set", "kind", "time",
		"archive", "stored_bytes", "raw_bytes", "archive_bytes",
		"pages_stored", "pin_seconds", "host", "tool", "sqlite" };
	struct stat st;

	expect_code("backup app.db -o a.tar.zst --json --image-sha256", 0);
	json_t *made = first_object(run.out);
	expect_code("show a.tar.zst --json", 0);
	json_t *shown = first_object(run.out);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		cr_expect(json_equal(json_object_get(made, same[i]),
			      json_object_get(shown, same[i])),
		    "%s", same[i]);
	cr_expect_str_eq(text_of(made, "verified"), "stored");
	cr_expect_str_eq(text_of(shown, "verified"), "none");
	cr_assert_eq(stat("a.tar.zst", &st), 0);
	cr_expect_eq(json_integer_value(json_object_get(made, "archive_bytes")),
	    st.st_size);
	json_t *db = json_array_get(json_object_get(made, "databases"), 0);
	cr_expect_eq(strlen(text_of(db, "root")), 64);
	cr_expect_eq(strlen(text_of(db, "image_sha256")), 64);
	cr_expect_str_eq(text_of(db, "journal_mode"), "wal");
	json_decref(made);
	json_decref(shown);
}

Test(cmd_backup, a_pipe_gets_the_archive_and_nothing_else)
{
	expect_code("backup app.db -o -", 0);
	/* A zstd frame, not a report. */
	cr_expect(memcmp(run.out, "\x28\xb5\x2f\xfd", 4) == 0);
	cr_expect(strstr(run.errors, "to standard output: ") != NULL);
	cr_expect(strstr(run.errors,
		      "verified: none (a pipe cannot be read back)\n") != NULL);
	expect_code("backup app.db -o - --json", 0);
	cr_expect(memcmp(run.out, "\x28\xb5\x2f\xfd", 4) == 0);
	json_t *made = first_object(run.errors);
	cr_expect_str_eq(text_of(made, "archive"), "-");
	cr_expect_str_eq(text_of(made, "verified"), "none");
	json_decref(made);
}

Test(cmd_backup, show_for_people)
{
	expect_code("backup app.db -o a --set x/y", 0);
	expect_code("show a", 0);
	cr_expect(strncmp(run.out, "set             x/y\n", 20) == 0);
	cr_expect(strstr(run.out, "\n  journal mode  wal\n") != NULL);
	expect_code("show -v a", 0);
	cr_expect(strstr(run.out, "\nfinished        20") != NULL);
}

/* A page inside the table's tree becomes nonsense. */
static void
corrupt(const char *path)
{
	char nonsense[4096];
	int fd = open(path, O_WRONLY);

	memset(nonsense, 0x5a, sizeof(nonsense));
	cr_assert(fd >= 0);
	cr_assert_eq(pwrite(fd, nonsense, sizeof(nonsense), 4096 * 9),
	    (ssize_t)sizeof(nonsense));
	(void)close(fd);
}

Test(cmd_backup, a_damaged_database_is_kept_as_it_is_unless_proof_is_asked)
{
	corrupt("app.db");
	expect_code("backup app.db -o a --verify restore", 4);
	cr_expect(strstr(run.errors, "the archive was not kept: ") != NULL);
	cr_expect(strstr(run.errors, "PRAGMA quick_check") != NULL);
	cr_expect_eq(access("a", F_OK), -1);
	expect_code("backup app.db -o a", 0);
	expect_code("verify a --level stored", 0);
	expect_code("verify a", 4);
}

/* What means nothing is not taken in silence. */
Test(cmd_backup, options_without_a_meaning)
{
	expect_code("backup app.db -o a --checkpoint-budget 50ms", 2);
	cr_expect(strstr(run.errors, "--checkpoint auto does not") != NULL);
	expect_code(
	    "backup app.db -o a --checkpoint off --checkpoint-budget 50ms", 2);
	expect_code(
	    "backup app.db -o a --checkpoint passive --checkpoint-budget 50ms",
	    0);
	cr_expect(strstr(run.errors, "means nothing") == NULL);
	expect_code("backup app.db -o b --no-instant", 0);
	cr_expect(strstr(run.errors,
		      "litesafe: warning: --no-instant means nothing here: "
		      "there is one database") != NULL);
	expect_code(
	    "backup app.db --no-instant --set x -o a --force --level 0", 2);
	cr_expect(strstr(run.errors, "means nothing") == NULL);
}

Test(cmd_backup, an_unchanged_database_tells_its_bill)
{
	expect_code("init -r R", 0);
	expect_code("backup app.db -r R --state S", 0);
	expect_code("backup app.db -r R --state S --skip-unchanged --json", 0);
	cr_expect(strstr(run.out, "\"type\":\"unchanged\"") != NULL);
	cr_expect(strstr(run.out,
		      "\"databases\":[{\"name\":\"app.db\",\"path\":") != NULL,
	    "%s", run.out);
	cr_expect(strstr(run.out, "\"checkpoint\":{\"mode\":\"auto\"") != NULL);
	expect_code("backup app.db -r R --state S --skip-unchanged -v", 0);
	cr_expect(strstr(run.out, "  checkpoint none") != NULL, "%s", run.out);
}

Test(cmd_backup, a_full_that_was_due_says_why)
{
	expect_code("init -r R", 0);
	expect_code("backup app.db -r R --state S", 0);
	cr_expect(strstr(run.out, "because") == NULL, "%s", run.out);
	expect_code("backup app.db -r R --state S --full", 0);
	cr_expect(strstr(run.out, "because") == NULL, "%s", run.out);
	expect_code("backup app.db -r R --state S --full-every 1ms", 0);
	cr_expect(strstr(run.out,
		      "\n  a full one, because the last full is older than "
		      "--full-every\n") != NULL,
	    "%s", run.out);
}
