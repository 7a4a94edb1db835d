/*
 * Every refusal that the names and /proc alone can justify is made here, first:
 * the operator hears of it at once, not after gigabytes were decoded.
 */
#include "restore/target.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/occupants.h"

/* The order matters to who takes the names away: see restore/aside.h. */
const char *const target_suffix[TARGET_FILES] = { "", "-wal", "-journal",
	"-shm" };

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/*
 * SQLite follows a symlink too before it names its side files, so the real
 * path is where they are looked for.
 */
static int
follow_link(const char *path, char ret_path[PATH_MAX], struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		if (realpath(path, ret_path) != NULL)
			return 0;
		if (errno != ENOENT)
			return err_system(err, "follow the link '%s'", path);
		(void)err_set(err, ERR_REFUSED, ENOENT,
		    "the target '%s' is a symlink that leads nowhere", path);
		return err_hint(
		    err, "remove the link, or name the file that it means");
	}
	if (strlen(path) >= PATH_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "the target name '%.80s...' is too long", path);
	(void)snprintf(ret_path, PATH_MAX, "%s", path);
	return 0;
}

static int
is_folder(const char *path, struct err *err)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	(void)err_set(
	    err, ERR_USAGE, EISDIR, "the target '%s' is a folder", path);
	return err_hint(err, "name the file to make in it: --to '%.*s/NAME.db'",
	    (int)len, path);
}

static int
folder_exists(const char *path, struct err *err)
{
	AUTO(free) char *folder = NULL;
	struct stat st;

	if (file_folder_of(path, &folder, err) < 0)
		return -1;
	if (stat(folder, &st) < 0) {
		bool missing = errno == ENOENT;

		(void)err_system(err, "the target's folder '%s'", folder);
		return missing ? err_hint(err, "make the folder first") : -1;
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_FAILED, ENOTDIR,
		    "'%s', where the target would be, is not a folder", folder);
	return 0;
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

/* PATH is "OTHER-wal" and OTHER exists: SQLite would use it as OTHER's. */
static int
is_side_file(const char *path, struct err *err)
{
	char other[PATH_MAX];
	struct stat st;

	for (unsigned i = 1; i < TARGET_FILES; i++) {
		size_t len = strlen(path), end = strlen(target_suffix[i]);

		if (len <= end || strcmp(path + len - end, target_suffix[i]))
			continue;
		(void)snprintf(
		    other, sizeof(other), "%.*s", (int)(len - end), path);
		if (lstat(other, &st) < 0 || S_ISDIR(st.st_mode))
			continue;
		(void)err_set(err, ERR_REFUSED, 0,
		    "'%s' is a name that SQLite uses beside '%s'", path, other);
		return err_hint(err, "choose another name");
	}
	return 0;
}

/*
 * Another name of the same file that an interrupted restore left: it was
 * killed after it had linked the old database and before it put the new one
 * in its place.
 */
static bool
find_twin(const struct target *target, char *ret_name, size_t size)
{
	char begin[TARGET_NAME_MAX];
	AUTO(free) char *folder = NULL;
	struct err ignored;
	bool found = false;

	if (file_folder_of(target->path, &folder, &ignored) < 0)
		return false;
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return false;
	(void)snprintf(
	    begin, sizeof(begin), "%s.before-", base_name(target->path));
	for (struct dirent *e; !found && (e = readdir(dir)) != NULL;) {
		struct stat st;

		if (strncmp(e->d_name, begin, strlen(begin)) != 0)
			continue;
		(void)snprintf(ret_name, size, "%s/%s", folder, e->d_name);
		found = lstat(ret_name, &st) == 0 && st.st_dev == target->dev &&
			st.st_ino == target->ino;
	}
	(void)closedir(dir);
	return found;
}

static int
has_links(const struct target *target, struct err *err)
{
	char twin[TARGET_NAME_MAX + NAME_MAX];

	(void)err_set(err, ERR_REFUSED, 0,
	    "the target '%s' has more than one name (hard links)",
	    target->path);
	if (find_twin(target, twin, sizeof(twin)))
		return err_hint(err,
		    "'%s' is the same file, probably left by a restore that "
		    "was interrupted; remove that name, then run this again",
		    twin);
	return err_hint(err,
	    "SQLite must not use a database with two names; find the others "
	    "with: find DIRECTORY -samefile '%s'",
	    target->path);
}

static int
refuse_what_is_there(
    const struct target *target, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode)) {
		(void)err_set(err, ERR_REFUSED, 0,
		    "the target '%s' is not a regular file", target->path);
		return err_hint(err, "choose another name");
	}
	return st->st_nlink > 1 ? has_links(target, err) : 0;
}

int
target_inspect(const char *path, struct target *ret_target, struct err *err)
{
	struct target target = { .present = false };
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return is_folder(path, err);
	if (base_name(path)[0] == '\0')
		return err_set(
		    err, ERR_USAGE, 0, "the target '%s' names no file", path);
	if (follow_link(path, target.path, err) < 0 ||
	    leaves_room(target.path, err) < 0 ||
	    folder_exists(target.path, err) < 0 ||
	    is_side_file(target.path, err) < 0)
		return -1;

	if (lstat(target.path, &st) == 0) {
		target.present = true;
		target.dev = st.st_dev;
		target.ino = st.st_ino;
		target.uid = st.st_uid;
		target.gid = st.st_gid;
		target.mode = st.st_mode & 07777;
		target.bytes = (uint64_t)st.st_size;
		if (refuse_what_is_there(&target, &st, err) < 0)
			return -1;
	} else if (errno != ENOENT) {
		return err_system(err, "look at the target '%s'", path);
	}
	*ret_target = target;
	return 0;
}

static int
archive_is_apart(const struct target *target, int archive_fd, struct err *err)
{
	char name[TARGET_NAME_MAX];
	struct stat archive, st;

	if (fstat(archive_fd, &archive) < 0)
		return err_system(err, "look at the archive");
	for (unsigned i = 0; i < TARGET_FILES; i++) {
		(void)snprintf(
		    name, sizeof(name), "%s%s", target->path, target_suffix[i]);
		if (stat(name, &st) < 0 || st.st_dev != archive.st_dev ||
		    st.st_ino != archive.st_ino)
			continue;
		(void)err_set(
		    err, ERR_REFUSED, 0, "'%s' is the archive itself", name);
		return err_hint(err, "choose another name for the database");
	}
	return 0;
}

int
target_permitted(
    const struct target *target, bool replace, int archive_fd, struct err *err)
{
	if (archive_is_apart(target, archive_fd, err) < 0)
		return -1;
	if (!target->present || replace)
		return 0;
	(void)err_set(
	    err, ERR_REFUSED, EEXIST, "the target '%s' exists", target->path);
	return err_hint(err,
	    "choose another name, or put it aside with --replace; it will be "
	    "kept beside the new one");
}

/* "process 71 (app), process 80 (worker) and 3 more". */
static void
name_them(const struct occupants *found, char *ret_text, size_t size)
{
	enum { named = 4 };
	size_t len = 0;
	unsigned i = 0;

	for (; i < found->listed && i < named; i++) {
		const struct occupant *o = &found->list[i];
		const char *comma = i == 0 ? "" : ", ";

		if (o->pid == 0)
			(void)snprintf(ret_text + len, size - len,
			    "%sa process that cannot be seen from here", comma);
		else if (o->command[0] == '\0')
			(void)snprintf(ret_text + len, size - len,
			    "%sprocess %d", comma, (int)o->pid);
		else
			(void)snprintf(ret_text + len, size - len,
			    "%sprocess %d (%s)", comma, (int)o->pid,
			    o->command);
		len = strlen(ret_text);
	}
	if (found->count > i)
		(void)snprintf(ret_text + len, size - len, " and %u more",
		    found->count - i);
}

int
target_unused(const struct target *target, struct err *err)
{
	struct occupants found = { 0 };
	char who[480] = "";

	if (occupants_find(target->path, &found, err) < 0)
		return -1;
	if (found.count == 0)
		return 0;
	name_them(&found, who, sizeof(who));
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
	char name[TARGET_NAME_MAX];
	struct stat st;

	for (unsigned i = 1; i < TARGET_FILES; i++) {
		(void)snprintf(
		    name, sizeof(name), "%s%s", target->path, target_suffix[i]);
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
