/*
 * libinih reads lines out of a callback.  How it was compiled, and so what it
 * makes of a file, differs between distributions: most builds read 200 bytes of
 * a line and take the rest for another one, end a value at " ;", and append an
 * indented line to the value above it.  A configuration must not mean something
 * else on another machine, and a cut SQL statement or URL must not pass for a
 * whole one.  So the callback looks at each line first: it hands on what a line
 * of this format is, without its indentation, and without its value, which goes
 * around libinih to the handler.
 *
 * libinih tells of a section only with its first key.  The callback puts a line
 * "=", a key without a name, behind each section, by which an empty one is seen,
 * too, and where it stands.
 */
#include "config/ini.h"

#include <assert.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What libinih must make of the line that it was given last. */
enum expected { EXPECT_NOTHING, EXPECT_SECTION, EXPECT_KEY };

struct ini_reader {
	const char *at, *end; /* what was not read yet */
	const char *name;
	unsigned line;
	char text[INI_LINE_MAX + 1]; /* the line */
	const char *value; /* in `text` */
	enum expected expected;
	bool announce; /* the line was a section's */
	ini_take take;
	void *user;
	struct faults *faults;
};

static void
fault(struct ini_reader *r, struct err *err)
{
	(void)err_within(err, "%s:%u", r->name, r->line);
	faults_add(r->faults, err);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The text with a blank for each tab, or an error that does not repeat it. */
static int
check_characters(struct ini_reader *r, size_t len, struct err *err)
{
	if (memchr(r->text, '\0', len) != NULL)
		return err_set(
		    err, ERR_USAGE, 0, "a line has a byte that is zero");
	for (char *p = r->text; *p != '\0'; p++) {
		if (*p == '\t')
			*p = ' ';
	}
	if (text_is_printable(r->text))
		return 0;
	(void)err_set(err, ERR_USAGE, 0,
	    "a line has a control character, or is not UTF-8");
	return err_hint(err, "'file' and 'cat -A' show what a file has");
}

/* The next line of the file in r->text, without blanks at its ends. */
static int
next_text(struct ini_reader *r, struct err *err)
{
	const char *begin = r->at;
	const char *newline = memchr(begin, '\n', (size_t)(r->end - begin));
	const char *end = newline == NULL ? r->end : newline;

	r->at = newline == NULL ? r->end : newline + 1;
	r->line++;
	if (end > begin && end[-1] == '\r')
		end--;
	while (begin < end && is_blank(*begin))
		begin++;
	while (begin < end && is_blank(end[-1]))
		end--;
	size_t len = (size_t)(end - begin);
	if (len > INI_LINE_MAX)
		return err_set(err, ERR_USAGE, 0,
		    "a line of more than %d bytes", INI_LINE_MAX);
	memcpy(r->text, begin, len);
	r->text[len] = '\0';
	return check_characters(r, len, err);
}

static int
take_section(struct ini_reader *r, char *ret_line, size_t size, struct err *err)
{
	size_t len = strlen(r->text);

	if (strcspn(r->text, "]") != len - 1) {
		(void)err_set(err, ERR_USAGE, 0,
		    "a section that does not end with the first ']'");
		return err_hint(err,
		    "a section is like '[job NAME]'; comments stand on lines "
		    "of their own");
	}
	if (len - 2 > INI_WORD_MAX)
		return err_set(err, ERR_USAGE, 0,
		    "the name of a section has more than %d bytes",
		    INI_WORD_MAX);
	(void)snprintf(ret_line, size, "%s\n", r->text);
	r->announce = true;
	return 0;
}

static int
take_key(struct ini_reader *r, char *ret_line, size_t size, struct err *err)
{
	size_t len = strcspn(r->text, "=:");

	if (r->text[len] == '\0') {
		(void)err_set(err, ERR_USAGE, 0,
		    "a line that is neither a section nor 'key = value'");
		return err_hint(err,
		    "a value stands on one line, whatever its length up to %d "
		    "bytes; comments begin with '#' or ';'",
		    INI_LINE_MAX);
	}
	r->value = r->text + len + 1 + strspn(r->text + len + 1, " ");
	while (len > 0 && is_blank(r->text[len - 1]))
		len--;
	if (len == 0)
		return err_set(err, ERR_USAGE, 0, "a value without a key");
	if (len > INI_WORD_MAX)
		return err_set(err, ERR_USAGE, 0, "a key of more than %d bytes",
		    INI_WORD_MAX);
	(void)snprintf(ret_line, size, "%.*s=\n", (int)len, r->text);
	r->expected = EXPECT_KEY;
	return 0;
}

/* libinih made nothing of the last line. */
static void
miss_entry(struct ini_reader *r)
{
	struct err err;

	if (r->expected == EXPECT_NOTHING)
		return;
	r->expected = EXPECT_NOTHING;
	(void)err_set(&err, ERR_USAGE, 0,
	    "a line that is neither a section nor 'key = value'");
	fault(r, &err);
}

/* ini_reader: a line that has a meaning; NULL at the end. */
static char *
next_line(char *ret_line, int size, void *user)
{
	struct ini_reader *r = user;
	struct err err;

	/* The smallest build takes 200. */
	assert(size >= INI_WORD_MAX + 4);
	miss_entry(r);
	if (r->announce) {
		r->announce = false;
		r->expected = EXPECT_SECTION;
		return strcpy(ret_line, "=\n");
	}
	while (r->at < r->end) {
		int rc = next_text(r, &err);

		if (rc == 0 && strchr("#;", r->text[0]) != NULL)
			continue; /* or empty */
		if (rc == 0)
			rc = (r->text[0] == '[' ? take_section : take_key)(
			    r, ret_line, (size_t)size, &err);
		if (rc == 0)
			return ret_line;
		fault(r, &err);
	}
	return NULL;
}

/* ini_handler: 1 is its word for success. */
static int
take_entry(void *user, const char *section, const char *name, const char *value)
{
	struct ini_reader *r = user;
	struct err err;
	const struct ini_entry entry = {
		.section = section,
		.key = r->expected == EXPECT_SECTION ? NULL : name,
		.value = r->expected == EXPECT_SECTION ? NULL : r->value,
		.line = r->line,
	};

	(void)value; /* Always empty: see above. */
	r->expected = EXPECT_NOTHING;
	if (r->take(r->user, &entry, &err) < 0)
		fault(r, &err);
	return 1;
}

int
ini_read(const char *text, size_t bytes, const char *name, ini_take take,
    void *user, struct faults *faults, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some editors' */
	bool marked = bytes >= 3 && memcmp(text, mark, 3) == 0;
	struct ini_reader reader = {
		.at = text + (marked ? 3 : 0),
		.end = text + bytes,
		.name = name,
		.take = take,
		.user = user,
		.faults = faults,
	};

	/* What is wrong was told to us line by line. */
	if (ini_parse_stream(next_line, &reader, take_entry, &reader) < 0)
		return err_set(err, ERR_FAILED, 0,
		    "'%s': libinih could not read it: no memory", name);
	/* Some builds end with the first line that they make nothing of. */
	miss_entry(&reader);
	return 0;
}
