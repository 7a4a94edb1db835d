/*
 * Every refusal that the names and /proc alone can justify is made here, first:
 * the operator hears of it at once, not after gigabytes were decoded.
 */
#include "restore/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/family.h"
#include "database/occupants.h"
#include "database/place.h"

static const struct place_words words = { "target", "--to", "NAME.db",
	"choose another name for --to" };

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/*
 * Old files are put aside under longer names (restore/aside.h), in the last
 * step: that there is no room for these must be said in the first one.
 */
static int
leaves_room(const char *path, struct err *err)
{
	static const char longest[] = ".before-20261121T015800Z.1000-journal";
	const size_t most = NAME_MAX - strlen(longest);

	if (strlen(base_name(path)) <= most)
		return 0;
	return err_set(err, ERR_USAGE, ENAMETOOLONG,
	    "the target name '%.80s...' is longer than %zu bytes: SQLite's "
	    "files beside it and old ones that are put aside have longer names",
	    base_name(path), most);
}

int
target_inspect(const char *path, struct target *ret_target, struct err *err)
{
	struct target target = { .present = false };
	struct stat st;

	if (place_find(&words, path, target.path, err) < 0 ||
	    leaves_room(target.path, err) < 0)
		return -1;

	if (lstat(target.path, &st) == 0) {
		target.present = true;
		target.dev = st.st_dev;
		target.ino = st.st_ino;
		target.uid = st.st_uid;
		target.gid = st.st_gid;
		target.mode = st.st_mode & 07777;
		target.bytes = (uint64_t)st.st_size;
		if (place_takes_file(&words, path, st.st_mode, err) < 0 ||
		    family_one_name("the target ", target.path, &st, err) < 0)
			return -1;
	} else if (errno != ENOENT) {
		return err_system(err, "look at the target '%s'", path);
	}
	*ret_target = target;
	return 0;
}

int
target_apart(
    const struct target *target, const struct stat *archive, struct err *err)
{
	char name[FAMILY_NAME_MAX];
	struct stat st;

	for (unsigned i = 0; i < FAMILY_FILES; i++) {
		(void)snprintf(
		    name, sizeof(name), "%s%s", target->path, family_suffix[i]);
		if (stat(name, &st) < 0 || st.st_dev != archive->st_dev ||
		    st.st_ino != archive->st_ino)
			continue;
		(void)err_set(
		    err, ERR_REFUSED, 0, "'%s' is the archive itself", name);
		return err_hint(err, "choose another name for the database");
	}
	return 0;
}

int
target_permitted(const struct target *target, bool replace, struct err *err)
{
	if (!target->present || replace)
		return 0;
	(void)err_set(
	    err, ERR_REFUSED, EEXIST, "the target '%s' exists", target->path);
	return err_hint(err,
	    "choose another name, or put it aside with --replace; it will be "
	    "kept beside the new one");
}

int
target_unused(const struct target *target, struct err *err)
{
	struct occupants found = { 0 };
	char who[OCCUPANTS_TEXT];

	if (occupants_find(target->path, &found, err) < 0)
		return -1;
	if (found.count == 0)
		return 0;
	occupants_text(&found, who);
	(void)err_set(err, ERR_REFUSED, 0, "the target '%s' is in use by %s",
	    target->path, who);
	return err_hint(err,
	    "stop what uses it, then run this again: a process that has the "
	    "old database open would mix it with the new one");
}

int
target_unmoved(const struct target *target, struct err *err)
{
	struct stat st;
	bool present = lstat(target->path, &st) == 0;

	if (!present && errno != ENOENT)
		return err_system(err, "look at '%s'", target->path);
	if (!present && !target->present)
		return 0;
	if (present && target->present && st.st_dev == target->dev &&
	    st.st_ino == target->ino)
		return 0;
	const char *change = "became another file";
	if (!present)
		change = "vanished";
	else if (!target->present)
		change = "appeared";
	(void)err_set(err, ERR_REFUSED, 0, "'%s' %s while we worked",
	    target->path, change);
	return err_hint(err, "see who works there, then run this again");
}

int
target_alone(const struct target *target, struct err *err)
{
	char name[FAMILY_NAME_MAX];
	struct stat st;

	for (unsigned i = 1; i < FAMILY_FILES; i++) {
		(void)snprintf(
		    name, sizeof(name), "%s%s", target->path, family_suffix[i]);
		if (lstat(name, &st) == 0) {
			(void)err_set(err, ERR_REFUSED, EEXIST,
			    "'%s' is there although the old database was "
			    "made whole",
			    name);
			return err_hint(err,
			    "see who opened the database, then run this "
			    "again");
		}
		if (errno != ENOENT)
			return err_system(err, "look at '%s'", name);
	}
	return 0;
}
