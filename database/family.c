/*
 * SQLite finds -wal and -journal by the name under which it opened the
 * database.  Under a second name of the same file it would find others, or
 * none, and read a state that never was (sqlite.org/howtocorrupt.html 2.5).
 */
#include "database/family.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/quote.h"

#define BEFORE ".before-"

const char *const family_suffix[FAMILY_FILES] = { "", "-wal", "-journal",
	"-shm" };

void
family_aside_suffix(unsigned attempt, char ret_suffix[FAMILY_ASIDE_BYTES])
{
	char now[CLOCK_TEXT_BYTES];

	/* "2026-11-21T01:58:00.123Z" */
	clock_format(clock_now_ms(), now);
	int len = snprintf(ret_suffix, FAMILY_ASIDE_BYTES,
	    BEFORE "%.4s%.2s%.2sT%.2s%.2s%.2sZ", now, now + 5, now + 8,
	    now + 11, now + 14, now + 17);
	if (attempt > 0)
		(void)snprintf(ret_suffix + len,
		    (size_t)(FAMILY_ASIDE_BYTES - len), ".%u", attempt + 1);
}

/* What family_aside_suffix() makes: nothing else is ours to have removed. */
static bool
is_aside_suffix(const char *text)
{
	static const char form[] = BEFORE "00000000T000000Z";
	size_t len = strlen(form);

	if (strlen(text) < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9'
				   : text[i] != form[i])
			return false;
	text += len;
	if (text[0] == '.')
		text++;
	return text[strspn(text, "0123456789")] == '\0';
}

/* Where the last such suffix of the path begins, or NULL. */
static const char *
aside_suffix_of(const char *path)
{
	const char *found = NULL;

	for (const char *at = path; (at = strstr(at, BEFORE)) != NULL; at++)
		if (is_aside_suffix(at))
			found = at;
	return found;
}

bool
family_is_aside(const char *name)
{
	return aside_suffix_of(name) != NULL;
}

bool
family_is_side(const char *name)
{
	size_t len = strlen(name);

	for (unsigned i = 1; i < FAMILY_FILES; i++) {
		size_t suffix = strlen(family_suffix[i]);

		if (len > suffix &&
		    strcmp(name + len - suffix, family_suffix[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_same_file(const char *path, const struct stat *st)
{
	struct stat other;

	return lstat(path, &other) == 0 && other.st_dev == st->st_dev &&
	       other.st_ino == st->st_ino;
}

/* `path` is itself the second name; the first stands before the suffix. */
static bool
is_twin(const char *path, const struct stat *st)
{
	char first[PATH_MAX];
	const char *suffix = aside_suffix_of(path);
	size_t len = suffix == NULL ? 0 : (size_t)(suffix - path);

	if (len == 0 || len >= sizeof(first))
		return false;
	(void)snprintf(first, sizeof(first), "%.*s", (int)len, path);
	return is_same_file(first, st);
}

static void
folder_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

/* Where nothing can be found out, nothing is found. */
bool
family_find_twin(
    const char *path, const struct stat *st, char ret_name[FAMILY_TWIN_MAX])
{
	const size_t size = FAMILY_TWIN_MAX;
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	AUTO(free) char *folder = NULL;
	struct err ignored;

	(void)snprintf(ret_name, size, "%s", path);
	if (is_twin(path, st))
		return true;
	if (file_folder_of(path, &folder, &ignored) < 0)
		return false;
	AUTO(folder) DIR *dir = opendir(folder);
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		if (strncmp(e->d_name, name, strlen(name)) != 0 ||
		    !is_aside_suffix(e->d_name + strlen(name)))
			continue;
		(void)snprintf(ret_name, size, "%s/%s", folder, e->d_name);
		if (is_same_file(ret_name, st))
			return true;
	}
	return false;
}

int
family_one_name(
    const char *what, const char *path, const struct stat *st, struct err *err)
{
	char twin[FAMILY_TWIN_MAX];

	if (st->st_nlink <= 1)
		return 0;
	(void)err_set(err, ERR_REFUSED, 0, "%s'%s' has %ju hard links", what,
	    path, (uintmax_t)st->st_nlink);
	if (family_find_twin(path, st, twin))
		return err_hint(err,
		    "a restore that was interrupted left a second name of it; "
		    "remove that name, and run this again: rm -- %s",
		    quote_word(twin, "NAME").text);
	return err_hint(err,
	    "under each name SQLite looks for another -wal, and so reads wrong "
	    "data; find the names with 'find DIR -xdev -inum %ju' and keep only "
	    "the one that the application uses",
	    (uintmax_t)st->st_ino);
}
