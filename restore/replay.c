/*
 * Siblings, two increments of one parent, are the only case in which a chain
 * is walked again: a file holds one snapshot's sums, and an increment does
 * not tell what it overwrote.
 */
#include "restore/replay.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

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
		.scratch = scratch,
		.databases = calloc(
		    MANIFEST_DATABASES_MAX, sizeof(*ret_replay->databases)),
	};
	return ret_replay->databases == NULL
		   ? err_system(err, "remember page sums")
		   : 0;
}

void
replay_auto(struct replay *replay)
{
	for (size_t i = 0; i < replay->count; i++)
		fd_auto(&replay->databases[i].sums.fd);
	free(replay->databases);
	replay->databases = NULL;
	replay->count = 0;
}

/* By its name; what is alone is the same under any. */
static struct replay_database *
find(struct replay *replay, const char *name, bool alone)
{
	for (size_t i = 0; i < replay->count; i++)
		if (strcmp(replay->databases[i].name, name) == 0)
			return &replay->databases[i];
	return alone && replay->count == 1 ? &replay->databases[0] : NULL;
}

/* Those that left the set make room. */
static void
forget_others(struct replay *replay, const struct manifest *manifest)
{
	bool alone = replay->count == 1 && manifest_count(manifest) == 1;
	size_t kept = 0, index = 0;

	for (size_t i = 0; i < replay->count; i++) {
		struct replay_database *db = &replay->databases[i];

		if (!alone && manifest_find(manifest, db->name, &index) == NULL)
			fd_auto(&db->sums.fd);
		else
			replay->databases[kept++] = *db;
	}
	replay->count = kept;
}

static int
need(struct replay *replay, const char *name, bool alone,
    struct replay_database **ret_db, struct err *err)
{
	struct replay_database *db = find(replay, name, alone);

	if (db == NULL) {
		db = &replay->databases[replay->count];
		db->sums = (struct sums){ .fd = -1, .name = "page sums" };
		if (file_scratch(replay->scratch, &db->sums.fd, err) < 0)
			return -1;
		replay->count++;
	}
	(void)stpcpy(db->name, name);
	*ret_db = db;
	return 0;
}

static int
apply_manifest(struct replay *replay, const struct manifest *manifest, int fd,
    const char *path, struct err *err)
{
	bool alone = manifest_count(manifest) == 1;

	for (size_t i = 0; i < manifest_count(manifest); i++) {
		struct replay_database *db = NULL;

		if (need(replay, manifest_at(manifest, i)->name, alone, &db,
			err) < 0 ||
		    sums_apply(&db->sums, fd, path, manifest, i, err) < 0)
			return -1;
	}
	return 0;
}

/* From the sums of its parent, or from none for a full. */
static int
apply(struct replay *replay, size_t at, struct manifest *ret_manifest,
    struct err *err)
{
	const struct snapshot *snapshot = &replay->catalog->list[at];
	struct stored_file file;
	char path[PATH_MAX];

	/* If this ends half-way they are nobody's. */
	replay->at = SNAPSHOT_NONE;
	manifest_done(ret_manifest);
	if (catalog_manifest(
		replay->catalog, snapshot, ret_manifest, &file, err) < 0)
		return -1;
	catalog_path(
	    replay->catalog, snapshot, SNAPSHOT_ARCHIVE, path, sizeof(path));
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "open archive '%s'", path);
	forget_others(replay, ret_manifest);
	if (apply_manifest(replay, ret_manifest, fd, path, err) < 0)
		return -1;
	replay->at = at;
	return 0;
}

static int
apply_chain(struct replay *replay, size_t at, struct manifest *ret_manifest,
    struct err *err)
{
	AUTO(chain) struct chain chain = { .count = 0 };

	if (chain_of(replay->catalog, at, &chain, err) < 0)
		return -1;
	for (size_t i = chain.count; i-- > 0;)
		if (apply(replay, chain.at[i], ret_manifest, err) < 0)
			return -1;
	return 0;
}

int
replay_state(struct replay *replay, size_t at, uint8_t ret_state[SHA256_BYTES],
    struct err *err)
{
	const struct snapshot *snapshot = &replay->catalog->list[at];
	AUTO(manifest) struct manifest manifest = { 0 };
	bool next = snapshot->full || (replay->at != SNAPSHOT_NONE &&
					  snapshot->parent_at == replay->at);
	int rc = next ? apply(replay, at, &manifest, err)
		      : apply_chain(replay, at, &manifest, err);

	for (size_t i = 0; rc == 0 && i < manifest_count(&manifest); i++) {
		struct manifest_database *db = manifest_edit(&manifest, i);

		rc = sums_root(
		    &find(replay, db->name, false)->sums, db->root, err);
	}
	return rc < 0 ? -1 : manifest_state(&manifest, ret_state, err);
}
