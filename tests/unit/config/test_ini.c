/* What a line is, and that nothing of one is lost. */
#include "config/ini.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

/* Entries as text: "2 [a] key=value;". */
struct heard {
	char text[4 * INI_LINE_MAX];
	const char *refuse; /* the key of an entry that is a fault */
};

static struct heard heard;
static struct faults faults;
static struct err err;

static int
hear(void *user, const struct ini_entry *entry, struct err *ret_err)
{
	struct heard *h = user;
	size_t len = strlen(h->text);

	if (entry->key != NULL && h->refuse != NULL &&
	    strcmp(entry->key, h->refuse) == 0)
		return err_set(ret_err, ERR_USAGE, 0, "not this");
	(void)snprintf(h->text + len, sizeof(h->text) - len, "%u [%s] %s%s%s;",
	    entry->line, entry->section,
	    entry->key == NULL ? "begins" : entry->key,
	    entry->key == NULL ? "" : "=",
	    entry->value == NULL ? "" : entry->value);
	return 0;
}

static const char *
read_bytes(const char *text, size_t bytes)
{
	heard = (struct heard){ .refuse = heard.refuse };
	faults_done(&faults);
	cr_assert_eq(
	    ini_read(text, bytes, "x.conf", hear, &heard, &faults, &err), 0,
	    "%s", err.text);
	return heard.text;
}

static const char *
read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void
expect_fault(size_t number, const char *text)
{
	cr_assert_lt(number, faults.count, "no fault %zu: %s", number, text);
	cr_expect_eq(faults.list[number].kind, ERR_USAGE);
	cr_expect(strncmp(faults.list[number].text, text, strlen(text)) == 0,
	    "'%s' is not '%s'", faults.list[number].text, text);
}

static void
forget(void)
{
	heard.refuse = NULL;
	faults_done(&faults);
}

TestSuite(ini, .fini = forget);

Test(ini, sections_keys_and_values)
{
	cr_expect_str_eq(read_text("[a]\nk = v\nl=w x\n[b c]\nm: y\n"),
	    "1 [a] begins;2 [a] k=v;3 [a] l=w x;4 [b c] begins;5 [b c] m=y;");
	cr_expect_eq(faults.all, 0);
}

Test(ini, an_empty_section_is_seen)
{
	cr_expect_str_eq(read_text("[a]\n[b]\n"), "1 [a] begins;2 [b] begins;");
	cr_expect_str_eq(read_text("[a]"), "1 [a] begins;");
	cr_expect_str_eq(read_text(""), "");
}

Test(ini, comments_stand_on_lines_of_their_own)
{
	cr_expect_str_eq(read_text("# one\n; two\n   # three\n\n[a]\nk=v\n"),
	    "5 [a] begins;6 [a] k=v;");
	cr_expect_str_eq(read_text("[a]\nk = SELECT 1 ; -- x # y\n"),
	    "1 [a] begins;2 [a] k=SELECT 1 ; -- x # y;");
	cr_expect_str_eq(read_text("[a]\nk = http://h/p?q=1#f\nl=;\nm=#\n"),
	    "1 [a] begins;2 [a] k=http://h/p?q=1#f;3 [a] l=;;4 [a] m=#;");
	cr_expect_eq(faults.all, 0);
}

Test(ini, the_first_equals_sign_or_colon_ends_the_key)
{
	cr_expect_str_eq(read_text("[a]\nk == v\nl : = w\n"),
	    "1 [a] begins;2 [a] k== v;3 [a] l== w;");
}

Test(ini, indentation_means_nothing)
{
	cr_expect_str_eq(read_text("  [a]\n\tk = v\n\t  l = w  \t\n"),
	    "1 [a] begins;2 [a] k=v;3 [a] l=w;");
	(void)read_text("[a]\nk = SELECT 1\n  FROM t\n");
	expect_fault(0, "x.conf:3: a line that is neither");
}

Test(ini, ends_of_lines_and_the_mark_of_some_editors)
{
	cr_expect_str_eq(read_text("\xef\xbb\xbf[a]\r\nk = v\r\n\r\nl=w"),
	    "1 [a] begins;2 [a] k=v;4 [a] l=w;");
	cr_expect_eq(faults.all, 0);
}

Test(ini, a_value_may_be_empty_and_is_inner_blanks_and_all)
{
	cr_expect_str_eq(read_text("[a]\nk =\nl=a  b\tc\n"),
	    "1 [a] begins;2 [a] k=;3 [a] l=a  b c;");
}

/* What is true of most builds of libinih must not be true of us. */
Test(ini, long_values_are_whole_or_refused)
{
	static const size_t lengths[] = { 150, 198, 199, 200, 201, 400, 4096,
		INI_LINE_MAX - 2, INI_LINE_MAX - 1, INI_LINE_MAX };
	char text[INI_LINE_MAX + 64];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int head = snprintf(text, sizeof(text), "[a]\nk=");
		memset(text + head, 'v', lengths[i]);
		(void)snprintf(text + head + lengths[i], 16, "\nl=w\n");
		const char *all = read_text(text);
		const char *value = strstr(all, "k=");
		if (lengths[i] > INI_LINE_MAX - 2) {
			expect_fault(0, "x.conf:2: a line of more than 8192");
			cr_expect_null(value);
		} else {
			cr_assert_not_null(value);
			cr_expect_eq(strspn(value + 2, "v"), lengths[i]);
			cr_expect_eq(faults.all, 0);
		}
		cr_expect_not_null(strstr(all, "3 [a] l=w;"));
	}
}

Test(ini, long_names_are_whole_or_refused)
{
	char name[64], text[400];

	for (int len = INI_WORD_MAX; len <= INI_WORD_MAX + 2; len++) {
		memset(name, 'n', sizeof(name));
		name[len] = '\0';
		(void)snprintf(
		    text, sizeof(text), "[%s]\n%s = v\n", name, name);
		(void)read_text(text);
		if (len == INI_WORD_MAX) {
			(void)snprintf(text, sizeof(text),
			    "1 [%s] begins;2 [%s] %s=v;", name, name, name);
			cr_expect_str_eq(heard.text, text);
			cr_expect_eq(faults.all, 0);
		} else {
			expect_fault(0, "x.conf:1: the name of a section has");
			expect_fault(1, "x.conf:2: a key of more than");
		}
	}
}

Test(ini, what_is_no_line_of_the_format)
{
	static const struct {
		const char *text, *fault;
	} lines[] = {
		{ "[a]\nword\n", "x.conf:2: a line that is neither" },
		{ "[a]\n = v\n", "x.conf:2: a value without a key" },
		{ "[a\n", "x.conf:1: a section that does not end" },
		{ "[a] # b\n", "x.conf:1: a section that does not end" },
		{ "[a]b]\n", "x.conf:1: a section that does not end" },
		{ "[\n", "x.conf:1: a section that does not end" },
		{ "[a]\nk ;l = v\n", "x.conf:2: a line that is neither" },
		{ "[a]\nk = \x1b[2J\n", "x.conf:2: a line has a control" },
		{ "[a]\nk = \xff\n", "x.conf:2: a line has a control" },
		{ "[a]\nk = a\rb\n", "x.conf:2: a line has a control" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		(void)read_text(lines[i].text);
		expect_fault(0, lines[i].fault);
		cr_expect_eq(faults.all, 1, "%s", lines[i].text);
	}
}

Test(ini, a_zero_byte_cuts_nothing)
{
	static const char text[] = "[a]\nk = v\0w\nl = x\n";

	cr_expect_str_eq(
	    read_bytes(text, sizeof(text) - 1), "1 [a] begins;3 [a] l=x;");
	expect_fault(0, "x.conf:2: a line has a byte that is zero");
}

/* The line may have a secret. */
Test(ini, a_fault_does_not_repeat_the_line)
{
	(void)read_text("[a]\nping-url https//secret\n");
	expect_fault(0, "x.conf:2: a line");
	cr_expect_null(strstr(faults.list[0].text, "secret"));
	cr_expect_null(strstr(faults.list[0].hint, "secret"));
}

Test(ini, reading_goes_on_after_a_fault)
{
	heard.refuse = "bad";
	cr_expect_str_eq(read_text("[a]\nbad = 1\nword\ngood = 2\nbad = 3"),
	    "1 [a] begins;4 [a] good=2;");
	expect_fault(0, "x.conf:2: not this");
	expect_fault(1, "x.conf:3: a line");
	expect_fault(2, "x.conf:5: not this");
	cr_expect_eq(faults.all, 3);
}

Test(ini, before_the_first_section)
{
	cr_expect_str_eq(read_text("k = v\n[a]\n"), "1 [] k=v;2 [a] begins;");
}
