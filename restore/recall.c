/*
 * "latest" here is the newest snapshot at all, also when it is bad: who asks
 * for the newest state must hear that it cannot be had, and not get an older
 * one that looks like it.
 *
 * A fallback is a loop: what is found to be damaged is noted in the catalog,
 * with all that descends from it, and the newest one before it that is still
 * good is tried.  Each turn goes back in time, so it ends.
 */
#include "restore/recall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/quote.h"
#include "repository/outside.h"
#include "restore/affected.h"

/* The sets of a repository, as far as a message names them. */
struct sets {
	unsigned count;
	char first[MEMBER_NAME_MAX + 1];
	char names[240];
};

static int
count_set(void *ctx, const char *set, struct err *err)
{
	struct sets *sets = ctx;
	size_t len = strlen(sets->names);

	(void)err;
	if (sets->count++ == 0)
		(void)snprintf(sets->first, sizeof(sets->first), "%s", set);
	if (len + strlen(set) + 8 < sizeof(sets->names))
		(void)snprintf(sets->names + len, sizeof(sets->names) - len,
		    "%s%s", len == 0 ? "" : ", ", set);
	else if (strcmp(sets->names + len - 3, "...") != 0)
		(void)stpcpy(sets->names + len, ", ...");
	return 0;
}

static int
only_set(const struct repository *repository, char ret_set[MEMBER_NAME_MAX + 1],
    struct err *err)
{
	struct sets sets = { .count = 0 };

	if (repository_sets(repository, count_set, &sets, err) < 0)
		return -1;
	if (sets.count == 0) {
		(void)err_set(err, ERR_ABSENT, 0,
		    "repository '%s' has no snapshots yet", repository->path);
		return err_hint(err, "litesafe backup DATABASE -r %s",
		    quote_word(repository->path, "PATH").text);
	}
	if (sets.count > 1) {
		(void)err_set(err, ERR_USAGE, 0,
		    "repository '%s' has %u sets, and none was named",
		    repository->path, sets.count);
		return err_hint(err, "name one of: %s", sets.names);
	}
	(void)stpcpy(ret_set, sets.first);
	return 0;
}

static int
read_catalog(const struct recall_options *options, struct catalog *catalog,
    struct err *err)
{
	char only[MEMBER_NAME_MAX + 1];
	const char *set = options->set;

	if (set == NULL) {
		if (only_set(options->repository, only, err) < 0)
			return -1;
		set = only;
	}
	return catalog_read(options->repository, set, catalog, err);
}

static int
find_wanted(const struct recall_options *options, struct recall *recall,
    struct err *err)
{
	const struct catalog *catalog = &recall->catalog;
	const char *text = options->snapshot;

	if (catalog->count == 0)
		return err_set(err, ERR_ABSENT, 0, "set '%s' has no snapshot",
		    catalog->set);
	if (options->by_time)
		return catalog_at_time(
		    catalog, options->time_ms, &recall->wanted, err);
	if (text != NULL && strcmp(text, "latest") != 0)
		return catalog_find(catalog, text, &recall->wanted, err);
	recall->wanted = catalog->count - 1;
	return 0;
}

static int
take_chain(struct recall *recall, struct err *err)
{
	struct chain chain = { .count = 0 };

	if (chain_of(&recall->catalog, recall->chosen, &chain, err) < 0)
		return -1;
	chain_done(&recall->chain);
	recall->chain = chain;
	lineage_done(&recall->lineage);
	return lineage_of(
	    &recall->catalog, &recall->chain, &recall->lineage, err);
}

static int
tell_good_one(const struct catalog *catalog, size_t good, struct err *err)
{
	char time[CLOCK_TEXT_BYTES];

	if (good == SNAPSHOT_NONE)
		return err_hint(err,
		    "there is no good snapshot before it; all are shown by: %s",
		    catalog_command(catalog, "list").text);
	clock_format(catalog->list[good].time_ms, time);
	return err_hint(err,
	    "the newest good one before it is %s of %s: ask for it with "
	    "--snapshot %s, or let --fallback choose",
	    catalog->list[good].id, time, catalog->list[good].id);
}

/* The chosen one is damaged, as *err says: another one, or a hint. */
static int
fall_back(const struct recall_options *options, struct recall *recall,
    struct err *err)
{
	size_t good;

	for (;;) {
		good = catalog_good_before(&recall->catalog, recall->chosen);
		if (good == SNAPSHOT_NONE || !options->fallback)
			return tell_good_one(&recall->catalog, good, err);
		if (recall->chosen == recall->wanted)
			recall->why = *err;
		recall->chosen = good;
		if (take_chain(recall, err) == 0)
			return 0;
		if (err->kind != ERR_DAMAGED)
			return -1;
	}
}

int
recall_plan(const struct recall_options *options, struct recall *ret_recall,
    struct err *err)
{
	struct recall *recall = ret_recall;

	*recall = (struct recall){ .wanted = 0 };
	if ((options->target != NULL &&
		repository_stay_out("target", options->target, err) < 0) ||
	    read_catalog(options, &recall->catalog, err) < 0 ||
	    find_wanted(options, recall, err) < 0)
		return -1;
	recall->chosen = recall->wanted;
	if (take_chain(recall, err) == 0)
		return 0;
	return err->kind != ERR_DAMAGED ? -1 : fall_back(options, recall, err);
}

/*
 * Which snapshot it was, and who else needs the damaged archive.  Of a
 * database that was damaged when it was backed up no other snapshot is told:
 * nobody looked at theirs.
 */
static void
explain(
    struct recall *recall, const struct restore_result *result, struct err *err)
{
	const struct catalog *catalog = &recall->catalog;
	const struct snapshot *chosen = &catalog->list[recall->chosen];
	size_t culprit = recall->chain.at[result->culprit];
	char words[AFFECTED_TEXT_BYTES];
	char text[sizeof(err->text)];

	if (result->unsound) {
		(void)err_within(
		    err, "snapshot %s of '%s'", chosen->id, catalog->set);
		return;
	}
	affected_words(catalog, culprit, words);
	(void)snprintf(text, sizeof(text), "%s", err->text);
	(void)err_set(err, ERR_DAMAGED, 0,
	    "snapshot %s of '%s' cannot be restored: %.400s; %s", chosen->id,
	    catalog->set, text, words);
	affected_mark(&recall->catalog, culprit);
}

static struct restore_options
restore_options_of(
    const struct recall_options *options, const struct recall *recall)
{
	return (struct restore_options){
		.lineage = &recall->lineage,
		.target = options->target,
		.database = options->database,
		.replace = options->replace,
		.check = options->check,
		.threads = options->threads,
		.work = options->work,
	};
}

int
recall_run(const struct recall_options *options, struct recall *recall,
    struct restore_result *ret_result, struct err *err)
{
	for (;;) {
		const struct restore_options restore =
		    restore_options_of(options, recall);

		if (restore_run(&restore, ret_result, err) == 0)
			return 0;
		/* Damage of the target's old files is none of the snapshot. */
		if (err->kind != ERR_DAMAGED ||
		    ret_result->findings.damaged == 0)
			return -1;
		explain(recall, ret_result, err);
		if (fall_back(options, recall, err) < 0)
			return -1;
		restore_result_done(ret_result);
	}
}

int
recall_preview(const struct recall_options *options,
    const struct recall *recall, struct restore_foreseen *ret_foreseen,
    struct err *err)
{
	const struct restore_options restore =
	    restore_options_of(options, recall);

	return restore_preview(&restore, ret_foreseen, err);
}

void
recall_done(struct recall *recall)
{
	lineage_done(&recall->lineage);
	chain_done(&recall->chain);
	catalog_done(&recall->catalog);
}

void
recall_auto(struct recall *recall)
{
	recall_done(recall);
}
