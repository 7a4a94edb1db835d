/* What we say of a -journal is what SQLite does with it. */
#include "database/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

static char super_path[160];

/* A transaction that got half of its pages into the file. */
static void
begin(void)
{
	live_begin();
	(void)snprintf(
	    super_path, sizeof(super_path), "%s-mj0123ABCD", live_db);
	live_sql("CREATE TABLE t(a, b); WITH RECURSIVE n(i) AS (SELECT 1 "
		 "UNION ALL SELECT i + 1 FROM n LIMIT 1000) INSERT INTO t "
		 "SELECT i, zeroblob(500) FROM n");
	live_sql_and_die("PRAGMA cache_size = 5; BEGIN;"
			 "UPDATE t SET b = randomblob(500)");
	cr_assert_eq(access(live_path("-journal"), F_OK), 0);
}

TestSuite(journal, .init = begin, .fini = live_end);

static struct journal
look(void)
{
	struct journal journal;
	struct err err = { 0 };

	cr_assert_eq(journal_look(live_db, &journal, &err), 0, "%s", err.text);
	return journal;
}

static void
put_be32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Behind what is there, as writeSuperJournal() in SQLite's pager.c does. */
static void
append_super(const char *name, uint32_t sum_error)
{
	static const uint8_t magic[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1,
		0x63, 0xd7 };
	FILE *file = fopen(live_path("-journal"), "ab");
	uint32_t sum = sum_error;
	uint8_t word[4];

	cr_assert_not_null(file);
	for (const char *p = name; *p != '\0'; p++)
		sum += (uint8_t)*p; /* of ASCII the same with a sign */
	put_be32(word, 0x40000000 / 4096 + 1);
	cr_assert_eq(fwrite(word, 4, 1, file), 1);
	cr_assert_eq(fwrite(name, strlen(name), 1, file), 1);
	put_be32(word, (uint32_t)strlen(name));
	cr_assert_eq(fwrite(word, 4, 1, file), 1);
	put_be32(word, sum);
	cr_assert_eq(fwrite(word, 4, 1, file), 1);
	cr_assert_eq(fwrite(magic, 8, 1, file), 1);
	cr_assert_eq(fclose(file), 0);
}

/* A list of names, each with a NUL; nothing: to SQLite it does not exist. */
static void
make_super(const char *journal)
{
	FILE *file = fopen(super_path, "wb");

	cr_assert_not_null(file);
	if (journal[0] != '\0')
		cr_assert_eq(fwrite(journal, strlen(journal) + 1, 1, file), 1);
	cr_assert_eq(fclose(file), 0);
}

static void
refused_with(const char *words, const char *hint)
{
	char before[4096];

	(void)snprintf(before, sizeof(before), "%s", live_listing());
	pinned_inspect();
	pinned_refuse(ERR_INPUT, words, hint);
	cr_assert_str_eq(live_listing(), before);
}

/* The advice that we give; whether SQLite undid the transaction. */
static void
settle(bool undone)
{
	live_sql("PRAGMA schema_version");
	cr_assert_neq(access(live_path("-journal"), F_OK), 0);
	struct pin *pin = pinned_open();
	long long changed =
	    pinned_ask(pin, "SELECT count(*) FROM t WHERE b <> zeroblob(500)");
	pinned_let_go(pin);
	if (undone)
		cr_assert_eq(changed, 0);
	else
		cr_assert_gt(changed, 0);
}

/* To be pasted. */
static const char *
cure(void)
{
	static char text[400];

	(void)snprintf(text, sizeof(text),
	    "then try again: sqlite3 %s 'PRAGMA schema_version'", live_db);
	return text;
}

Test(journal, of_one_database)
{
	cr_assert_eq(look().kind, JOURNAL_UNFINISHED);
	cr_assert_str_eq(look().super_name, "");
	refused_with("in the middle of a transaction", cure());
	settle(true);
}

Test(journal, of_several_databases)
{
	append_super(super_path, 0);
	make_super(live_path("-journal"));
	cr_assert_eq(look().kind, JOURNAL_SHARED);
	cr_assert_str_eq(look().super_name, super_path);
	refused_with("-mj0123ABCD' is there: it must be undone", cure());
	pinned_inspect_frozen();
	pinned_refuse(ERR_INPUT, "is there", "under the paths");
	settle(true);
}

Test(journal, whose_super_journal_is_gone)
{
	append_super(super_path, 0);
	cr_assert_eq(look().kind, JOURNAL_SETTLED);
	make_super("");
	cr_assert_eq(look().kind, JOURNAL_SETTLED);
	refused_with(
	    "-mj0123ABCD' is gone: SQLite takes it as committed", cure());
	/* A copy in another place would be taken for committed, too. */
	pinned_inspect_frozen();
	pinned_refuse(ERR_INPUT, "is gone", "under the paths");
	settle(false);
}

Test(journal, a_super_name_of_other_bytes)
{
	append_super("/tmp/\xc3\xa4\n-mj1", 0);
	cr_assert_eq(look().kind, JOURNAL_SETTLED);
	cr_assert_str_eq(look().super_name, "/tmp/\xc3\xa4\xef\xbf\xbd-mj1");
}

/* To SQLite this is no name at all. */
Test(journal, a_super_name_that_does_not_add_up)
{
	append_super(super_path, 1);
	cr_assert_eq(look().kind, JOURNAL_UNFINISHED);
	settle(true);
}

Test(journal, a_super_name_of_any_length)
{
	static const uint8_t magic[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1,
		0x63, 0xd7 };
	static const uint32_t lengths[] = { 0, 4095, 4096, 70000000, 0x7fffffff,
		0xffffffff };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		FILE *file = fopen(live_path("-journal"), "ab");
		uint8_t word[8] = { 0 };

		cr_assert_not_null(file);
		put_be32(word, lengths[i]);
		cr_assert_eq(fwrite(word, 8, 1, file), 1);
		cr_assert_eq(fwrite(magic, 8, 1, file), 1);
		cr_assert_eq(fclose(file), 0);
		cr_assert_eq(look().kind, JOURNAL_UNFINISHED);
	}
	settle(true);
}

/* All lengths around the header: never anything but an answer. */
Test(journal, cut_off)
{
	for (off_t len = 60; len > 0; len--) {
		cr_assert_eq(truncate(live_path("-journal"), len), 0);
		cr_assert_eq(look().kind,
		    len < 8 ? JOURNAL_NO_HEADER : JOURNAL_UNFINISHED, "%d",
		    (int)len);
	}
	refused_with("does not begin as one does", cure());
	settle(false);
}

Test(journal, something_else)
{
	FILE *file = fopen(live_path("-journal"), "wb");

	cr_assert_not_null(file);
	cr_assert_gt(fputs("dear diary, today I wrote nothing", file), 0);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(look().kind, JOURNAL_NO_HEADER);
	refused_with("does not begin as one does", cure());
}

/* Zeros are how a commit ends in journal_mode=PERSIST; an empty one, TRUNCATE. */
Test(journal, that_is_not_hot)
{
	FILE *file = fopen(live_path("-journal"), "r+b");
	static const uint8_t zeros[28];

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(zeros, sizeof(zeros), 1, file), 1);
	cr_assert_eq(fclose(file), 0);
	pinned_let_go(pinned_open());
	cr_assert_eq(truncate(live_path("-journal"), 0), 0);
	pinned_let_go(pinned_open());
}

/* The journal of a transaction that is under way undoes nothing yet. */
Test(journal, of_a_writer_at_work)
{
	live_sql("PRAGMA schema_version");
	pid_t other = live_holder("BEGIN; INSERT INTO t VALUES (1, 2)");
	cr_assert_eq(access(live_path("-journal"), F_OK), 0);
	struct pin *pin = pinned_open();
	cr_assert_eq(pinned_ask(pin, "SELECT count(*) FROM t"), 1000);
	pinned_let_go(pin);
	live_dismiss(other);
}
