/*
 * The order of the catalog is that of time, and a parent is older than its
 * child: what is wrong with an archive is known when its descendants come.
 *
 * A repository is looked at while others write to it and prune it.  What is
 * found wrong is believed only after one more look at the names: a manifest
 * that is gone by now was pruned, an archive whose manifest is there by now was
 * committed.
 */
#include "restore/audit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/clock.h"
#include "repository/state.h"
#include "restore/examine.h"
#include "restore/replay.h"

/* One set under audit. */
struct ward {
	const struct audit_options *options;
	struct audit_result *result;
	struct catalog catalog;
	struct replay replay;
	size_t newest; /* the one to be rebuilt; SNAPSHOT_NONE: none is good */
	bool remembers;
	struct state state;
};

static void
ward_auto(struct ward *ward)
{
	catalog_done(&ward->catalog);
	replay_auto(&ward->replay);
	state_auto(&ward->state);
}

/* Only the first reason is told. */
static void
forget(struct audit_result *result, const struct err *why)
{
	if (!result->forgetful)
		result->state = *why;
	result->forgetful = true;
}

static void
send(const struct audit_options *options, struct audit_result *result,
    const struct audit_report *report)
{
	result->damaged +=
	    report->error == NULL && report->answer == VERIFY_DAMAGED;
	options->report(options->ctx, report);
}

/* About something that is no snapshot. */
static void
send_stray(struct ward *ward, const char *object, enum finding_kind kind,
    const char *text)
{
	struct findings findings = { .listed = 0 };
	const struct audit_report report = {
		.set = ward->catalog.set,
		.catalog = &ward->catalog,
		.at = SNAPSHOT_NONE,
		.object = object,
		.answer = kind == FINDING_DAMAGED ? VERIFY_DAMAGED
						  : VERIFY_UNVERIFIABLE,
		.level = VERIFY_STORED,
		.findings = &findings,
	};

	findings_add(&findings, kind, "", "%s", text);
	send(ward->options, ward->result, &report);
}

static void
remember(struct ward *ward, const struct snapshot *snapshot,
    const struct examine_result *examined)
{
	static const enum state_answer answers[] = {
		[VERIFY_OK] = STATE_OK,
		[VERIFY_DAMAGED] = STATE_DAMAGED,
		[VERIFY_UNVERIFIABLE] = STATE_UNVERIFIABLE,
	};
	struct state_check check = {
		.level = examined->rebuilt ? STATE_RESTORE : STATE_STORED,
		.answer = answers[examined->answer],
		.time_ms = clock_now_ms(),
	};
	struct err err = { 0 };

	if (!ward->remembers || snapshot->id[0] == '\0')
		return;
	(void)stpcpy(check.id, snapshot->id);
	if (snapshot->chain != SNAPSHOT_NONE)
		(void)stpcpy(
		    check.chain, ward->catalog.list[snapshot->chain].id);
	if (state_check_add(&ward->state, &check, &err) < 0)
		forget(ward->result, &err);
}

static bool
is_there(const struct ward *ward, const char *name, enum snapshot_file file)
{
	char path[PATH_MAX + SNAPSHOT_NAME_BYTES + 16];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s%s", ward->catalog.folder,
	    name, snapshot_suffix[file]);
	return lstat(path, &st) == 0 || errno != ENOENT;
}

static int
examine_one(struct ward *ward, size_t at, struct err *err)
{
	const struct audit_options *options = ward->options;
	const struct snapshot *snapshot = &ward->catalog.list[at];
	const struct examine_options examine = {
		.catalog = &ward->catalog,
		.replay = &ward->replay,
		.rebuild = options->level == VERIFY_RESTORE &&
			   (options->all || at == ward->newest),
		.check = options->check,
		.assertions = options->assertions,
		.scratch = options->scratch,
		.threads = options->threads,
		.work = options->work,
	};
	AUTO(examine_result)
	struct examine_result examined = { .rebuilt = false };
	double start = clock_steady();

	options->begin(options->ctx);
	int rc = examine_snapshot(&examine, at, &examined, err);
	if (rc < 0 && err->kind == ERR_STOPPED)
		return -1;
	bool well = rc == 0 && examined.answer != VERIFY_DAMAGED;
	if (!well && !is_there(ward, snapshot->name, SNAPSHOT_MANIFEST))
		return 0;

	const struct audit_report report = {
		.set = ward->catalog.set,
		.catalog = &ward->catalog,
		.at = at,
		.error = rc < 0 ? err : NULL,
		.answer = examined.answer,
		.level = examined.rebuilt ? VERIFY_RESTORE : VERIFY_STORED,
		.culprit = examined.culprit,
		.findings = &examined.findings,
		.asserted = &examined.asserted,
		.seconds = clock_steady() - start,
	};
	send(options, ward->result, &report);
	if (rc == 0) {
		ward->result->snapshots++;
		remember(ward, snapshot, &examined);
	}
	return 0;
}

/* "20261120T231500Z-full-7f3a9c2b": the name ends with how the id begins. */
static bool
is_name_of(const char *name, const char *id)
{
	const char *begin = strrchr(name, '-');

	return begin != NULL && strstr(id, begin + 1) == id;
}

static bool
is_named_as_parent(const struct ward *ward, const char *name)
{
	for (size_t i = 0; i < ward->catalog.count; i++) {
		const struct snapshot *child = &ward->catalog.list[i];

		if ((child->faults & SNAPSHOT_NO_PARENT) &&
		    is_name_of(name, child->parent))
			return true;
	}
	return false;
}

static void
look_at_orphan(struct ward *ward, const struct orphan *orphan)
{
	char name[SNAPSHOT_NAME_BYTES];
	enum snapshot_file kind = snapshot_file_kind(orphan->file, name);

	/* Drafts, and what a prune condemned: nothing is lost. */
	if (kind != SNAPSHOT_ARCHIVE && kind != SNAPSHOT_PIN)
		return;
	if (is_there(ward, name, SNAPSHOT_MANIFEST) ||
	    is_there(ward, name, SNAPSHOT_CONDEMNED) ||
	    !is_there(ward, name, kind))
		return;
	if (kind == SNAPSHOT_PIN)
		send_stray(ward, orphan->file, FINDING_DAMAGED,
		    "the snapshot that this pins has lost its manifest");
	else if (is_named_as_parent(ward, name))
		send_stray(ward, orphan->file, FINDING_DAMAGED,
		    "an archive without its manifest, and a snapshot needs it");
	else
		send_stray(ward, orphan->file, FINDING_UNVERIFIABLE,
		    "an archive without a manifest: it was never committed, or "
		    "its manifest is gone");
}

/* Of a bad manifest only its name is known; what is wrong is told of itself. */
static bool
has_id(const struct ward *ward, const char *id)
{
	for (size_t i = 0; i < ward->catalog.count; i++) {
		const struct snapshot *snapshot = &ward->catalog.list[i];

		if (snapshot->id[0] == '\0' ? is_name_of(snapshot->name, id)
					    : strcmp(snapshot->id, id) == 0)
			return true;
	}
	return false;
}

/* A prune that was interrupted leaves condemned manifests: those may go. */
static bool
is_condemned(const struct ward *ward, const char *id)
{
	for (size_t i = 0; i < ward->catalog.orphan_count; i++) {
		const struct orphan *orphan = &ward->catalog.orphans[i];
		char name[SNAPSHOT_NAME_BYTES];

		if (orphan->kind != SNAPSHOT_CONDEMNED)
			continue;
		(void)snapshot_file_kind(orphan->file, name);
		if (is_name_of(name, id))
			return true;
	}
	return false;
}

/*
 * Whole chains are pruned, so one that was whole here and is gone, while its
 * full is there, was lost.  One that was damaged when last seen is not missed:
 * somebody removed it, or a backup took its commit back (commit.h).
 */
static void
look_for_lost(struct ward *ward)
{
	AUTO(free) struct state_check *list = NULL;
	size_t count = 0;
	struct err err = { 0 };

	if (!ward->remembers)
		return;
	if (state_checks_read(&ward->state, &list, &count, &err) < 0) {
		forget(ward->result, &err);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char text[PATH_MAX + 160];
		bool told = i > 0 && strcmp(list[i - 1].id, list[i].id) == 0;

		if (told || list[i].chain[0] == '\0' ||
		    state_checks_damaged(list, count, list[i].id) ||
		    has_id(ward, list[i].id) || !has_id(ward, list[i].chain) ||
		    is_condemned(ward, list[i].id))
			continue;
		(void)snprintf(text, sizeof(text),
		    "snapshot %s was verified here and is gone, and its chain "
		    "is still there (remembered in '%s/checks')",
		    list[i].id, ward->state.folder);
		send_stray(ward, list[i].id, FINDING_DAMAGED, text);
	}
}

static void
open_state(struct ward *ward)
{
	const struct audit_options *options = ward->options;
	struct err err = { 0 };

	if (options->state == NULL)
		return;
	ward->remembers = state_open(options->state, options->repository,
			      ward->catalog.set, &ward->state, &err) == 0;
	if (!ward->remembers)
		forget(ward->result, &err);
}

/* The newest one descends from it, or is it; where none is good, all are. */
static bool
is_asked_for(const struct ward *ward, size_t at)
{
	size_t each = ward->newest;

	if (!ward->options->newest_only || each == SNAPSHOT_NONE)
		return true;
	while (each != SNAPSHOT_NONE && each != at)
		each = ward->catalog.list[each].parent_at;
	return each == at;
}

static int
audit_set(const struct ward *all, const char *set, struct err *err)
{
	const struct audit_options *options = all->options;
	AUTO(ward)
	struct ward ward = {
		.options = options,
		.result = all->result,
		.state = STATE_CLOSED,
	};

	if (catalog_read(options->repository, set, &ward.catalog, err) < 0 ||
	    replay_begin(&ward.catalog, options->scratch, &ward.replay, err) <
		0)
		return -1;
	ward.newest = catalog_newest_good(&ward.catalog);
	open_state(&ward);
	for (size_t i = 0; i < ward.catalog.count; i++)
		if (is_asked_for(&ward, i) && examine_one(&ward, i, err) < 0)
			return -1;
	if (options->newest_only)
		return 0;
	for (size_t i = 0; i < ward.catalog.orphan_count; i++)
		look_at_orphan(&ward, &ward.catalog.orphans[i]);
	look_for_lost(&ward);
	return 0;
}

/* A set that cannot be looked at keeps nobody from the others. */
static int
audit_each(void *ctx, const char *set, struct err *err)
{
	const struct ward *all = ctx;
	const struct findings none = { .listed = 0 };
	const struct audit_report report = {
		.set = set,
		.at = SNAPSHOT_NONE,
		.object = set,
		.error = err,
		.level = VERIFY_STORED,
		.findings = &none,
	};

	if (audit_set(all, set, err) == 0)
		return 0;
	if (err->kind == ERR_STOPPED)
		return -1;
	send(all->options, all->result, &report);
	return 0;
}

/* A fault of the repository's own files; repository_check(). */
static void
repository_fault(void *ctx, const char *text)
{
	struct ward *all = ctx;
	struct findings findings = { .listed = 0 };
	const struct audit_report report = {
		.at = SNAPSHOT_NONE,
		.object = all->options->repository->path,
		.answer = VERIFY_DAMAGED,
		.level = VERIFY_STORED,
		.findings = &findings,
	};

	findings_add(&findings, FINDING_DAMAGED, "", "%s", text);
	send(all->options, all->result, &report);
}

int
audit_run(const struct audit_options *options, struct audit_result *ret_result,
    struct err *err)
{
	struct ward all = { .options = options, .result = ret_result };

	*ret_result = (struct audit_result){ .snapshots = 0 };
	if (repository_check(options->repository, repository_fault, &all, err) <
	    0)
		return -1;
	if (options->set != NULL)
		return audit_set(&all, options->set, err);
	return repository_sets(options->repository, audit_each, &all, err);
}
