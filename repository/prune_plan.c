/*
 * The plan is made by the rules alone; nothing is changed but the mtime of the
 * set's folder, from which the storage's clock is read.  With UTIME_NOW the
 * kernel, or the server of a network filesystem, takes its own time, and
 * setting it needs no block, so a full disk can be asked, too.
 */
#include "repository/prune.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"

bool
prune_plan_goes(const struct prune_plan *plan, size_t at)
{
	return plan->verdicts[at].reason == RETENTION_GOES;
}

void
prune_plan_done(struct prune_plan *plan)
{
	catalog_done(&plan->catalog);
	free(plan->verdicts);
	free(plan->orphan_goes);
	free(plan->root);
	plan->root = NULL;
	plan->verdicts = NULL;
	plan->orphan_goes = NULL;
}

void
prune_plan_auto(struct prune_plan *plan)
{
	prune_plan_done(plan);
}

int
prune_storage_now(
    const struct catalog *catalog, int64_t *ret_ms, struct err *err)
{
	/* Both: one of them alone may only be set by the owner. */
	const struct timespec now[2] = { { .tv_nsec = UTIME_NOW },
		{ .tv_nsec = UTIME_NOW } };
	AUTO(fd)
	int folder = open(catalog->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	bool asked = folder >= 0 && futimens(folder, now) == 0;

	/* Nothing can be deleted there: a plan is all that can be had. */
	if (folder >= 0 && !asked && (errno == EROFS || errno == EACCES)) {
		*ret_ms = clock_now_ms();
		return 0;
	}
	if (!asked || fstat(folder, &st) < 0)
		return err_system(err,
		    "read the clock of the storage by the folder '%s'",
		    catalog->folder);
	*ret_ms =
	    (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return 0;
}

static int
tell_what_to_do(const struct catalog *catalog, struct err *err)
{
	return err_hint(err,
	    "bring the missing files back, or move those of the damaged "
	    "snapshot out of the folder; all that is wrong is told by: %s",
	    catalog_command(catalog, "verify").text);
}

static int
refuse(const struct catalog *catalog, const char *name, const char *why,
    struct err *err)
{
	(void)err_set(err, ERR_DAMAGED, 0,
	    "nothing of the set '%s' is deleted, because snapshot '%s' %s",
	    catalog->set, name, why);
	return tell_what_to_do(catalog, err);
}

static int
refuse_manifest(const struct catalog *catalog, const struct snapshot *snapshot,
    struct err *err)
{
	(void)catalog_bad_manifest(catalog, snapshot, err);
	(void)err_within(
	    err, "nothing of the set '%s' is deleted", catalog->set);
	return err->kind == ERR_DAMAGED ? tell_what_to_do(catalog, err) : -1;
}

/*
 * A pin whose archive is there was a snapshot's: its manifest was lost, and the
 * archive is not a leftover.  Orphans lie in the order of their names.
 */
static int
pins_must_have_snapshots(const struct catalog *catalog, struct err *err)
{
	char pin[SNAPSHOT_NAME_BYTES], name[SNAPSHOT_NAME_BYTES];

	for (size_t i = 1; i < catalog->orphan_count; i++) {
		if (catalog->orphans[i - 1].kind != SNAPSHOT_PIN)
			continue;
		(void)snapshot_file_kind(catalog->orphans[i - 1].file, pin);
		(void)snapshot_file_kind(catalog->orphans[i].file, name);
		if (strcmp(pin, name) == 0)
			return refuse(catalog, pin,
			    "is pinned and has lost its manifest", err);
	}
	return 0;
}

/*
 * A snapshot whose chain is not known has lost its parent's manifest, or its
 * own: what else is missing cannot be known either.
 */
int
prune_must_be_whole(const struct catalog *catalog, struct err *err)
{
	for (size_t i = 0; i < catalog->count; i++) {
		const struct snapshot *snapshot = &catalog->list[i];

		if (snapshot->condemned ||
		    (snapshot->chain != SNAPSHOT_NONE &&
			(snapshot->faults & SNAPSHOT_BAD_MANIFEST) == 0))
			continue;
		if (snapshot->faults & SNAPSHOT_BAD_MANIFEST)
			return refuse_manifest(catalog, snapshot, err);
		return refuse(catalog, snapshot->name,
		    catalog_fault_words(snapshot->faults), err);
	}
	return pins_must_have_snapshots(catalog, err);
}

/*
 * Which snapshots verify found to be of no use, on this machine: a listing
 * cannot show that, and a chain that restores must not go for one that does
 * not.  Parents stand before their children.
 */
static void
recall_damage(const struct prune_options *options,
    const struct catalog *catalog, bool *damaged, struct err *ret_why)
{
	AUTO(free) struct state_check *list = NULL;
	AUTO(state) struct state state = STATE_CLOSED;
	size_t count = 0;

	if (options->state == NULL ||
	    state_look(options->state, options->repository, options->set,
		&state, ret_why) < 0 ||
	    state_checks_read(&state, &list, &count, ret_why) < 0)
		return;
	for (size_t i = 0; i < catalog->count; i++) {
		const struct snapshot *s = &catalog->list[i];

		damaged[i] =
		    (s->parent_at != SNAPSHOT_NONE && damaged[s->parent_at]) ||
		    state_checks_damaged(list, count, s->id);
	}
}

static int
choose(struct prune_plan *plan, const struct prune_options *options,
    int64_t now_ms, struct err *err)
{
	const struct catalog *catalog = &plan->catalog;
	AUTO(free) bool *damaged = calloc(catalog->count + 1, sizeof(*damaged));
	AUTO(free)
	struct retention_item *items =
	    calloc(catalog->count + 1, sizeof(*items));

	plan->verdicts = calloc(catalog->count + 1, sizeof(*plan->verdicts));
	plan->root = calloc(catalog->count + 1, sizeof(*plan->root));
	if (damaged == NULL || items == NULL || plan->verdicts == NULL ||
	    plan->root == NULL)
		return err_system(err, "plan the prune");
	recall_damage(options, catalog, damaged, &plan->forgot);
	for (size_t i = 0; i < catalog->count; i++) {
		const struct snapshot *snapshot = &catalog->list[i];

		/* An index that is no full's is no other chain's, either. */
		plan->root[i] =
		    snapshot->chain == SNAPSHOT_NONE ? i : snapshot->chain;
		items[i] = (struct retention_item){
			.time_ms = snapshot->time_ms,
			.stored_ms = snapshot->stored_ms,
			.good =
			    snapshot->faults == SNAPSHOT_GOOD && !damaged[i],
			.pinned = snapshot->pinned,
			.chain = plan->root[i],
		};
	}
	if (retention_choose(options->policy, items, catalog->count, now_ms,
		plan->verdicts, err) < 0)
		return -1;
	for (size_t i = 0; i < catalog->count; i++) {
		if (!prune_plan_goes(plan, i))
			continue;
		plan->goes++;
		if ((catalog->list[i].faults & SNAPSHOT_NO_ARCHIVE) == 0)
			plan->bytes += catalog->list[i].archive_bytes;
	}
	return 0;
}

static int
choose_orphans(struct prune_plan *plan, const struct retention_policy *policy,
    int64_t now_ms, struct err *err)
{
	const struct catalog *catalog = &plan->catalog;

	plan->orphan_goes =
	    calloc(catalog->orphan_count + 1, sizeof(*plan->orphan_goes));
	if (plan->orphan_goes == NULL)
		return err_system(err, "plan the prune");
	for (size_t i = 0; i < catalog->orphan_count; i++) {
		plan->orphan_goes[i] = !retention_is_young(
		    policy, catalog->orphans[i].stored_ms, now_ms);
		if (plan->orphan_goes[i])
			plan->bytes += catalog->orphans[i].bytes;
	}
	return 0;
}

int
prune_plan(const struct prune_options *options, struct prune_plan *ret_plan,
    struct err *err)
{
	AUTO(prune_plan) struct prune_plan plan = { .goes = 0 };
	int64_t now_ms = 0;

	if (catalog_read_condemned(
		options->repository, options->set, &plan.catalog, err) < 0 ||
	    prune_must_be_whole(&plan.catalog, err) < 0 ||
	    prune_storage_now(&plan.catalog, &now_ms, err) < 0 ||
	    choose(&plan, options, now_ms, err) < 0 ||
	    choose_orphans(&plan, options->policy, now_ms, err) < 0)
		return -1;
	*ret_plan = plan;
	plan = (struct prune_plan){ .goes = 0 };
	return 0;
}
