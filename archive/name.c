/*
 * The rules, each with the words that tell it.
 */
#include "archive/name.h"

#include <stdbool.h>
#include <string.h>

#include "archive/member_path.h"
#include "base/text.h"

/* The rule that the name breaks, or NULL. */
static const char *
broken_rule(const char *name)
{
	if (name[0] == '\0')
		return "it is empty";
	if (strlen(name) > MEMBER_NAME_MAX)
		return "it is longer than 200 bytes";
	if (!text_is_printable(name))
		return "it is not UTF-8 text without control characters";
	if (strpbrk(name, "/\\") != NULL)
		return "it contains '/' or '\\'";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "it means a folder";
	/* The names of our own members. */
	if (strncmp(name, ".litesafe", strlen(".litesafe")) == 0)
		return "names that begin with '.litesafe' are reserved";
	if (strcmp(name, MANIFEST_MEMBER) == 0)
		return "that name is reserved";
	return NULL;
}

_Static_assert(MEMBER_NAME_MAX == 200, "a message above says 200");

static int
refuse(const char *what, const char *name, const char *rule, struct err *err)
{
	char shown[MEMBER_NAME_MAX + 1];

	text_printable(name, shown, sizeof(shown));
	return err_set(
	    err, ERR_REFUSED, 0, "'%s' cannot be %s: %s", shown, what, rule);
}

int
name_check(const char *name, struct err *err)
{
	const char *rule = broken_rule(name);

	if (rule != NULL)
		return refuse(
		    "a database's name in an archive", name, rule, err);
	return 0;
}

/* Whether SQLite would take one beside the other for its log. */
static bool
is_side_file_of(const char *name, const char *other)
{
	static const char *const suffixes[] = { "-wal", "-journal", "-shm" };
	size_t len = strlen(other);

	if (strncmp(name, other, len) != 0)
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(name + len, suffixes[i]) == 0)
			return true;
	return false;
}

/* Whether `name` could be that of pages of an increment of `other`. */
static bool
is_pages_of(const char *name, const char *other)
{
	size_t len = strlen(other), suffix = strlen(PAGES_SUFFIX);

	return strncmp(name, other, len) == 0 &&
	       strncmp(name + len, PAGES_SUFFIX, suffix) == 0 &&
	       (name[len + suffix] == '\0' || name[len + suffix] == '.');
}

int
name_check_apart(const char *name, const char *other, struct err *err)
{
	char a[MEMBER_NAME_MAX + 1], b[MEMBER_NAME_MAX + 1];

	if (is_side_file_of(name, other) || is_side_file_of(other, name))
		return err_set(err, ERR_REFUSED, 0,
		    "'%s' and '%s' cannot be names of two databases in one "
		    "archive: restored, one would be taken for the log of the "
		    "other",
		    name, other);
	member_path_ascii(name, a);
	member_path_ascii(other, b);
	if (strcmp(a, b) != 0 && !is_pages_of(a, b) && !is_pages_of(b, a))
		return 0;
	return err_set(err, ERR_REFUSED, 0,
	    "'%s' and '%s' cannot be names of two databases in one archive: "
	    "members of it would have the same name",
	    name, other);
}

int
name_check_set(const char *set, struct err *err)
{
	static const char what[] = "a set's name";
	char parts[MEMBER_NAME_MAX + 1];

	if (strlen(set) > MEMBER_NAME_MAX)
		return refuse(what, set, "it is longer than 200 bytes", err);
	(void)stpcpy(parts, set);
	for (char *rest = parts; rest != NULL;) {
		const char *rule = broken_rule(strsep(&rest, "/"));

		if (rule != NULL)
			return refuse(what, set, rule, err);
	}
	return 0;
}
