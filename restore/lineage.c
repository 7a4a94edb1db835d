/*
 * A chain may have more archives than a process may have descriptors, so those
 * of a repository are kept as paths.
 */
#include "restore/lineage.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_read.h"
#include "base/auto.h"

static int
add(const struct catalog *catalog, const struct snapshot *snapshot,
    struct lineage_archive *archive, struct err *err)
{
	char path[PATH_MAX];

	catalog_path(catalog, snapshot, SNAPSHOT_ARCHIVE, path, sizeof(path));
	archive->fd = -1;
	archive->path = archive->name = strdup(path);
	if (archive->path == NULL)
		return err_system(err, "remember '%s'", path);
	return 0;
}

int
lineage_of(const struct catalog *catalog, const struct chain *chain,
    struct lineage *ret_lineage, struct err *err)
{
	const struct snapshot *newest = &catalog->list[chain->at[0]];
	struct lineage_archive *archives =
	    calloc(chain->count, sizeof(*archives));
	AUTO(lineage)
	struct lineage lineage = {
		.archives = archives,
		.id = newest->id,
		.state = newest->state,
	};

	if (archives == NULL)
		return err_system(
		    err, "remember a chain of %zu archives", chain->count);
	while (lineage.count < chain->count) {
		size_t at = chain->at[lineage.count];

		if (add(catalog, &catalog->list[at], &archives[lineage.count],
			err) < 0)
			return -1;
		lineage.count++;
	}
	*ret_lineage = lineage;
	lineage = (struct lineage){ .count = 0 };
	return 0;
}

void
lineage_done(struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->count; i++)
		free((char *)lineage->archives[i].path);
	free((struct lineage_archive *)lineage->archives);
	*lineage = (struct lineage){ .count = 0 };
}

void
lineage_auto(struct lineage *lineage)
{
	lineage_done(lineage);
}

int
lineage_open(const struct lineage_archive *archive, int *ret_own, int *ret_fd,
    struct err *err)
{
	*ret_own = -1;
	*ret_fd = archive->fd;
	if (archive->fd >= 0)
		return 0;
	*ret_own = *ret_fd = open(archive->path, O_RDONLY | O_CLOEXEC);
	if (*ret_fd < 0)
		return err_system(err, "open archive '%s'", archive->name);
	return 0;
}

int
lineage_stat(const struct lineage_archive *archive, struct stat *ret_stat,
    struct err *err)
{
	int rc = archive->fd >= 0 ? fstat(archive->fd, ret_stat)
				  : stat(archive->path, ret_stat);

	return rc == 0 ? 0
		       : err_system(err, "look at archive '%s'", archive->name);
}

int
lineage_peek(const struct lineage_archive *archive, bool *ret_file,
    struct manifest *ret_manifest, struct err *err)
{
	AUTO(fd) int own = -1;
	struct stat st;
	int fd = -1;

	*ret_file = false;
	if (lineage_open(archive, &own, &fd, err) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_system(err, "look at '%s'", archive->name);
	if (!S_ISREG(st.st_mode))
		return 0;
	*ret_file = true;
	return archive_peek(fd, archive->name, ret_manifest, err);
}

const char *
lineage_short_name(const struct lineage_archive *archive)
{
	const char *slash = strrchr(archive->name, '/');

	return slash == NULL ? archive->name : slash + 1;
}
