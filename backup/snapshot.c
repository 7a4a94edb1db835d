/*
 * The name of a snapshot's files tells the time of the pin, which is not known
 * when the archive is opened: it gets its final name just before it is
 * published.
 *
 * If we die before the archive has its name, nothing is there.  If we die
 * between that and the commit, there is an archive without a manifest: no
 * snapshot; prune removes it later.
 */
#include "backup/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/describe.h"
#include "backup/unchanged.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "repository/commit.h"
#include "repository/set_digest.h"
#include "repository/snapshot_name.h"

/* parent_options.same */
static bool
is_unchanged(void *ctx, const struct manifest *parent)
{
	return unchanged_since(ctx, parent);
}

/* parent_options.same of who only looks: sums are of no use to it, unless they
 * tell that the page size is another one. */
static bool
may_be_increment(void *ctx, const struct manifest *parent)
{
	const struct job *job = ctx;

	for (size_t i = 0; i < job->part_count; i++) {
		const struct manifest_database *db =
		    unchanged_database(job, &job->parts[i], parent);

		if (db != NULL &&
		    db->page_size == job->parts[i].source.header.page_size)
			return true;
	}
	return false;
}

/* A set of one has no need to tell its databases apart. */
static const char *
sums_name(const struct job *job, const struct part *part)
{
	return job->part_count == 1 ? NULL : describe_name(part->path);
}

/* Where page sums are remembered. */
static void
open_memory(struct job *job)
{
	const struct backup_repository *into = job->options->repository;
	struct err *why = &job->result->forgot;

	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		part->remember.sums = sums_name(job, part);
		remember_open(&part->remember, into->state, into->repository,
		    job->manifest.set, why);
	}
}

/* What is looked for: each database of the set. */
static struct parent_wanted *
make_wanted(const struct job *job)
{
	struct parent_wanted *wanted = calloc(job->part_count, sizeof(*wanted));

	for (size_t i = 0; wanted != NULL && i < job->part_count; i++) {
		const struct part *part = &job->parts[i];

		wanted[i].name = describe_name(part->path);
		wanted[i].page_size = part->source.header.page_size;
		wanted[i].sums = sums_name(job, part);
		describe_path(&part->source, wanted[i].path);
	}
	return wanted;
}

/* The snapshot that it continues from. */
static int
find_parent(struct job *job,
    bool (*same)(void *ctx, const struct manifest *parent), struct err *err)
{
	const struct backup_repository *into = job->options->repository;
	const struct remember *memory = &job->parts[0].remember;
	struct unchanged_set *unchanged = &job->unchanged;
	AUTO(free) struct parent_wanted *wanted = make_wanted(job);
	struct err ignored;

	if (into->skip_unchanged &&
	    set_digest(into->repository, job->manifest.set, unchanged->listing,
		&ignored) < 0)
		memset(unchanged->listing, 0, sizeof(unchanged->listing));
	const struct parent_options find = {
		.repository = into->repository,
		.set = job->manifest.set,
		.wanted = wanted,
		.count = job->part_count,
		.state = memory->state_usable ? &memory->state : NULL,
		.scratch = file_scratch_folder(),
		.full = into->full,
		.full_every = into->full_every,
		.work = job->work,
		.same = same,
		.ctx = job,
	};

	if (wanted == NULL)
		return err_system(err, "look for the last snapshot");
	if (parent_find(&find, &job->parent, err) < 0)
		return -1;
	if (job->parent.trouble)
		job_notice(job, "a new full is made: %s", job->parent.why);
	if (job->parent.change[0] != '\0')
		job_notice(
		    job, "the set is another one: %s", job->parent.change);
	for (size_t i = 0; job->parent.usable && i < job->part_count; i++)
		job->parts[i].found = &job->parent.found[i];
	return 0;
}

/* "FOLDER/NAME.tar.zst" of the snapshot, as far as the manifest knows it. */
static int
snapshot_path(const struct job *job, char ret_path[PATH_MAX], struct err *err)
{
	char name[SNAPSHOT_NAME_BYTES];

	snapshot_name(&job->manifest, name);
	int len = snprintf(ret_path, PATH_MAX, "%s/%s/%s%s",
	    job->options->repository->repository->path, job->manifest.set, name,
	    snapshot_suffix[SNAPSHOT_ARCHIVE]);
	if (len < PATH_MAX)
		return 0;
	return err_set(err, ERR_FAILED, ENAMETOOLONG,
	    "the path of the set '%s' is too long", job->manifest.set);
}

/* Of several the first doubt, and the log of a WAL before mere times. */
static void
tell_evidence(struct job *job)
{
	struct backup_result *result = job->result;

	for (size_t i = 0; i < job->part_count; i++) {
		const struct unchanged *unchanged = &job->parts[i].unchanged;

		if (result->evidence == NULL ||
		    strcmp(result->evidence, "stat") == 0)
			result->evidence = unchanged->evidence;
		if (result->scan_because == NULL)
			result->scan_because = unchanged->doubt;
	}
}

int
snapshot_open(struct job *job, struct err *err)
{
	const struct repository *repository =
	    job->options->repository->repository;
	char path[PATH_MAX];

	open_memory(job);
	bool at_once = unchanged_at_once(job);
	if (!at_once && find_parent(job, is_unchanged, err) < 0)
		return -1;
	tell_evidence(job);
	if (at_once)
		return 0;
	if (repository_make_set(repository, job->manifest.set, err) < 0)
		return -1;
	if (job->parts[0].unchanged.evidence == NULL) {
		/* The time of the pin is not known yet; the name is not final. */
		job->manifest.pin_start_ms = clock_now_ms();
		(void)stpcpy(job->manifest.kind, MANIFEST_FULL);
	}
	if (snapshot_path(job, path, err) < 0)
		return -1;
	return output_open_snapshot(path, &job->output, err);
}

int
snapshot_foresee(struct job *job, struct err *err)
{
	const struct backup_repository *into = job->options->repository;
	struct remember *memory = &job->parts[0].remember;
	struct err ignored;

	memory->state_usable =
	    into->state != NULL &&
	    state_look(into->state, into->repository, job->manifest.set,
		&memory->state, &ignored) == 0;
	return find_parent(job, may_be_increment, err);
}

/* The archive of a snapshot that was not committed is nobody's. */
static int
take_back(const struct job *job, struct err *err)
{
	struct err ignored;

	if (unlink(job->result->archive) == 0)
		(void)file_flush_folder(job->output.scratch, &ignored);
	return err_within(
	    err, "snapshot %s was not committed", job->manifest.id);
}

/* The parent was found in what the set's folder holds now, and will be again. */
static bool
stands_still(const struct job *job)
{
	uint8_t listing[SHA256_BYTES];
	struct err ignored;

	return job->parent.settled &&
	       set_digest(job->options->repository->repository,
		   job->manifest.set, listing, &ignored) == 0 &&
	       memcmp(listing, job->unchanged.listing, sizeof(listing)) == 0;
}

/* Of the states that `holder` holds. */
static void
keep_evidence(const struct job *job, const struct manifest *holder,
    bool holder_is_full, bool found)
{
	const struct parent *parent = &job->parent;
	struct bond bond = { .chain_ms = holder_is_full ? holder->pin_start_ms
							: parent->chain_ms };

	(void)stpcpy(bond.id, holder->id);
	bond.time_ms = holder->pin_start_ms;
	(void)stpcpy(bond.chain, holder_is_full ? holder->id : parent->chain);
	if (found)
		(void)memcpy(
		    bond.listing, job->unchanged.listing, sizeof(bond.listing));
	for (size_t i = 0; i < job->part_count; i++) {
		const struct part *part = &job->parts[i];
		const struct manifest_database *db =
		    unchanged_database(job, part, holder);

		if (db == NULL)
			continue;
		(void)memcpy(bond.root, db->root, sizeof(bond.root));
		unchanged_keep(part, &bond);
	}
}

/*
 * Nothing of this can fail the backup, which is done.  While the archive can
 * still be read through its descriptor.
 */
static void
keep_sums_of_fulls(struct job *job)
{
	struct err why;

	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		if (part->full != NULL &&
		    remember_archive(&part->remember, job->output.fd,
			job->output.name, &job->manifest, part->index,
			&why) < 0)
			job_notice(job,
			    "its page sums cannot be remembered: %s", why.text);
	}
}

static void
remember(struct job *job)
{
	const struct manifest *m = &job->manifest;
	struct err why = { .kind = ERR_NONE };
	bool kept = true;

	for (size_t i = 0; i < job->part_count && kept; i++)
		kept = remember_pages(&job->parts[i].remember,
			   &job->parts[i].database, &why) == 0;
	if (!kept ||
	    remember_check(&job->parts[0].remember, m->id,
		manifest_is_increment(m) ? job->parent.chain : m->id,
		job->result->proved ? job->options->prove_level : STATE_NONE,
		&why) < 0)
		job_notice(job, "it cannot be remembered: %s", why.text);
	keep_evidence(job, m, !manifest_is_increment(m), false);
}

/* Why it became a full. */
static void
explain_full(struct job *job)
{
	(void)snprintf(job->result->full_because,
	    sizeof(job->result->full_because), "%s",
	    job->parent.usable ? "the page size changed" : job->parent.why);
	job->result->full_surprises = job->parent.manifest.id[0] != '\0' &&
				      !job->options->repository->full &&
				      !job->parent.trouble;
}

int
snapshot_publish(struct job *job, struct err *err)
{
	struct backup_result *result = job->result;

	if (!manifest_is_increment(&job->manifest))
		explain_full(job);
	keep_sums_of_fulls(job);
	if (snapshot_path(job, result->archive, err) < 0 ||
	    output_rename(&job->output, result->archive, err) < 0 ||
	    output_publish(&job->output, err) < 0)
		return -1;
	if (commit_manifest(job->options->repository->repository,
		&job->manifest, &result->file, err) < 0)
		return take_back(job, err);

	remember(job);
	return 0;
}

void
snapshot_unchanged(struct job *job)
{
	const struct parent *parent = &job->parent;
	const struct part *part = &job->parts[0];
	struct err why;

	if (part->unchanged.evidence == NULL)
		job->result->evidence = "scan";
	/* Nothing is stored of them, but what they paid is to be told. */
	for (size_t i = 0; i < job->part_count; i++)
		*manifest_edit(&job->manifest, i) = job->parts[i].database;
	(void)memcpy(job->manifest.parent, parent->manifest.id,
	    sizeof(job->manifest.parent));
	if (!job->unchanged.at_once)
		keep_evidence(job, &parent->manifest, false, stands_still(job));
	if (remember_check(&job->parts[0].remember, parent->manifest.id,
		parent->chain, STATE_UNCHANGED, &why) < 0)
		job_notice(job, "it cannot be remembered: %s", why.text);
}
