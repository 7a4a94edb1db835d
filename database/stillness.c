/*
 * A filesystem's times move in ticks of some milliseconds: a file written twice
 * within a tick has the same times after both.  So a file that was changed just
 * now is looked at again a few ticks later; from then on no write can hide.
 *
 * Who only reads the files is no danger: another backup of the same snapshot,
 * or a program that copies it.
 */
#include "database/stillness.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "database/family.h"
#include "database/occupants.h"

enum { ticks_ms = 40 };

static const char advice[] =
    "without --frozen litesafe backs up a database in use; else stop the "
    "application, or make a snapshot of the filesystem, and back that up";

static bool
may_write(const struct occupant *occupant)
{
	return occupant->writes || (occupant->sure && !occupant->seen);
}

static int
nobody_writes(const char *path, struct err *err)
{
	struct occupants occupants;
	char who[OCCUPANTS_TEXT];

	if (occupants_find(path, &occupants, err) < 0)
		return -1;
	/* Of those that are not listed any may be the one who writes. */
	if (occupants.count == occupants.listed)
		occupants_keep(&occupants, may_write);
	if (occupants.count == 0)
		return 0;
	occupants_text(&occupants, who);
	(void)err_set(
	    err, ERR_REFUSED, 0, "'%s' is not frozen: open in %s", path, who);
	return err_hint(err, "%s", advice);
}

static int
look(const char *path, struct stillness *ret_stillness, struct err *err)
{
	char name[FAMILY_NAME_MAX];

	*ret_stillness = (struct stillness){ .present = { false } };
	for (unsigned i = 0; i < STILLNESS_FILES; i++) {
		(void)snprintf(
		    name, sizeof(name), "%s%s", path, family_suffix[i]);
		ret_stillness->present[i] =
		    lstat(name, &ret_stillness->st[i]) == 0;
		if (!ret_stillness->present[i] && errno != ENOENT)
			return err_system(err, "look at '%s'", name);
	}
	return 0;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

static int
changed(const char *path, const char *suffix, const char *how, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s%s' %s while it was read, so the database is not frozen", path,
	    suffix, how);
	return err_hint(err, "%s", advice);
}

static int
compare(const char *path, const struct stillness *before,
    const struct stillness *now, struct err *err)
{
	for (unsigned i = 0; i < STILLNESS_FILES; i++) {
		const char *suffix = family_suffix[i];

		if (before->present[i] != now->present[i])
			return changed(path, suffix,
			    now->present[i] ? "appeared" : "vanished", err);
		if (now->present[i] && !same_file(&before->st[i], &now->st[i]))
			return changed(path, suffix, "changed", err);
	}
	return 0;
}

static bool
changed_just_now(const struct stillness *stillness)
{
	int64_t now = clock_now_ms();

	for (unsigned i = 0; i < STILLNESS_FILES; i++) {
		const struct timespec *t = &stillness->st[i].st_ctim;
		int64_t age =
		    now - ((int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000);

		if (stillness->present[i] && age >= 0 && age < ticks_ms)
			return true;
	}
	return false;
}

int
stillness_begin(
    const char *path, struct stillness *ret_stillness, struct err *err)
{
	const struct timespec ticks = { .tv_nsec = ticks_ms * 1000000L };

	if (nobody_writes(path, err) < 0 || look(path, ret_stillness, err) < 0)
		return -1;
	if (!changed_just_now(ret_stillness))
		return 0;
	(void)nanosleep(&ticks, NULL); /* cut short by a signal: we end soon */
	return stillness_end(path, ret_stillness, err);
}

int
stillness_end(
    const char *path, const struct stillness *stillness, struct err *err)
{
	struct stillness now;

	if (look(path, &now, err) < 0 ||
	    compare(path, stillness, &now, err) < 0)
		return -1;
	return nobody_writes(path, err);
}
