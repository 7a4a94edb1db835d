/*
 * The steps stand in run(); prune.h tells why they are in this order.
 */
#include "repository/prune.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "repository/leftover.h"
#include "repository/reserve.h"

struct prune {
	const struct repository *repository;
	const struct prune_plan *plan;
	const struct catalog *catalog; /* the plan's */
	const struct work *work;
	struct prune_result *result;
	int folder;
	bool *goes; /* one for each snapshot, as far as it is still true */
};

static void
file_name(const struct snapshot *snapshot, enum snapshot_file kind,
    char ret_file[LISTED_FILE_BYTES])
{
	(void)snprintf(ret_file, LISTED_FILE_BYTES, "%s%s", snapshot->name,
	    snapshot_suffix[kind]);
}

static int
flush(const struct prune *prune, struct err *err)
{
	return file_flush(prune->folder, prune->catalog->folder, err);
}

/* *ret_done is false when another prune was faster. */
static int
rename_manifest(const struct prune *prune, size_t at, enum snapshot_file from,
    enum snapshot_file to, bool *ret_done, struct err *err)
{
	char old[LISTED_FILE_BYTES], new[LISTED_FILE_BYTES];

	file_name(&prune->catalog->list[at], from, old);
	file_name(&prune->catalog->list[at], to, new);
	*ret_done =
	    reserve_rename(prune->repository, prune->folder, old, new) == 0;
	if (*ret_done || errno == ENOENT)
		return 0;
	(void)err_system(
	    err, "rename '%s/%s' to '%s'", prune->catalog->folder, old, new);
	return err->kind == ERR_NO_SPACE
		   ? err_hint(err,
			 "the disk is so full that the folder cannot hold "
			 "another name: free a megabyte there, then run this "
			 "again")
		   : -1;
}

static int
unlink_file(const struct prune *prune, size_t at, enum snapshot_file kind,
    bool *ret_done, struct err *err)
{
	char file[LISTED_FILE_BYTES];

	file_name(&prune->catalog->list[at], kind, file);
	*ret_done = unlinkat(prune->folder, file, 0) == 0;
	if (!*ret_done && errno != ENOENT)
		return err_system(
		    err, "remove '%s/%s'", prune->catalog->folder, file);
	return 0;
}

/* --- giving back -------------------------------------------------------- */

static bool
has_manifest(const struct prune *prune, size_t at)
{
	char file[LISTED_FILE_BYTES];
	struct stat st;

	file_name(&prune->catalog->list[at], SNAPSHOT_MANIFEST, file);
	return fstatat(prune->folder, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Those that `chosen` names, the oldest first, so that there is never a
 * snapshot without its ancestors.  When the full is gone, another prune is
 * deleting its chain, and the others stay condemned.
 */
static int
give_back(struct prune *prune, const bool *chosen, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < prune->catalog->count; i++) {
		size_t root = prune->plan->root[i];
		bool done = false;

		if (!chosen[i] || (root != i && !has_manifest(prune, root)))
			continue;
		if (rename_manifest(prune, i, SNAPSHOT_CONDEMNED,
			SNAPSHOT_MANIFEST, &done, err) < 0)
			return -1;
		prune->result->given_back += done;
		any |= done;
	}
	return any ? flush(prune, err) : 0;
}

/* What a prune that died had condemned and this one keeps. */
static int
give_back_kept(struct prune *prune, struct err *err)
{
	const struct catalog *catalog = prune->catalog;
	AUTO(free) bool *kept = calloc(catalog->count + 1, sizeof(*kept));

	if (kept == NULL)
		return err_system(err, "prune '%s'", catalog->folder);
	for (size_t i = 0; i < catalog->count; i++)
		kept[i] = catalog->list[i].condemned && !prune->goes[i] &&
			  catalog->list[i].faults == SNAPSHOT_GOOD;
	return give_back(prune, kept, err);
}

/* --- the steps ---------------------------------------------------------- */

static int
remove_leftovers(struct prune *prune, struct err *err)
{
	for (size_t i = 0; i < prune->catalog->orphan_count; i++) {
		const struct orphan *orphan = &prune->catalog->orphans[i];
		bool removed = false;

		if (!prune->plan->orphan_goes[i])
			continue;
		if (work_check(prune->work, err) < 0 ||
		    leftover_remove(prune->repository, prune->catalog,
			prune->folder, orphan, &removed, err) < 0)
			return -1;
		prune->result->leftovers += removed;
		prune->result->bytes += removed ? orphan->bytes : 0;
	}
	return 0;
}

/*
 * A snapshot that had no archive when the plan was made, and has one again,
 * counted for nothing in the plan: its chain waits for the next one.
 */
static void
spare_completed(struct prune *prune)
{
	const struct catalog *catalog = prune->catalog;
	char file[LISTED_FILE_BYTES];
	struct stat st;

	for (size_t i = 0; i < catalog->count; i++) {
		file_name(&catalog->list[i], SNAPSHOT_ARCHIVE, file);
		if (!prune->goes[i] ||
		    (catalog->list[i].faults & SNAPSHOT_NO_ARCHIVE) == 0 ||
		    fstatat(prune->folder, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		for (size_t k = 0; k < catalog->count; k++)
			if (prune->plan->root[k] == prune->plan->root[i])
				prune->goes[k] = false;
	}
}

static int
condemn(struct prune *prune, bool *condemned, struct err *err)
{
	for (size_t i = prune->catalog->count; i-- > 0;) {
		if (!prune->goes[i] || prune->catalog->list[i].condemned)
			continue;
		if (work_check(prune->work, err) < 0 ||
		    rename_manifest(prune, i, SNAPSHOT_MANIFEST,
			SNAPSHOT_CONDEMNED, &condemned[i], err) < 0)
			return -1;
	}
	return flush(prune, err);
}

/* Of `again`: what a snapshot, or a condemned one with a pin, descends from. */
static int
find_living(const struct catalog *again, bool *living, struct err *err)
{
	for (size_t i = 0; i < again->count; i++) {
		const struct snapshot *s = &again->list[i];

		if (s->condemned && !s->pinned)
			continue;
		for (size_t at = i; at != SNAPSHOT_NONE && !living[at];
		     at = again->list[at].parent_at)
			living[at] = true;
		if (s->chain == SNAPSHOT_NONE)
			return err_set(err, ERR_DAMAGED, 0,
			    "nothing of the set '%s' is deleted, because "
			    "snapshot '%s', which came meanwhile, %s",
			    again->set, s->name,
			    catalog_fault_words(s->faults));
	}
	return 0;
}

/* What has come back to life does not go. */
static int
look_again(struct prune *prune, struct err *err)
{
	const struct catalog *catalog = prune->catalog;
	AUTO(catalog) struct catalog again = { .list = NULL };
	AUTO(free) bool *back = calloc(catalog->count + 1, sizeof(*back));

	if (back == NULL)
		return err_system(err, "prune '%s'", catalog->folder);
	if (catalog_read_condemned(
		prune->repository, catalog->set, &again, err) < 0)
		return -1;
	AUTO(free) bool *living = calloc(again.count + 1, sizeof(*living));
	if (living == NULL)
		return err_system(err, "prune '%s'", catalog->folder);
	if (find_living(&again, living, err) < 0)
		return -1;
	for (size_t i = 0; i < catalog->count; i++) {
		size_t root =
		    catalog_index(&again, &catalog->list[prune->plan->root[i]]);

		if (!prune->goes[i] || root == SNAPSHOT_NONE || !living[root])
			continue;
		back[i] = true;
		prune->goes[i] = false;
	}
	return give_back(prune, back, err);
}

/* From here all of a chain goes: its root can no longer be given back. */
static int
take_roots(struct prune *prune, struct err *err)
{
	const struct catalog *catalog = prune->catalog;

	for (size_t i = 0; i < catalog->count; i++)
		if (prune->goes[i] && prune->plan->root[i] == i &&
		    unlink_file(
			prune, i, SNAPSHOT_CONDEMNED, &prune->goes[i], err) < 0)
			return -1;
	/* Of a root that another prune had, the rest is that one's, too. */
	for (size_t i = 0; i < catalog->count; i++)
		prune->goes[i] =
		    prune->goes[i] && prune->goes[prune->plan->root[i]];
	return flush(prune, err);
}

static int
delete_archives(struct prune *prune, struct err *err)
{
	for (size_t i = 0; i < prune->catalog->count; i++) {
		bool done = false;

		if (!prune->goes[i])
			continue;
		if (work_check(prune->work, err) < 0 ||
		    unlink_file(prune, i, SNAPSHOT_ARCHIVE, &done, err) < 0)
			return -1;
		prune->result->deleted++;
		if (done)
			prune->result->bytes +=
			    prune->catalog->list[i].archive_bytes;
	}
	return flush(prune, err);
}

static int
delete_manifests(struct prune *prune, struct err *err)
{
	bool done = false;

	for (size_t i = 0; i < prune->catalog->count; i++)
		if (prune->goes[i] && prune->plan->root[i] != i &&
		    unlink_file(prune, i, SNAPSHOT_CONDEMNED, &done, err) < 0)
			return -1;
	return flush(prune, err);
}

/* Until both looks are done, whatever fails is undone. */
static int
condemn_for_good(struct prune *prune, struct err *err)
{
	AUTO(free)
	bool *condemned = calloc(prune->catalog->count + 1, sizeof(*condemned));
	size_t given_back = prune->result->given_back;
	struct err second;

	if (condemned == NULL)
		return err_system(err, "prune '%s'", prune->catalog->folder);
	if (condemn(prune, condemned, err) == 0 && look_again(prune, err) == 0)
		return 0;
	if (give_back(prune, condemned, &second) < 0)
		return err_within(err,
		    "what is condemned in '%s' could not be given back; the "
		    "next prune does that",
		    prune->catalog->folder);
	prune->result->given_back = given_back; /* undone is not that */
	return -1;
}

static int
run(struct prune *prune, struct err *err)
{
	if (give_back_kept(prune, err) < 0 || remove_leftovers(prune, err) < 0)
		return -1;
	if (prune->plan->goes == 0)
		return 0;
	spare_completed(prune);
	if (condemn_for_good(prune, err) < 0)
		return -1;
	if (take_roots(prune, err) < 0 || delete_archives(prune, err) < 0)
		return -1;
	return delete_manifests(prune, err);
}

int
prune_run(const struct repository *repository, const struct prune_plan *plan,
    const struct work *work, struct prune_result *ret_result, struct err *err)
{
	const struct catalog *catalog = &plan->catalog;
	AUTO(free) bool *goes = calloc(catalog->count + 1, sizeof(*goes));
	AUTO(fd)
	int folder = open(catalog->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*ret_result = (struct prune_result){ 0 };
	if (goes == NULL || folder < 0)
		return err_system(err, "open the folder '%s'", catalog->folder);
	for (size_t i = 0; i < catalog->count; i++)
		goes[i] = prune_plan_goes(plan, i);
	struct prune prune = {
		.repository = repository,
		.plan = plan,
		.catalog = catalog,
		.work = work,
		.result = ret_result,
		.folder = folder,
		.goes = goes,
	};
	int rc = run(&prune, err);

	/* There is room again, or the next prune makes it. */
	struct err ignored;
	(void)reserve_make(repository->path, &ignored);
	return rc;
}
