/*
 * The look has a pin of its own, and does not wait for a lock: were the state
 * pinned once for both, the parent's page sums would have to be found while it
 * is held, or before it is known whether they are needed.
 *
 * When a state is believed to be the same, its evidence stays the one of the
 * time when the pages were read, so that beliefs are never built on each other.
 */
#include "backup/unchanged.h"

#include <stdio.h>
#include <string.h>

#include "backup/describe.h"
#include "backup/job.h"
#include "backup/part.h"
#include "base/auto.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/sha256.h"
#include "database/evidence_take.h"
#include "repository/catalog.h"
#include "repository/set_digest.h"
#include "repository/snapshot_name.h"
#include "repository/state_evidence.h"

_Static_assert(
    (int)BOND_LINE_BYTES <= (int)STATE_EVIDENCE_BYTES, "a line is kept whole");

static void
sum_path(const struct source *source, uint8_t ret_sum[SHA256_BYTES])
{
	struct err ignored;

	if (sha256_once(source->path, strlen(source->path), ret_sum, &ignored) <
	    0)
		memset(ret_sum, 0, SHA256_BYTES);
}

/* What is remembered, if it is of this database. */
static bool
recall(struct part *part, struct bond *ret_bond)
{
	struct evidence_past *past = &part->unchanged.past;
	char line[STATE_EVIDENCE_BYTES];
	uint8_t path[SHA256_BYTES];
	uint64_t used = 0;

	sum_path(&part->source, path);
	/* A frozen database is one of several that take turns in a place. */
	if (part->source.frozen || !part->remember.state_usable ||
	    !state_evidence_read(
		&part->remember.state, part->remember.sums, line, &used) ||
	    !bond_parse(line, ret_bond, past) ||
	    memcmp(ret_bond->path, path, sizeof(path)) != 0)
		return false;
	past->times += used;
	return true;
}

/* The doubt, or NULL; and then the use is counted. */
static const char *
compare(struct part *part)
{
	struct unchanged *unchanged = &part->unchanged;
	struct evidence now;
	struct err ignored;

	if (!evidence_take(part->pin, &now))
		return "somebody was writing to it";
	const char *doubt =
	    evidence_doubt(&unchanged->past, &now, &evidence_usual);
	if (doubt == NULL && state_evidence_used(&part->remember.state,
				 part->remember.sums, &ignored) < 0)
		doubt = "it could not be written down";
	unchanged->past.times++;
	return doubt;
}

/* With what is remembered recalled; `was` is the database in the parent. */
static bool
look(struct job *job, struct part *part, const struct manifest_database *was)
{
	const struct pin_options options = {
		.work = job->work,
		.evidence = true,
	};
	struct unchanged *unchanged = &part->unchanged;
	struct err ignored;

	unchanged->doubt = "it could not be opened at once";
	if (pin_open(&part->source, &options, &part->pin, &ignored) < 0)
		return false;
	unchanged->doubt = compare(part);
	if (part == job->parts)
		job->manifest.pin_start_ms = pin_facts(part->pin)->start_ms;
	part_describe(job, part);
	if (part_let_go(job, part, &ignored) < 0)
		unchanged->doubt = "it could not be let go of";
	pin_auto(&part->pin); /* two at a time would share SQLite's locks */
	if (unchanged->doubt != NULL)
		return false;
	part_follow(part, was);
	unchanged->known = true;
	unchanged->evidence = unchanged->past.facts.frames > 0 ? "wal" : "stat";
	return true;
}

const struct manifest_database *
unchanged_database(const struct job *job, const struct part *part,
    const struct manifest *holder)
{
	if (manifest_count(holder) != job->part_count)
		return NULL;
	if (job->part_count == 1)
		return manifest_at(holder, 0);
	for (size_t i = 0; i < job->part_count; i++)
		if (strcmp(manifest_at(holder, i)->name,
			describe_name(part->path)) == 0)
			return manifest_at(holder, i);
	return NULL;
}

/* What is remembered of the part is of its database in `parent`. */
static bool
is_remembered(
    const struct job *job, struct part *part, const struct manifest *parent)
{
	const struct manifest_database *was =
	    unchanged_database(job, part, parent);
	struct bond bond;

	return was != NULL && recall(part, &bond) &&
	       strcmp(bond.id, parent->id) == 0 &&
	       memcmp(bond.root, was->root, SHA256_BYTES) == 0;
}

/* All or none: what one of them lacks must be read with all at one instant. */
static bool
look_at_all(struct job *job, const struct manifest *parent)
{
	size_t same = 0;

	for (size_t i = 0; i < job->part_count; i++)
		if (!is_remembered(job, &job->parts[i], parent))
			return false;
	while (same < job->part_count &&
	       look(job, &job->parts[same],
		   unchanged_database(job, &job->parts[same], parent)))
		same++;
	if (same == job->part_count)
		return true;
	for (size_t i = 0; i < same; i++)
		job->parts[i].unchanged.evidence = NULL;
	return false;
}

bool
unchanged_since(struct job *job, const struct manifest *parent)
{
	for (size_t i = 0; i < job->part_count; i++)
		if (job->parts[i].unchanged.doubt != NULL)
			return false; /* it was looked at before */
	return look_at_all(job, parent);
}

/* Whether the catalog would lead to the snapshot of the bond again. */
static bool
leads_there(const struct job *job, const struct bond *bond)
{
	const struct backup_repository *into = job->options->repository;
	double age = (double)(clock_now_ms() - bond->chain_ms) / 1000;
	uint8_t listing[SHA256_BYTES];
	struct err ignored;

	return !into->full &&
	       (into->full_every == 0 || age < into->full_every) &&
	       !bytes_are_zero(bond->listing, SHA256_BYTES) &&
	       !state_checks_any_damaged(&job->parts[0].remember.state) &&
	       set_digest(into->repository, job->manifest.set, listing,
		   &ignored) == 0 &&
	       memcmp(listing, bond->listing, SHA256_BYTES) == 0;
}

/* The snapshot of the bond, if it is there and is what the bond says. */
static bool
read_parent(
    const struct job *job, const struct bond *bond, struct manifest *ret_parent)
{
	bool full = strcmp(bond->id, bond->chain) == 0;
	struct manifest named = { .pin_start_ms = bond->time_ms };
	AUTO(manifest) struct manifest manifest = { 0 };
	struct catalog unread = { .list = NULL }; /* it is only a place */
	struct snapshot snapshot = { .full = full };
	struct stored_file file;
	struct err ignored;

	(void)stpcpy(named.id, bond->id);
	(void)stpcpy(named.kind, full ? MANIFEST_FULL : MANIFEST_INCREMENT);
	snapshot_name(&named, snapshot.name);
	(void)stpcpy(unread.set, job->manifest.set);
	if (snprintf(unread.folder, sizeof(unread.folder), "%s/%s",
		job->options->repository->repository->path,
		job->manifest.set) >= (int)sizeof(unread.folder) ||
	    catalog_manifest(&unread, &snapshot, &manifest, &file, &ignored) <
		0 ||
	    strcmp(manifest.id, bond->id) != 0)
		return false;
	*ret_parent = manifest_take(&manifest);
	return true;
}

bool
unchanged_at_once(struct job *job)
{
	struct parent *parent = &job->parent;
	struct bond bond; /* the others must be bound to the same snapshot */

	if (!job->options->repository->skip_unchanged ||
	    !recall(&job->parts[0], &bond) || !leads_there(job, &bond) ||
	    !read_parent(job, &bond, &parent->manifest))
		return false;
	(void)stpcpy(parent->chain, bond.chain);
	job->unchanged.at_once = look_at_all(job, &parent->manifest);
	if (!job->unchanged.at_once)
		manifest_done(&parent->manifest);
	return job->unchanged.at_once;
}

void
unchanged_note(struct part *part)
{
	struct unchanged *unchanged = &part->unchanged;
	struct evidence *facts = &unchanged->past.facts;

	unchanged->known = evidence_take(part->pin, facts);
	unchanged->past.scanned_ns = facts->time_ns;
	unchanged->past.times = 0;
}

void
unchanged_keep(const struct part *part, struct bond *bond)
{
	const struct unchanged *unchanged = &part->unchanged;
	char line[BOND_LINE_BYTES];
	struct err ignored;

	if (!unchanged->known || !part->remember.state_usable ||
	    part->source.frozen)
		return;
	sum_path(&part->source, bond->path);
	bond_format(bond, &unchanged->past, line);
	/* Not remembered: the next backup reads all pages. */
	(void)state_evidence_keep(
	    &part->remember.state, part->remember.sums, line, &ignored);
}
