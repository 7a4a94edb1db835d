/*
 * A backup, read aloud: look at the database and at the place where the
 * archive goes; find the snapshot to continue from; pin one committed state;
 * take every page and let go; finish the archive; read it back; give it its
 * name, and in a repository commit it.
 *
 * What is taken of one database of the set is the business of part.h.
 */
#include "backup/backup.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive/name.h"
#include "backup/describe.h"
#include "backup/job.h"
#include "backup/part.h"
#include "backup/snapshot.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "database/pin.h"
#include "database/source.h"

static void
job_auto(struct job *job)
{
	for (size_t i = 0; i < job->part_count; i++)
		part_done(&job->parts[i]);
	free(job->parts);
	parent_done(&job->parent);
	output_auto(&job->output);
	manifest_done(&job->manifest);
}

static int
make_parts(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	assert(options->database_count == 1);
	job->parts = calloc(options->database_count, sizeof(*job->parts));
	if (job->parts == NULL)
		return err_system(err, "begin a backup");
	job->part_count = options->database_count;
	for (size_t i = 0; i < job->part_count; i++) {
		job->parts[i].path = options->databases[i];
		job->parts[i].remember = (struct remember)REMEMBER_NONE;
	}
	return manifest_grow(&job->manifest, job->part_count, err);
}

/*
 * The member in the archive is called as the file is; another name for it is
 * the operator's to give, by a link.
 */
static int
check_name(const struct part *part, struct err *err)
{
	if (name_check(describe_name(part->path), err) == 0)
		return 0;
	(void)err_within(err, "'%s'", part->path);
	return err_hint(
	    err, "name the database by a symlink with a plain name");
}

/* A database that is alone gives its set its name. */
static int
name_set(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	if (options->set != NULL && name_check_set(options->set, err) < 0) {
		err->kind = ERR_USAGE;
		return err_within(err, "--set");
	}
	(void)snprintf(job->manifest.set, sizeof(job->manifest.set), "%s",
	    options->set == NULL ? describe_name(options->databases[0])
				 : options->set);
	return 0;
}

static int
inspect(const struct job *job, struct part *part, struct err *err)
{
	return job->options->frozen
		   ? source_inspect_frozen(part->path, &part->source, err)
		   : source_inspect(part->path, &part->source, err);
}

/* Everything that can be refused of a database is refused before any pin. */
static int
look_at_sources(struct job *job, struct err *err)
{
	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		if (inspect(job, part, err) < 0 || check_name(part, err) < 0)
			return -1;
	}
	return 0;
}

static int
open_output(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	if (options->repository != NULL)
		return snapshot_open(job, err);
	if (options->output != NULL)
		return output_open_file(options->output, options->replace,
		    &job->parts[0].source, &job->output, err);
	output_open_stream(options->pipe_fd, &job->output);
	return 0;
}

static int
pin_state(struct job *job, struct part *part, struct err *err)
{
	const struct pin_options options = {
		.busy_timeout_ms = job->options->busy_timeout_ms,
		.work = job->work,
		.evidence = job->options->repository != NULL,
	};

	if (pin_open(&part->source, &options, &part->pin, err) < 0)
		return -1;
	job->result->busy_retries += pin_facts(part->pin)->busy_retries;
	if (options.evidence)
		unchanged_note(part);
	return 0;
}

/*
 * One committed state: the pages that are wanted of it are ours when this
 * returns, and the database is as it was.
 */
static int
take_state(struct job *job, struct part *part, struct err *err)
{
	if (pin_state(job, part, err) < 0 || part_begin(job, part, err) < 0 ||
	    part_capture(job, part, err) < 0)
		return -1;
	return part_let_go(job, part, err);
}

static int
take_states(struct job *job, struct err *err)
{
	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		if (part->unchanged.evidence == NULL &&
		    take_state(job, part, err) < 0)
			return -1;
	}
	return 0;
}

/* When nothing is pinned any more: each would be in the other's way. */
static void
repay(struct job *job)
{
	for (size_t i = 0; i < job->part_count; i++)
		part_repay(job, &job->parts[i]);
}

/* *ret_nothing when nothing changed and nothing shall be stored. */
static int
settle(struct job *job, bool *ret_nothing, struct err *err)
{
	bool nothing = true;

	for (size_t i = 0; i < job->part_count; i++) {
		bool same = false;

		if (part_settle(job, &job->parts[i], &same, err) < 0)
			return -1;
		nothing = nothing && same;
	}
	*ret_nothing = nothing && job->options->repository != NULL &&
		       job->options->repository->skip_unchanged;
	return 0;
}

static int
finish_archive(struct job *job, struct err *err)
{
	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		if (part_store(job, part, err) < 0)
			return err_within(err, "archive of '%s'", part->path);
	}
	return 0;
}

/*
 * The bytes are flushed first: what is read back is then what a power cut
 * would leave, and a failing disk is heard of here.
 */
static int
prove(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	if (options->prove == NULL || job->output.stream)
		return 0;
	if (file_flush(job->output.fd, job->output.name, err) < 0)
		return -1;
	if (lseek(job->output.fd, 0, SEEK_SET) != 0)
		return err_system(err, "read back '%s'", job->output.name);
	if (options->prove(options->prove_ctx, job->output.fd, job->output.name,
		&job->manifest, err) < 0)
		return err_within(err, "the archive was not kept");
	job->result->proved = true;
	return 0;
}

/* Until the end of this there is nothing under the name; then all is there. */
static int
publish(struct job *job, struct err *err)
{
	return job->options->repository != NULL
		   ? snapshot_publish(job, err)
		   : output_publish(&job->output, err);
}

static int
run(struct job *job, struct err *err)
{
	/* Everything that can be refused is refused before the pin. */
	if (make_parts(job, err) < 0 || look_at_sources(job, err) < 0 ||
	    name_set(job, err) < 0 ||
	    manifest_new_id(job->manifest.id, err) < 0 ||
	    open_output(job, err) < 0)
		return -1;

	/* One committed state leaves the database, if it is a new one ... */
	if (take_states(job, err) < 0)
		return -1;
	repay(job);

	/* ... and only then anything slow happens. */
	if (settle(job, &job->result->unchanged, err) < 0)
		return -1;
	if (job->result->unchanged) {
		snapshot_unchanged(job);
		return 0;
	}
	if (finish_archive(job, err) < 0 || prove(job, err) < 0)
		return -1;
	return publish(job, err);
}

int
backup_run(const struct backup_options *options,
    struct backup_result *ret_result, struct err *err)
{
	double start = clock_steady();
	struct work unwatched = { .limit = NULL };

	*ret_result = (struct backup_result){ .proved = false };
	AUTO(job)
	struct job job = {
		.options = options,
		.work = options->work == NULL ? &unwatched : options->work,
		.parent = PARENT_NONE,
		.output = OUTPUT_NONE,
		.result = ret_result,
	};

	int rc = run(&job, err);
	ret_result->manifest = manifest_take(&job.manifest);
	ret_result->seconds = clock_steady() - start;
	return rc;
}

void
backup_result_done(struct backup_result *result)
{
	manifest_done(&result->manifest);
}
