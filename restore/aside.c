/*
 * Why link first and unlink later, and not simply rename: the files of a set
 * cannot be renamed in one step, and each order of renames has a moment that
 * loses data if the application starts just then.  Main file first leaves
 * {no PATH, PATH-wal}: an open that creates PATH deletes that -wal.  Side
 * files first leave {PATH without its -wal}: an open sees an older state and
 * goes on from there.  With all second names made and flushed before the
 * first name goes, the worst that such an open can delete is a name.
 *
 * Then the main file's name goes first: from that moment nobody can come to
 * the old database any more under the name that the new one will have, and
 * whoever creates PATH anew is noticed, because the new one is then published
 * without replacing.
 */
#include "restore/aside.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"

/* In one second. */
enum { SUFFIX_TRIES = 1000 };

/*
 * A suffix that no file of an earlier set has: a -wal put beside somebody
 * else's PATH.before-... would be applied to it.
 */
static int
find_suffix(
    const char *path, char ret_suffix[FAMILY_ASIDE_BYTES], struct err *err)
{
	char name[FAMILY_NAME_MAX + FAMILY_ASIDE_BYTES];

	for (unsigned attempt = 0; attempt < SUFFIX_TRIES; attempt++) {
		bool taken = false;

		family_aside_suffix(attempt, ret_suffix);
		for (unsigned i = 0; i < FAMILY_FILES && !taken; i++) {
			struct stat st;

			(void)snprintf(name, sizeof(name), "%s%s%s", path,
			    ret_suffix, family_suffix[i]);
			taken = lstat(name, &st) == 0;
			if (!taken && errno != ENOENT)
				return err_system(err, "look at '%s'", name);
		}
		if (!taken)
			return 0;
	}
	return err_set(err, ERR_FAILED, EEXIST,
	    "no free name such as '%s%s' to put the old files aside", path,
	    ret_suffix);
}

static int
cannot_keep(const char *from, const char *to, struct err *err)
{
	bool links = errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK;

	(void)err_system(err, "keep '%s' as '%s'", from, to);
	if (!links)
		return -1;
	return err_hint(err,
	    "the old file is kept by a hard link, which this filesystem or "
	    "your permissions do not allow; move the old files (also -wal, "
	    "-journal, -shm) away yourself, then run this again");
}

/* One file, if there is one.  link() never overwrites. */
static int
keep_one(struct aside *aside, const char *path, const char *suffix,
    unsigned which, struct err *err)
{
	AUTO(free) char *from = NULL;
	AUTO(free) char *to = NULL;
	struct stat st;

	if (asprintf(&from, "%s%s", path, family_suffix[which]) < 0) {
		from = NULL;
		return err_system(err, "put '%s' aside", path);
	}
	if (asprintf(&to, "%s%s%s", path, suffix, family_suffix[which]) < 0) {
		to = NULL;
		return err_system(err, "put '%s' aside", path);
	}
	if (link(from, to) < 0)
		return errno == ENOENT ? 0 : cannot_keep(from, to, err);

	/* From the new name: this is the file that is really kept. */
	if (lstat(to, &st) < 0)
		return err_system(err, "look at '%s'", to);
	aside->file[aside->count++] = (struct aside_file){
		.from = take_ptr(&from),
		.to = take_ptr(&to),
		.dev = st.st_dev,
		.ino = st.st_ino,
	};
	return 0;
}

int
aside_keep(struct aside *aside, const struct target *target, unsigned first,
    unsigned end, struct err *err)
{
	char suffix[FAMILY_ASIDE_BYTES];

	if (file_folder_of(target->path, &aside->folder, err) < 0 ||
	    find_suffix(target->path, suffix, err) < 0)
		return -1;
	for (unsigned i = first; i < end; i++)
		if (keep_one(aside, target->path, suffix, i, err) < 0)
			return -1;
	return aside->count == 0 ? 0 : file_flush_folder(aside->folder, err);
}

enum holder { HELD_BY_US, HELD_BY_NOBODY, HELD_BY_OTHER };

/* Whose file has the first name now. */
static enum holder
first_name(const struct aside_file *file)
{
	struct stat st;

	if (lstat(file->from, &st) < 0)
		return errno == ENOENT ? HELD_BY_NOBODY : HELD_BY_OTHER;
	return st.st_dev == file->dev && st.st_ino == file->ino ? HELD_BY_US
								: HELD_BY_OTHER;
}

int
aside_let_go(const struct aside *aside, struct err *err)
{
	for (unsigned i = 0; i < aside->count; i++) {
		const struct aside_file *file = &aside->file[i];

		switch (first_name(file)) {
		case HELD_BY_NOBODY:
			break;
		case HELD_BY_OTHER:
			(void)err_set(err, ERR_REFUSED, EEXIST,
			    "'%s' became another file while we worked; the old "
			    "one is kept as '%s'",
			    file->from, file->to);
			return err_hint(
			    err, "see who works there, then run this again");
		case HELD_BY_US:
			if (unlink(file->from) < 0)
				return err_system(
				    err, "move '%s' aside", file->from);
		}
	}
	return aside->count == 0 ? 0 : file_flush_folder(aside->folder, err);
}

void
aside_undo(struct aside *aside)
{
	for (unsigned i = 0; i < aside->count; i++)
		if (first_name(&aside->file[i]) != HELD_BY_US)
			return;

	/* A second name that stays after all does no harm to the data. */
	for (unsigned i = 0; i < aside->count; i++)
		(void)unlink(aside->file[i].to);
	aside_done(aside);
}

void
aside_done(struct aside *aside)
{
	for (unsigned i = 0; i < aside->count; i++) {
		free(aside->file[i].from);
		free(aside->file[i].to);
	}
	free(aside->folder);
	*aside = (struct aside){ .count = 0 };
}
