/* Which of several images an assertion is about, and what is counted. */
#include "restore/asserted.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

static struct scratch_file files[2];
static struct asserted asserted;

static void
begin(void)
{
	world_begin();
	world_database("a.db", "delete", "first");
	world_database("b.db", "delete", "second");
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(files[i].database, sizeof(files[i].database),
		    "%c.db", (int)('a' + i));
		files[i].fd = open(files[i].database, O_RDONLY | O_CLOEXEC);
		cr_assert_geq(files[i].fd, 0);
	}
}

static void
end(void)
{
	asserted_done(&asserted);
	for (size_t i = 0; i < 2; i++)
		(void)close(files[i].fd);
	world_end();
}

TestSuite(asserted, .init = begin, .fini = end);

static int
ask(size_t databases, const char *const *texts, size_t count, struct err *err)
{
	const struct scratch scratch = { .files = files, .count = databases };
	const struct assertions assertions = { .texts = texts, .count = count };

	return asserted_ask(
	    &scratch, "x.tar.zst", &assertions, NULL, &asserted, err);
}

Test(asserted, each_is_asked_of_its_own_database)
{
	static const char *const texts[] = {
		"a.db: SELECT tag FROM note ORDER BY rowid DESC",
		"b.db:SELECT tag FROM note ORDER BY rowid DESC",
		"b.db: SELECT tag = 'first' FROM note ORDER BY rowid DESC",
		"c.db: SELECT 1"
	};
	struct err err = { 0 };

	cr_assert_eq(ask(2, texts, 4, &err), 0, "%s", err.text);
	cr_expect_eq(asserted.count, 4);
	cr_expect_eq(asserted.refuted, 2);
	cr_expect_str_eq(asserted.list[0].answer.value, "first");
	cr_expect_str_eq(asserted.list[1].answer.value, "second");
	cr_expect_str_eq(asserted.list[2].answer.value, "0");
	cr_expect(strstr(asserted.list[3].answer.why, "no database") != NULL);
	cr_expect_eq(asserted.list[3].text, texts[3]);
}

Test(asserted, of_several_none_is_guessed)
{
	static const char *const texts[] = { "SELECT 1" };
	struct err err = { 0 };

	cr_assert_eq(ask(2, texts, 1, &err), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect(strstr(err.hint, "'a.db: SELECT 1'") != NULL, "%s", err.hint);
}

Test(asserted, one_alone_needs_no_name)
{
	static const char *const texts[] = {
		"SELECT tag FROM note ORDER BY rowid DESC",
		"a.db: SELECT tag FROM note ORDER BY rowid DESC",
		"b.db: SELECT tag FROM note ORDER BY rowid DESC"
	};
	struct err err = { 0 };

	cr_assert_eq(ask(1, texts, 3, &err), 0, "%s", err.text);
	cr_expect_eq(asserted.refuted, 1);
	cr_expect_not(asserted.list[2].answer.holds);
}

Test(asserted, nothing_is_asked_when_nothing_is_asserted)
{
	struct err err = { 0 };

	cr_assert_eq(ask(2, NULL, 0, &err), 0, "%s", err.text);
	cr_expect_eq(asserted.count, 0);
	cr_expect_null(asserted.list);
}
