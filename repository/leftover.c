/*
 * An archive without a manifest may get one at any moment, however old it is:
 * its backup may have been asleep.  So it first loses its name, and then we
 * look for the manifest; the backup commits first, and then looks for the
 * archive (commit.c).  Whichever comes first is seen by the other one.
 *
 * Set aside, it has the name of a draft of its own: what another prune does,
 * or did when it died, is about another name.  If we die in between, whoever
 * removes leftovers next looks for the manifest, too, and gives the archive
 * its name back.
 */
#include "repository/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repository/reserve.h"

/* An archive that may have no snapshot, under one of two names. */
struct loose {
	const struct repository *repository;
	const struct catalog *catalog;
	int folder;
	char archive[LISTED_FILE_BYTES];
	char aside[LISTED_FILE_BYTES + 20]; /* "ARCHIVE.litesafe-XXXXXX" */
	char name[SNAPSHOT_NAME_BYTES];
};

static int
remove_name(const struct catalog *catalog, int folder, const char *file,
    bool *ret_removed, struct err *err)
{
	*ret_removed = unlinkat(folder, file, 0) == 0;
	if (!*ret_removed && errno != ENOENT)
		return err_system(err, "remove '%s/%s'", catalog->folder, file);
	return 0;
}

static int
is_there(const struct loose *loose, const char *file, bool *ret_there,
    struct err *err)
{
	struct stat st;

	*ret_there =
	    fstatat(loose->folder, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*ret_there && errno != ENOENT)
		return err_system(
		    err, "look at '%s/%s'", loose->catalog->folder, file);
	return 0;
}

/*
 * Condemned or not: another prune may still give it back.  Asked for twice,
 * because that may rename it while we look.
 */
static int
has_manifest(const struct loose *loose, bool *ret_has, struct err *err)
{
	static const enum snapshot_file kinds[] = { SNAPSHOT_MANIFEST,
		SNAPSHOT_CONDEMNED, SNAPSHOT_MANIFEST };
	char file[LISTED_FILE_BYTES];

	*ret_has = false;
	for (size_t i = 0; i < 3 && !*ret_has; i++) {
		(void)snprintf(file, sizeof(file), "%s%s", loose->name,
		    snapshot_suffix[kinds[i]]);
		if (is_there(loose, file, ret_has, err) < 0)
			return -1;
	}
	return 0;
}

static int
give_back(const struct loose *loose, struct err *err)
{
	if (reserve_rename(loose->repository, loose->folder, loose->aside,
		loose->archive) == 0 ||
	    errno == ENOENT) /* another prune was faster */
		return 0;
	return err_system(err, "give '%s/%s' its name back",
	    loose->catalog->folder, loose->archive);
}

/* *ret_aside is false when it is gone already, or is no leftover any more. */
static int
set_aside(struct loose *loose, bool *ret_aside, struct err *err)
{
	bool committed = false;
	uint32_t number = 0;

	*ret_aside = false;
	if (has_manifest(loose, &committed, err) < 0)
		return -1;
	if (committed)
		return 0;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return err_system(err, "take a random number");
	(void)snprintf(loose->aside, sizeof(loose->aside), "%s.litesafe-%06x",
	    loose->archive, number & 0xffffff);
	*ret_aside = reserve_rename(loose->repository, loose->folder,
			 loose->archive, loose->aside) == 0;
	if (!*ret_aside && errno != ENOENT)
		return err_system(err, "rename '%s/%s'", loose->catalog->folder,
		    loose->archive);
	return 0;
}

/* What is set aside goes, or goes back. */
static int
decide(const struct loose *loose, bool *ret_removed, struct err *err)
{
	bool committed = false, named = false;
	struct err second;

	if (has_manifest(loose, &committed, err) < 0 ||
	    (committed && is_there(loose, loose->archive, &named, err) < 0)) {
		(void)give_back(loose, &second);
		return -1;
	}
	if (committed && !named)
		return give_back(loose, err);
	return remove_name(
	    loose->catalog, loose->folder, loose->aside, ret_removed, err);
}

/* An archive under its name, or a draft of one: perhaps it was set aside. */
static bool
is_archive(const struct loose *loose, const char *file)
{
	return strncmp(file, loose->archive, strlen(loose->archive)) == 0;
}

int
leftover_remove(const struct repository *repository,
    const struct catalog *catalog, int folder, const struct orphan *orphan,
    bool *ret_removed, struct err *err)
{
	struct loose loose = {
		.repository = repository,
		.catalog = catalog,
		.folder = folder,
	};
	bool aside = true;

	*ret_removed = false;
	(void)snapshot_file_kind(orphan->file, loose.name);
	(void)snprintf(loose.archive, sizeof(loose.archive), "%s%s", loose.name,
	    snapshot_suffix[SNAPSHOT_ARCHIVE]);
	if (!is_archive(&loose, orphan->file))
		return remove_name(
		    catalog, folder, orphan->file, ret_removed, err);
	(void)snprintf(loose.aside, sizeof(loose.aside), "%s", orphan->file);
	if (orphan->kind == SNAPSHOT_ARCHIVE &&
	    set_aside(&loose, &aside, err) < 0)
		return -1;
	return aside ? decide(&loose, ret_removed, err) : 0;
}
