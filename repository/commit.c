/*
 * The manifest gets its name in one step, and that is the commit.  Then we
 * look whether all that it needs is still there, our own archive included: a
 * prune may have taken that for a leftover, had we slept long enough.
 */
#include "repository/commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/draft.h"
#include "base/file.h"
#include "repository/catalog.h"
#include "repository/chain.h"
#include "repository/snapshot_name.h"

/* Whether the name leads to our draft's file. */
static bool
is_ours(const char *path, const struct stat *ours)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_dev == ours->st_dev &&
	       st.st_ino == ours->st_ino;
}

/* The reason stays in `err`. */
static int
take_back(const char *path, const struct stat *ours, struct err *err)
{
	AUTO(free) char *folder = NULL;
	struct err why;

	if (!is_ours(path, ours))
		return -1;
	if (file_folder_of(path, &folder, &why) < 0 || unlink(path) < 0 ||
	    file_flush_folder(folder, &why) < 0)
		return err_within(
		    err, "'%s' is no snapshot, but could not be removed", path);
	return -1;
}

static int
publish(const char *path, const char *text, size_t len, struct stat *ret_ours,
    struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;

	if (draft_open(path, &draft, err) < 0 ||
	    file_write(draft.fd, text, len, path, NULL, err) < 0)
		return -1;
	belong_to(draft.fd, draft.folder_fd);
	if (fstat(draft.fd, ret_ours) < 0)
		return err_system(err, "look at '%s'", path);
	if (draft_publish(&draft, DRAFT_REFUSE, err) < 0)
		return take_back(path, ret_ours, err);
	return 0;
}

int
commit_ancestors_there(const struct repository *repository, const char *set,
    const char *id, struct err *err)
{
	AUTO(catalog) struct catalog catalog = { .list = NULL };
	AUTO(chain) struct chain chain = { .at = NULL };

	if (catalog_read(repository, set, &catalog, err) < 0)
		return -1;
	for (size_t i = 0; i < catalog.count; i++)
		if (strcmp(catalog.list[i].id, id) == 0)
			return chain_of(&catalog, i, &chain, err);
	return err_set(err, ERR_ABSENT, 0,
	    "snapshot '%s' of the set '%s' is "
	    "not there any more",
	    id, set);
}

int
commit_manifest(const struct repository *repository,
    const struct manifest *manifest, const struct stored_file *file,
    struct err *err)
{
	AUTO(free) char *text = NULL;
	AUTO(free) char *path = NULL;
	char name[SNAPSHOT_NAME_BYTES];
	struct stat ours;
	size_t len = 0;

	snapshot_name(manifest, name);
	if (asprintf(&path, "%s/%s/%s%s", repository->path, manifest->set, name,
		snapshot_suffix[SNAPSHOT_MANIFEST]) < 0) {
		path = NULL;
		return err_system(err, "name the manifest");
	}
	if (detached_encode(manifest, file, &text, &len, err) < 0 ||
	    publish(path, text, len, &ours, err) < 0)
		return -1;
	if (commit_ancestors_there(
		repository, manifest->set, manifest->id, err) == 0)
		return 0;
	err->kind = ERR_FAILED;
	(void)err_within(err, "the backup is given up after its commit");
	(void)err_hint(err,
	    "a prune at the same time may have taken what it needs; run the "
	    "backup again");
	return take_back(path, &ours, err);
}
