/*
 * Siblings, two increments of one parent, are the only case in which a chain
 * is walked again: the file holds one snapshot's sums, and an increment does
 * not tell what it overwrote.
 */
#include "restore/replay.h"

#include <fcntl.h>
#include <limits.h>

#include "base/auto.h"
#include "base/file.h"
#include "repository/chain.h"

int
replay_begin(const struct catalog *catalog, const char *scratch,
    struct replay *ret_replay, struct err *err)
{
	*ret_replay = (struct replay){
		.catalog = catalog,
		.at = SNAPSHOT_NONE,
		.sums = { .fd = -1, .name = "page sums" },
	};
	return file_scratch(scratch, &ret_replay->sums.fd, err);
}

void
replay_auto(struct replay *replay)
{
	fd_auto(&replay->sums.fd);
}

/* From the sums of its parent, or from none for a full. */
static int
apply(struct replay *replay, size_t at, struct err *err)
{
	const struct snapshot *snapshot = &replay->catalog->list[at];
	AUTO(manifest) struct manifest manifest = { 0 };
	struct stored_file file;
	char path[PATH_MAX];

	/* If this ends half-way they are nobody's. */
	replay->at = SNAPSHOT_NONE;
	if (catalog_manifest(replay->catalog, snapshot, &manifest, &file, err) <
	    0)
		return -1;
	catalog_path(
	    replay->catalog, snapshot, SNAPSHOT_ARCHIVE, path, sizeof(path));
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "open archive '%s'", path);
	if (sums_apply(&replay->sums, fd, path, &manifest, err) < 0)
		return -1;
	replay->at = at;
	return 0;
}

static int
apply_chain(struct replay *replay, size_t at, struct err *err)
{
	AUTO(chain) struct chain chain = { .count = 0 };

	if (chain_of(replay->catalog, at, &chain, err) < 0)
		return -1;
	for (size_t i = chain.count; i-- > 0;)
		if (apply(replay, chain.at[i], err) < 0)
			return -1;
	return 0;
}

int
replay_root(struct replay *replay, size_t at, uint8_t ret_root[SHA256_BYTES],
    struct err *err)
{
	const struct snapshot *snapshot = &replay->catalog->list[at];
	bool next = snapshot->full || (replay->at != SNAPSHOT_NONE &&
					  snapshot->parent_at == replay->at);

	int rc = next ? apply(replay, at, err) : apply_chain(replay, at, err);

	return rc < 0 ? -1 : sums_root(&replay->sums, ret_root, err);
}
