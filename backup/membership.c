/*
 * A database is known by its path, for all that is stored: the name is only
 * what it is called in the archive.
 */
#include "backup/membership.h"

#include <stdio.h>
#include <string.h>

const struct manifest_database *
membership_find(const struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_database *db = manifest_at(manifest, i);

		if (strcmp(db->path, path) == 0)
			return db;
	}
	return NULL;
}

static int
another_database(const struct parent_options *options, const char *theirs,
    const char *ours, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, 0,
	    "the set '%s' holds backups of '%s', not of '%s'", options->set,
	    theirs, ours);
	return err_hint(
	    err, options->count == 1
		     ? "give this database a set of its own: --set NAME, or "
		       "in its job: set = NAME"
		     : "give these databases a set of their own: --set NAME, "
		       "or in their job: set = NAME");
}

/* None of the names is that of another database than before. */
static int
check_names(const struct parent_options *options,
    const struct manifest *manifest, struct err *err)
{
	for (size_t i = 0; i < options->count; i++) {
		const struct parent_wanted *wanted = &options->wanted[i];
		size_t index = 0;
		const struct manifest_database *db =
		    manifest_find(manifest, wanted->name, &index);

		if (db != NULL && strcmp(db->path, wanted->path) != 0)
			return another_database(
			    options, db->path, wanted->path, err);
	}
	return 0;
}

static void
add_change(struct parent *parent, const char *name, const char *what)
{
	size_t len = strlen(parent->change);

	(void)snprintf(parent->change + len, sizeof(parent->change) - len,
	    "%s'%s' %s", len == 0 ? "" : ", ", name, what);
}

static bool
is_wanted(const struct parent_options *options, const char *path)
{
	for (size_t i = 0; i < options->count; i++)
		if (strcmp(options->wanted[i].path, path) == 0)
			return true;
	return false;
}

/* Who comes and who goes; *ret_same: so many stay. */
static void
compare_sets(const struct parent_options *options,
    const struct manifest *manifest, struct parent *parent, size_t *ret_same)
{
	*ret_same = 0;
	for (size_t i = 0; i < options->count; i++) {
		if (membership_find(manifest, options->wanted[i].path) != NULL)
			(*ret_same)++;
		else
			add_change(
			    parent, options->wanted[i].name, "joins the set");
	}
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct manifest_database *db = manifest_at(manifest, i);

		if (!is_wanted(options, db->path))
			add_change(parent, db->name, "is not in it any more");
	}
}

int
membership_check(const struct parent_options *options,
    const struct manifest *newest, struct parent *parent, struct err *err)
{
	size_t same = 0;

	compare_sets(options, newest, parent, &same);
	if (same == 0)
		return another_database(options, newest->database.path,
		    options->wanted[0].path, err);
	return check_names(options, newest, err);
}
