/*
 * Everything that can be refused of a place is refused before the work. What is
 * in a regular file its end tells; of a pipe nobody knows.
 */
#include "restore/places.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "repository/outside.h"

/* Where a database of that name would be. */
int
places_path(const struct restore_options *options, const char *name,
    char ret_path[PATH_MAX], struct err *err)
{
	if (snprintf(ret_path, PATH_MAX, "%s/%s", options->target, name) <
	    PATH_MAX)
		return 0;
	return err_set(err, ERR_USAGE, ENAMETOOLONG,
	    "the path of '%s' in the folder '%.80s...' is too long", name,
	    options->target);
}

/* Everything that can be refused is refused here, before the work. */
int
places_look(const struct restore_options *options, const char *path,
    struct target *ret_target, struct err *err)
{
	const struct lineage *lineage = options->lineage;

	if (target_inspect(path, ret_target, err) < 0)
		return -1;
	for (size_t i = 0; i < lineage->count; i++) {
		struct stat st;

		if (lineage_stat(&lineage->archives[i], &st, err) < 0 ||
		    target_apart(ret_target, &st, err) < 0)
			return -1;
	}
	if (target_permitted(ret_target, options->replace, err) < 0)
		return -1;
	return target_unused(ret_target, err);
}

static int
look_ahead(const struct restore_options *options, struct manifest *ret_manifest,
    bool *ret_known, struct err *err)
{
	struct err why;
	bool file = false;
	int rc = lineage_peek(
	    &options->lineage->archives[0], &file, ret_manifest, &why);

	*ret_known = file && rc == 0;
	if (rc == 0 || file) /* a bad end is told by who reads the whole */
		return 0;
	*err = why;
	return -1;
}

int
places_no_database(const struct restore_options *options,
    const struct manifest *manifest, struct err *err)
{
	char names[300] = "";

	for (size_t i = 0; i < manifest_count(manifest); i++) {
		size_t len = strlen(names);

		(void)snprintf(names + len, sizeof(names) - len, "%s'%s'",
		    i == 0 ? "" : ", ", manifest_at(manifest, i)->name);
	}
	(void)err_set(err, ERR_ABSENT, 0, "'%s' has no database '%s'",
	    options->lineage->archives[0].name, options->database);
	return err_hint(err, "in it is %s", names);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * Whether the target is a folder for all of them; what can be known now is
 * refused now.
 */
int
places_choose(const struct restore_options *options, bool *ret_folder,
    struct manifest *ret_manifest, bool *ret_known, struct err *err)
{
	size_t index = 0;

	*ret_folder = false;
	if (repository_stay_out("target", options->target, err) < 0 ||
	    look_ahead(options, ret_manifest, ret_known, err) < 0)
		return -1;
	if (options->database == NULL)
		*ret_folder = *ret_known ? manifest_count(ret_manifest) > 1
					 : is_folder(options->target);
	else if (*ret_known &&
		 manifest_find(ret_manifest, options->database, &index) == NULL)
		return places_no_database(options, ret_manifest, err);
	return 0;
}

static int
no_folder(const char *path, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, EEXIST,
	    "the target '%s' is no folder, and the archive holds several "
	    "databases",
	    path);
	return err_hint(err,
	    "name a folder with --to, or one of the databases with --database");
}

/* The places of all databases that are known. */
int
places_look_into(const struct restore_options *options,
    const struct manifest *manifest, size_t *ret_replaces, struct err *err)
{
	struct target target;
	struct stat st;
	char path[PATH_MAX];

	*ret_replaces = 0;
	if (stat(options->target, &st) < 0)
		return errno == ENOENT
			   ? 0
			   : err_system(err, "look at '%s'", options->target);
	if (!S_ISDIR(st.st_mode))
		return no_folder(options->target, err);
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		if (places_path(options, manifest_at(manifest, i)->name, path,
			err) < 0 ||
		    places_look(options, path, &target, err) < 0)
			return -1;
		*ret_replaces += target.present;
	}
	return 0;
}
