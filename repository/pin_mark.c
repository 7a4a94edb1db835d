/*
 * The mark first, then a look at the manifest; a prune condemns first and looks
 * for marks then.  So one of the two sees the other, and a snapshot that is
 * said to be pinned is.
 */
#include "repository/pin_mark.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/belong.h"
#include "base/draft.h"
#include "base/file.h"

static int
is_there(const struct catalog *catalog, const struct snapshot *snapshot,
    struct err *err)
{
	char path[PATH_MAX];
	struct stat st;

	catalog_path(catalog, snapshot, SNAPSHOT_MANIFEST, path, sizeof(path));
	if (lstat(path, &st) == 0)
		return 0;
	if (errno != ENOENT)
		return err_system(err, "look at '%s'", path);
	return err_set(err, ERR_ABSENT, ENOENT,
	    "snapshot '%s' of the set '%s' was pruned meanwhile",
	    snapshot->name, catalog->set);
}

int
pin_mark_set(const struct catalog *catalog, const struct snapshot *snapshot,
    bool *ret_changed, struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	char path[PATH_MAX];

	catalog_path(catalog, snapshot, SNAPSHOT_PIN, path, sizeof(path));
	if (draft_open(path, &draft, err) < 0)
		return -1;
	belong_to(draft.fd, draft.folder_fd);
	*ret_changed = draft_publish(&draft, DRAFT_REFUSE, err) == 0;
	if (!*ret_changed && err->code != EEXIST)
		return -1;
	/* Whoever made it may not have flushed it yet. */
	if (!*ret_changed && file_flush_folder(catalog->folder, err) < 0)
		return -1;
	if (is_there(catalog, snapshot, err) == 0)
		return 0;
	if (*ret_changed)
		(void)unlink(path); /* else a prune removes it */
	return -1;
}

int
pin_mark_clear(const struct catalog *catalog, const struct snapshot *snapshot,
    bool *ret_changed, struct err *err)
{
	char path[PATH_MAX];

	catalog_path(catalog, snapshot, SNAPSHOT_PIN, path, sizeof(path));
	*ret_changed = unlink(path) == 0;
	if (!*ret_changed && errno != ENOENT)
		return err_system(err, "remove '%s'", path);
	return file_flush_folder(catalog->folder, err);
}
