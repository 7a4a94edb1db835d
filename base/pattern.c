/*
 * Part for part from the left.  `path` is what is fixed so far; it ends with
 * '/' or is empty.
 */
#include "base/pattern.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"

static const char special[] = "*?[";

static int expand(const char *path, const char *rest,
    const struct pattern_visitor *visitor, struct err *err);

bool
pattern_is_one(const char *text)
{
	return strpbrk(text, special) != NULL;
}

size_t
pattern_fixed(const char *pattern)
{
	size_t len = strcspn(pattern, special);

	while (len > 0 && pattern[len - 1] != '/')
		len--;
	return len;
}

static void
dir_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

/* `path` exists if it may be asked, and more parts follow if `rest` says so. */
static int
go_on(const char *path, const char *rest, const struct pattern_visitor *visitor,
    struct err *err)
{
	AUTO(free) char *folder = NULL;
	struct stat st;

	if (*rest != '\0') {
		if (asprintf(&folder, "%s/", path) < 0) {
			folder = NULL;
			return err_system(err, "expand a pattern");
		}
		return expand(folder, rest + strspn(rest, "/"), visitor, err);
	}
	if (stat(path, &st) == 0)
		return visitor->match(visitor->ctx, path, err);
	int reason = errno;
	/* A link that leads nowhere does match, and is a fault. */
	if ((reason == ENOENT && lstat(path, &st) < 0) || reason == ENOTDIR)
		return 0;
	return visitor->fault(visitor->ctx, path, reason, err);
}

/* The entries of `path` that match the first `len` bytes of `rest`. */
static int
match_entries(const char *path, const char *rest, size_t len,
    const struct pattern_visitor *visitor, struct err *err)
{
	const char *folder = path[0] == '\0' ? "." : path;
	AUTO(dir) DIR *dir = opendir(folder);
	AUTO(free) char *part = strndup(rest, len);

	if (part == NULL)
		return err_system(err, "expand a pattern");
	if (dir == NULL)
		return errno == ENOENT || errno == ENOTDIR
			   ? 0
			   : visitor->fault(visitor->ctx, folder, errno, err);
	for (;;) {
		AUTO(free) char *next = NULL;

		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (entry == NULL)
			break;
		if (fnmatch(part, entry->d_name, FNM_PERIOD | FNM_NOESCAPE))
			continue;
		if (asprintf(&next, "%s%s", path, entry->d_name) < 0) {
			next = NULL;
			return err_system(err, "expand a pattern");
		}
		if (go_on(next, rest + len, visitor, err) < 0)
			return -1;
	}
	return errno == 0 ? 0
			  : visitor->fault(visitor->ctx, folder, errno, err);
}

static int
expand(const char *path, const char *rest,
    const struct pattern_visitor *visitor, struct err *err)
{
	AUTO(free) char *fixed = NULL;
	size_t before = pattern_fixed(rest);
	size_t len = strcspn(rest + before, "/");

	if (asprintf(&fixed, "%s%.*s", path,
		(int)(pattern_is_one(rest) ? before : strlen(rest)),
		rest) < 0) {
		fixed = NULL;
		return err_system(err, "expand a pattern");
	}
	return pattern_is_one(rest)
		   ? match_entries(fixed, rest + before, len, visitor, err)
		   : go_on(fixed, "", visitor, err);
}

int
pattern_expand(
    const char *pattern, const struct pattern_visitor *visitor, struct err *err)
{
	return expand("", pattern, visitor, err);
}
