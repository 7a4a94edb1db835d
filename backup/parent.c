/*
 * The newest by the storage's clock, not by the host's: a host whose clock was
 * wrong once would otherwise go on from that snapshot for ever.
 *
 * Page sums come from what this machine remembers, when their root is the
 * parent's; else from the archives of its chain, whose sums members alone are
 * read.  Both are proved the same way, so a lost, old or foreign memory costs
 * time and nothing else.
 *
 * With sums that are remembered nothing of the archives is read, and a chain
 * that is damaged would be built on for ever.  So what verify found on this
 * machine decides, too.
 */
#include "backup/parent.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/sums.h"
#include "backup/membership.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "repository/catalog.h"
#include "repository/chain.h"

enum { FULL_NOW = 1 }; /* an answer of the steps below, beside 0 and -1 */

static int full_is_due(struct parent *parent, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
full_is_due(struct parent *parent, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(parent->why, sizeof(parent->why), fmt, args);
	va_end(args);
	return FULL_NOW;
}

/* The newest snapshot whose manifest can be read, good or not. */
static size_t
newest_known(const struct catalog *catalog)
{
	for (size_t i = catalog->count; i > 0; i--) {
		if ((catalog->list[i - 1].faults & SNAPSHOT_BAD_MANIFEST) == 0)
			return i - 1;
	}
	return SNAPSHOT_NONE;
}

static bool
is_newer(const struct snapshot *a, const struct snapshot *b)
{
	if (a->stored_ms != b->stored_ms)
		return a->stored_ms > b->stored_ms;
	return a->time_ms >= b->time_ms;
}

/*
 * The one that was stored last of those that are whole.  One from the future is
 * none: a parent is always older than its child (catalog.h).
 */
static size_t
newest_stored(const struct catalog *catalog)
{
	size_t newest = SNAPSHOT_NONE;
	int64_t now = clock_now_ms();

	for (size_t i = 0; i < catalog->count; i++) {
		const struct snapshot *s = &catalog->list[i];

		if (s->faults == SNAPSHOT_GOOD && s->time_ms < now &&
		    (newest == SNAPSHOT_NONE ||
			is_newer(s, &catalog->list[newest])))
			newest = i;
	}
	return newest;
}

/* One from the future becomes one of the past. */
static bool
has_none_from_the_future(const struct catalog *catalog)
{
	int64_t now = clock_now_ms();

	for (size_t i = 0; i < catalog->count; i++)
		if (catalog->list[i].time_ms >= now)
			return false;
	return true;
}

static int
check_identity(const struct parent_options *options,
    const struct catalog *catalog, struct parent *parent, struct err *err)
{
	size_t at = newest_known(catalog);
	struct stored_file file;
	AUTO(manifest) struct manifest manifest = { 0 };

	if (at == SNAPSHOT_NONE)
		return 0;
	if (catalog_manifest(
		catalog, &catalog->list[at], &manifest, &file, err) < 0)
		return -1;
	return membership_check(options, &manifest, parent, err);
}

/* What the chain's full came to, and all that came after it on the way here. */
static int
measure_chain(const struct catalog *catalog, const struct chain *chain,
    const struct parent_options *options, struct parent *parent)
{
	const struct snapshot *full =
	    &catalog->list[chain->at[chain->count - 1]];
	uint64_t increments = 0;
	double age = (double)(clock_now_ms() - full->time_ms) / 1000;

	parent->full_image_bytes = full->image_bytes;
	parent->full_archive_bytes = full->archive_bytes;
	(void)memcpy(parent->chain, full->id, sizeof(parent->chain));
	parent->chain_ms = full->time_ms;
	for (size_t i = 0; i + 1 < chain->count; i++)
		increments += catalog->list[chain->at[i]].archive_bytes;
	if (increments > full->archive_bytes)
		return full_is_due(parent,
		    "the increments since the last full are larger than it");
	if (options->full_every > 0 && age >= options->full_every)
		return full_is_due(
		    parent, "the last full is older than --full-every");
	return 0;
}

/* Whether verify found it damaged: then what is made with it is of no use. */
static int
check_memory(const struct parent_options *options,
    const struct catalog *catalog, const struct chain *chain,
    struct parent *parent)
{
	AUTO(free) struct state_check *list = NULL;
	size_t count = 0;
	struct err ignored; /* memory is a help */

	if (options->state == NULL ||
	    state_checks_read(options->state, &list, &count, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < chain->count; i++) {
		const struct snapshot *s = &catalog->list[chain->at[i]];

		if (!state_checks_damaged(list, count, s->id))
			continue;
		parent->trouble = true;
		return full_is_due(parent,
		    "the last snapshot cannot be built on: 'litesafe verify' "
		    "found snapshot %s damaged",
		    s->id);
	}
	return 0;
}

/*
 * Those of a database of one snapshot upon those of the snapshot before it,
 * which has none when the database joined the set here.
 */
static int
apply_sums(const struct catalog *catalog, const struct snapshot *s,
    const char *name, struct sums *sums, struct err *err)
{
	char path[PATH_MAX + SNAPSHOT_NAME_BYTES];
	struct stored_file file;
	AUTO(manifest) struct manifest manifest = { 0 };
	size_t index = 0;

	if (catalog_manifest(catalog, s, &manifest, &file, err) < 0)
		return -1;
	if (manifest_match(&manifest, name, &index) == NULL)
		return 0;
	catalog_path(catalog, s, SNAPSHOT_ARCHIVE, path, sizeof(path));
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "open '%s'", path);
	return sums_apply(sums, fd, path, &manifest, index, err);
}

/* The sums of a chain, its full's first, into a scratch file. */
static int
replay_sums(const struct catalog *catalog, const struct chain *chain,
    const struct work *work, const char *name, struct sums *sums,
    struct err *err)
{
	for (size_t i = chain->count; i > 0; i--) {
		const struct snapshot *s = &catalog->list[chain->at[i - 1]];

		if (work_check(work, err) < 0 ||
		    apply_sums(catalog, s, name, sums, err) < 0)
			return -1;
	}
	return 0;
}

static int
check_root(const struct sums *sums, const struct parent *parent,
    const struct manifest_database *db, struct err *err)
{
	uint8_t root[SHA256_BYTES];

	if (sums_root(sums, root, err) < 0)
		return -1;
	if (memcmp(root, db->root, SHA256_BYTES) != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "the page sums of snapshot %s are not those of its root",
		    parent->manifest.id);
	return 0;
}

/* Whatever is wrong with stored bytes: a new full needs none of them. */
static int
rebuild_sums(const struct parent_options *options,
    const struct catalog *catalog, const struct chain *chain,
    struct parent *parent, struct parent_found *found, struct err *err)
{
	AUTO(fd) int fd = -1;

	if (file_scratch(options->scratch, &fd, err) < 0)
		return -1;
	struct sums sums = {
		.fd = fd,
		.name = "the scratch file of the parent's page sums",
		.page_size = found->database->page_size,
	};
	if (replay_sums(catalog, chain, options->work, found->database->name,
		&sums, err) < 0 ||
	    check_root(&sums, parent, found->database, err) < 0) {
		if (err->kind != ERR_DAMAGED && err->kind != ERR_FAILED)
			return -1;
		parent->trouble = true;
		return full_is_due(parent,
		    "the last snapshot cannot be built on: %s", err->text);
	}
	found->sums_fd = take_fd(&fd);
	return 0;
}

/* Of one database, where it can be an increment. */
static int
find_one(const struct parent_options *options, const struct catalog *catalog,
    const struct chain *chain, size_t at, struct parent *parent,
    struct err *err)
{
	const struct parent_wanted *wanted = &options->wanted[at];
	struct parent_found *found = &parent->found[at];
	const struct manifest_database *db =
	    membership_find(&parent->manifest, wanted->path);
	bool alone =
	    options->count == 1 && manifest_count(&parent->manifest) == 1;

	/* Under another name it is another one to a restore of the chain. */
	if (db == NULL || (!alone && strcmp(db->name, wanted->name) != 0))
		return 0;
	found->database = db;
	if (db->page_size != wanted->page_size)
		return 0;
	if (options->state != NULL) {
		found->sums_fd =
		    state_sums_open(options->state, wanted->sums, db);
		state_tags_open(options->state, wanted->sums, db, &found->tags);
	}
	if (found->sums_fd >= 0)
		return 0;
	return rebuild_sums(options, catalog, chain, parent, found, err);
}

/* 0 when there is one that can be an increment. */
static int
find_sums(const struct parent_options *options, const struct catalog *catalog,
    const struct chain *chain, struct parent *parent, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < options->count; i++) {
		int rc = find_one(options, catalog, chain, i, parent, err);

		if (rc != 0)
			return rc;
		any = any || parent->found[i].sums_fd >= 0;
	}
	return any ? 0 : full_is_due(parent, "the page size changed");
}

/* 0 when it can be built on, else FULL_NOW or -1. */
static int
examine(const struct parent_options *options, const struct catalog *catalog,
    size_t at, struct parent *parent, struct err *err)
{
	AUTO(chain) struct chain chain = { .count = 0 };
	struct stored_file file;
	int rc;

	if (chain_of(catalog, at, &chain, err) < 0 ||
	    catalog_manifest(
		catalog, &catalog->list[at], &parent->manifest, &file, err) < 0)
		return -1;
	rc = measure_chain(catalog, &chain, options, parent);
	if (rc != 0)
		return rc;
	if (options->full)
		return full_is_due(parent, "it was asked for");
	rc = check_memory(options, catalog, &chain, parent);
	if (rc != 0)
		return rc;
	if (options->same != NULL &&
	    options->same(options->ctx, &parent->manifest))
		return 0;
	return find_sums(options, catalog, &chain, parent, err);
}

static int
choose(const struct parent_options *options, struct parent *parent,
    struct err *err)
{
	AUTO(catalog) struct catalog catalog = { .count = 0 };

	if (catalog_read(options->repository, options->set, &catalog, err) <
	    0) {
		if (err->kind != ERR_ABSENT)
			return -1;
		*err = (struct err){ .kind = ERR_NONE };
		return full_is_due(parent, "it is the first of its set");
	}
	if (check_identity(options, &catalog, parent, err) < 0)
		return -1;
	parent->settled = has_none_from_the_future(&catalog);
	size_t at = newest_stored(&catalog);
	if (at != SNAPSHOT_NONE)
		return examine(options, &catalog, at, parent, err);
	parent->trouble = catalog.count > 0;
	return full_is_due(parent, "%s",
	    catalog.count == 0
		? "it is the first of its set"
		: "no snapshot of the set is whole, and older than now");
}

int
parent_find(const struct parent_options *options, struct parent *ret_parent,
    struct err *err)
{
	*ret_parent = (struct parent)PARENT_NONE;
	for (size_t i = 0; i < options->count; i++)
		ret_parent->found[i] = (struct parent_found){
			.sums_fd = -1,
			.tags = STATE_TAGS_NONE,
		};
	ret_parent->count = options->count;
	int rc = choose(options, ret_parent, err);

	ret_parent->usable = rc == 0;
	return rc < 0 ? -1 : 0;
}

void
parent_done(struct parent *parent)
{
	for (size_t i = 0; i < parent->count; i++) {
		fd_auto(&parent->found[i].sums_fd);
		fd_auto(&parent->found[i].tags.fd);
	}
	parent->count = 0;
	manifest_done(&parent->manifest);
}
