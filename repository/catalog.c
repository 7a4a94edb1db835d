/*
 * One pass over the names, one small file read for each manifest, one sort;
 * then parents are found by id, and faults run down the chains.
 *
 * A parent is strictly older than its child, so in order of time it stands
 * before it: one walk forward settles every chain, and a cycle cannot be made.
 *
 * A set lives while it is read: backups commit, a prune condemns.  Whatever is
 * seen half would look like damage, so if the folder changed meanwhile, it is
 * read again, a few times.
 */
#include "repository/catalog.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/nearest.h"
#include "repository/set_folder.h"
#include "repository/snapshot_read.h"

enum { TRIES = 5, FILES_MAX = 4 * CATALOG_MAX };

void
catalog_done(struct catalog *catalog)
{
	free(catalog->list);
	free(catalog->orphans);
	catalog->list = NULL;
	catalog->orphans = NULL;
	catalog->count = catalog->orphan_count = 0;
}

void
catalog_auto(struct catalog *catalog)
{
	catalog_done(catalog);
}

/* --- the files of one name ---------------------------------------------- */

static void
add_orphan(struct catalog *catalog, const struct listed *listed)
{
	struct orphan *orphan = &catalog->orphans[catalog->orphan_count++];

	memcpy(orphan->file, listed->file, sizeof(orphan->file));
	orphan->kind = listed->kind;
	orphan->stored_ms = listed->stored_ms;
	orphan->bytes = listed->bytes;
}

/* The file that makes these a snapshot, or NULL. */
static const struct listed *
find_manifest(const struct listed *files, size_t count, bool condemned)
{
	const struct listed *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (files[i].kind == SNAPSHOT_MANIFEST ||
		    (condemned && found == NULL &&
			files[i].kind == SNAPSHOT_CONDEMNED))
			found = &files[i];
	return found;
}

static int
take_name(struct catalog *catalog, int folder, const struct listed *files,
    size_t count, bool condemned, struct err *err)
{
	const struct listed *manifest = find_manifest(files, count, condemned);
	struct snapshot snapshot = { .full = false };
	bool there = false;

	if (manifest != NULL && snapshot_read(catalog, folder, manifest,
				    &snapshot, &there, err) < 0)
		return -1;
	/* One that was condemned and is damaged, too: its files are left over. */
	if (snapshot.condemned && snapshot.faults & SNAPSHOT_BAD_MANIFEST)
		there = false;
	for (size_t i = 0; i < count; i++) {
		if (there && files[i].kind == SNAPSHOT_PIN)
			snapshot.pinned = true;
		else if (files[i].kind == SNAPSHOT_DRAFT ||
			 (!there && files[i].kind != SNAPSHOT_MANIFEST) ||
			 (files[i].kind == SNAPSHOT_CONDEMNED &&
			     &files[i] != manifest))
			add_orphan(catalog, &files[i]);
	}
	if (there)
		catalog->list[catalog->count++] = snapshot;
	return 0;
}

static size_t
count_manifests(const struct set_listing *listing)
{
	size_t count = 0;

	for (size_t i = 0; i < listing->count; i++)
		count += listing->files[i].kind == SNAPSHOT_MANIFEST ||
			 listing->files[i].kind == SNAPSHOT_CONDEMNED;
	return count;
}

static int
take_all(struct catalog *catalog, int folder, const struct set_listing *listing,
    bool condemned, struct err *err)
{
	catalog->list =
	    calloc(count_manifests(listing) + 1, sizeof(*catalog->list));
	catalog->orphans =
	    calloc(listing->count + 1, sizeof(*catalog->orphans));
	if (catalog->list == NULL || catalog->orphans == NULL)
		return err_system(err, "read the set '%s'", catalog->set);
	for (size_t first = 0, end = 0; first < listing->count; first = end) {
		const struct listed *files = &listing->files[first];

		while (end < listing->count &&
		       strcmp(listing->files[end].name, files->name) == 0)
			end++;
		if (take_name(catalog, folder, files, end - first, condemned,
			err) < 0)
			return -1;
	}
	return 0;
}

/* --- all together ------------------------------------------------------- */

static int
by_time(const void *left, const void *right)
{
	const struct snapshot *a = left, *b = right;

	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	int ids = strcmp(a->id, b->id);
	return ids != 0 ? ids : strcmp(a->name, b->name);
}

/* Good manifests by id, for finding parents. */
struct by_id {
	char id[SNAPSHOT_ID_BYTES];
	size_t at;
};

static int
compare_ids(const void *left, const void *right)
{
	const struct by_id *a = left, *b = right;

	return strcmp(a->id, b->id);
}

static size_t
index_ids(const struct catalog *catalog, struct by_id *index)
{
	size_t count = 0;

	for (size_t i = 0; i < catalog->count; i++) {
		if (catalog->list[i].faults & SNAPSHOT_BAD_MANIFEST)
			continue;
		memcpy(index[count].id, catalog->list[i].id, SNAPSHOT_ID_BYTES);
		index[count++].at = i;
	}
	if (count > 0)
		qsort(index, count, sizeof(*index), compare_ids);
	return count;
}

/* Two of one id: nobody can tell which of them a child means. */
static void
mark_twins(struct catalog *catalog, const struct by_id *index, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (strcmp(index[i - 1].id, index[i].id) != 0)
			continue;
		catalog->list[index[i - 1].at].faults |= SNAPSHOT_BAD_MANIFEST;
		catalog->list[index[i].at].faults |= SNAPSHOT_BAD_MANIFEST;
	}
}

/* Whether `parent` is what the increment was made against. */
static bool
fits(const struct snapshot *parent, const struct snapshot *child)
{
	return (parent->faults & SNAPSHOT_BAD_MANIFEST) == 0 &&
	       parent->time_ms < child->time_ms &&
	       (parent->page_size == 0 || child->page_size == 0 ||
		   parent->page_size == child->page_size) &&
	       memcmp(parent->state, child->parent_state, SHA256_BYTES) == 0;
}

/* Its parent, if it has a right one, was settled before it. */
static void
settle(
    struct catalog *catalog, size_t at, const struct by_id *index, size_t count)
{
	struct snapshot *snapshot = &catalog->list[at];
	struct by_id key = { .at = 0 };

	if (snapshot->faults & SNAPSHOT_BAD_MANIFEST)
		return;
	if (snapshot->full) {
		snapshot->chain = at;
		return;
	}
	memcpy(key.id, snapshot->parent, sizeof(key.id));
	const struct by_id *found =
	    bsearch(&key, index, count, sizeof(*index), compare_ids);
	if (found == NULL || !fits(&catalog->list[found->at], snapshot)) {
		snapshot->faults |= SNAPSHOT_NO_PARENT;
		return;
	}
	const struct snapshot *parent = &catalog->list[found->at];
	assert(found->at < at);
	snapshot->parent_at = found->at;
	snapshot->chain = parent->chain;
	if (parent->faults != SNAPSHOT_GOOD)
		snapshot->faults |= SNAPSHOT_BAD_ANCESTOR;
}

static int
find_parents(struct catalog *catalog, struct err *err)
{
	AUTO(free)
	struct by_id *index = calloc(catalog->count + 1, sizeof(*index));

	if (index == NULL)
		return err_system(err, "read the set '%s'", catalog->set);
	size_t count = index_ids(catalog, index);
	mark_twins(catalog, index, count);
	for (size_t i = 0; i < catalog->count; i++)
		settle(catalog, i, index, count);
	return 0;
}

static int
read_once(struct catalog *catalog, int folder, bool condemned, struct err *err)
{
	AUTO(set_listing) struct set_listing listing = { .files = NULL };

	if (set_listing_read(
		folder, catalog->folder, FILES_MAX, &listing, err) < 0 ||
	    take_all(catalog, folder, &listing, condemned, err) < 0)
		return -1;
	if (catalog->count > CATALOG_MAX)
		return err_set(err, ERR_FAILED, 0,
		    "the set '%s' has more than %d snapshots", catalog->set,
		    CATALOG_MAX);
	catalog->foreign = listing.foreign;
	qsort(catalog->list, catalog->count, sizeof(*catalog->list), by_time);
	return find_parents(catalog, err);
}

/* The names that a walk offers do not outlive it. */
struct meant {
	struct nearest nearest;
	char name[MEMBER_NAME_MAX + 1];
};

static int
offer(void *ctx, const char *set, struct err *err)
{
	struct meant *meant = ctx;

	(void)err;
	nearest_offer(&meant->nearest, set);
	if (meant->nearest.name == set)
		meant->nearest.name = strcpy(meant->name, set);
	return 0;
}

/* Adds the name that was perhaps meant. */
static int
no_such_set(
    const struct repository *repository, const char *set, struct err *err)
{
	struct meant meant = { .nearest = NEAREST_TO(set) };
	struct err ignored;

	if (err->kind != ERR_ABSENT ||
	    repository_sets(repository, offer, &meant, &ignored) < 0 ||
	    meant.nearest.name == NULL)
		return -1;
	return err_hint(err, "did you mean '%s'?", meant.nearest.name);
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Until it stood still while it was read. */
static int
read_still(struct catalog *catalog, int folder, bool condemned, struct err *err)
{
	for (unsigned i = 0; i < TRIES; i++) {
		struct stat before, after;

		catalog_done(catalog);
		if (fstat(folder, &before) < 0)
			return err_system(err, "look at '%s'", catalog->folder);
		if (read_once(catalog, folder, condemned, err) < 0)
			return -1;
		if (fstat(folder, &after) < 0)
			return err_system(err, "look at '%s'", catalog->folder);
		if (same_time(&before.st_mtim, &after.st_mtim))
			break;
	}
	return 0;
}

static int
read_set(const struct repository *repository, const char *set, bool condemned,
    struct catalog *ret_catalog, struct err *err)
{
	AUTO(catalog) struct catalog catalog = { .list = NULL };
	AUTO(fd) int folder = -1;

	if (set_folder_open(repository, set, &folder, err) < 0)
		return no_such_set(repository, set, err);
	(void)stpcpy(catalog.set, set);
	if (snprintf(catalog.folder, sizeof(catalog.folder), "%s/%s",
		repository->path, set) >= (int)sizeof(catalog.folder))
		return err_set(err, ERR_FAILED, ENAMETOOLONG,
		    "the path of the set '%s' is too long", set);
	if (read_still(&catalog, folder, condemned, err) < 0)
		return -1;
	*ret_catalog = catalog;
	catalog.list = NULL;
	catalog.orphans = NULL;
	return 0;
}

int
catalog_read(const struct repository *repository, const char *set,
    struct catalog *ret_catalog, struct err *err)
{
	return read_set(repository, set, false, ret_catalog, err);
}

int
catalog_read_condemned(const struct repository *repository, const char *set,
    struct catalog *ret_catalog, struct err *err)
{
	return read_set(repository, set, true, ret_catalog, err);
}

size_t
catalog_index(const struct catalog *catalog, const struct snapshot *snapshot)
{
	const struct snapshot *found =
	    catalog->count == 0
		? NULL
		: bsearch(snapshot, catalog->list, catalog->count,
		      sizeof(*catalog->list), by_time);

	return found == NULL ? SNAPSHOT_NONE : (size_t)(found - catalog->list);
}
