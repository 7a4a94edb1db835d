/*
 * A line comes back whole or not at all.
 */
#include "repository/state_evidence.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/repository/tree.h"

static struct state state;
static char path[PATH_MAX + 16];

static void
make(void)
{
	struct err err = { 0 };
	char base[PATH_MAX + 16];

	tree_make();
	(void)snprintf(base, sizeof(base), "%s/state", tree_folder);
	cr_assert_eq(
	    state_open(base, &tree, "app.db", &state, &err), 0, "%s", err.text);
	(void)snprintf(path, sizeof(path), "%s/evidence", state.folder);
}

TestSuite(state_evidence, .init = make, .fini = tree_remove);

static void
keep(const char *line)
{
	struct err err = { 0 };

	cr_assert_eq(
	    state_evidence_keep(&state, NULL, line, &err), 0, "%s", err.text);
}

static bool
comes_back(const char *want, uint64_t want_used)
{
	char line[STATE_EVIDENCE_BYTES];
	uint64_t used = 0;

	return state_evidence_read(&state, NULL, line, &used) &&
	       strcmp(line, want) == 0 && used == want_used;
}

static bool
nothing_comes_back(void)
{
	char line[STATE_EVIDENCE_BYTES];
	uint64_t used = 0;

	return !state_evidence_read(&state, NULL, line, &used);
}

Test(state_evidence, comes_back_and_is_counted)
{
	char longest[STATE_EVIDENCE_BYTES];
	struct err err = { 0 };
	struct stat st;

	cr_assert(nothing_comes_back());
	cr_assert_eq(state_evidence_used(&state, NULL, &err), -1);
	cr_assert(nothing_comes_back());
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	keep(longest);
	cr_assert(comes_back(longest, 0));
	keep("one two");
	cr_assert(comes_back("one two", 0));
	for (uint64_t i = 1; i <= 150; i++) {
		cr_assert_eq(state_evidence_used(&state, NULL, &err), 0);
		cr_assert(comes_back("one two", i));
	}
	keep("three");
	cr_assert(comes_back("three", 0));
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
}

Test(state_evidence, any_damage_makes_it_unbelievable)
{
	size_t len = 0;
	struct err err = { 0 };

	keep("1 abc 2 def");
	cr_assert_eq(state_evidence_used(&state, NULL, &err), 0);
	char *text = tree_read(path, &len);
	for (size_t i = 0; i < len - 1; i++) { /* the last is the mark */
		text[i] ^= 1;
		tree_write(path, text);
		cr_assert(nothing_comes_back(), "byte %zu", i);
		text[i] ^= 1;
	}
	for (size_t i = 0; i < len - 1; i++) {
		char kept = text[i];

		text[i] = '\0';
		tree_write(path, text);
		cr_assert(nothing_comes_back(), "cut at %zu", i);
		text[i] = kept;
	}
	text[len - 1] = '-';
	tree_write(path, text);
	cr_assert(nothing_comes_back());
	free(text);
}

/* As two that keep a line at the same time could leave it. */
Test(state_evidence, two_lines_are_none)
{
	size_t len = 0, more = 0;
	char both[2 * STATE_EVIDENCE_BYTES];

	keep("a long line indeed, longer than the other");
	char *first = tree_read(path, &len);
	keep("short");
	char *second = tree_read(path, &more);
	(void)snprintf(both, sizeof(both), "%s%s", second, first + more);
	tree_write(path, both);
	cr_assert(nothing_comes_back());
	(void)snprintf(both, sizeof(both), "%s%s", second, first);
	tree_write(path, both);
	cr_assert(nothing_comes_back());
	free(first);
	free(second);
}

Test(state_evidence, one_that_others_may_write_is_not_believed)
{
	static const mode_t modes[] = { 0620, 0602, 0622 };

	keep("one");
	for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		cr_assert_eq(chmod(path, modes[i]), 0);
		cr_expect(nothing_comes_back());
	}
	cr_assert_eq(chmod(path, 0600), 0);
	cr_expect(comes_back("one", 0));
	if (geteuid() != 0)
		cr_skip_test("needs root: it gives a file away");
	cr_assert_eq(chown(path, 4711, 4711), 0);
	cr_expect(nothing_comes_back());
}

Test(state_evidence, a_hostile_file_is_none)
{
	const size_t large = 1 << 20;
	char *text = malloc(large + 1);
	struct err err = { 0 };

	memset(text, '+', large);
	text[large] = '\0';
	tree_write(path, text);
	cr_assert(nothing_comes_back());
	tree_write(path, "");
	cr_assert(nothing_comes_back());
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(symlink("/etc/passwd", path), 0);
	cr_assert(nothing_comes_back());
	cr_assert_eq(state_evidence_keep(&state, NULL, "x", &err), -1);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert(nothing_comes_back()); /* and does not wait */
	free(text);
}

/* Of several databases each has its own, and is not taken for another. */
Test(state_evidence, each_database_of_a_set_has_its_own)
{
	struct err err = { 0 };
	char line[STATE_EVIDENCE_BYTES];
	uint64_t used = 0;

	cr_assert_eq(state_evidence_keep(&state, "a.db", "of a", &err), 0);
	cr_assert_eq(state_evidence_keep(&state, "b.db", "of b", &err), 0);
	cr_assert_eq(state_evidence_used(&state, "b.db", &err), 0);
	cr_expect(state_evidence_read(&state, "a.db", line, &used));
	cr_expect_str_eq(line, "of a");
	cr_expect_eq(used, 0);
	cr_expect(state_evidence_read(&state, "b.db", line, &used));
	cr_expect_str_eq(line, "of b");
	cr_expect_eq(used, 1);
	cr_expect(!state_evidence_read(&state, NULL, line, &used));
}
