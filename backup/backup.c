/*
 * A backup, read aloud: look at the databases and at the place where the
 * archive goes; find the snapshot to continue from; pin one committed state;
 * take every page and let go (cut.h); finish the archive; read it back; give it its
 * name, and in a repository commit it.
 *
 * What is taken of one database of the set is the business of part.h.
 */
#include "backup/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/name.h"
#include "backup/cut.h"
#include "backup/describe.h"
#include "backup/job.h"
#include "backup/part.h"
#include "backup/snapshot.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "database/source.h"

static void
job_auto(struct job *job)
{
	for (size_t i = 0; i < job->part_count; i++)
		part_done(&job->parts[i]);
	archive_stream_free(job->stream);
	free(job->parts);
	parent_done(&job->parent);
	output_auto(&job->output);
	manifest_done(&job->manifest);
}

/* The same file by another way is the same database. */
static bool
is_there_already(const struct job *job, const struct source *source)
{
	for (size_t i = 0; i < job->part_count; i++)
		if (job->sources[i]->dev == source->dev &&
		    job->sources[i]->ino == source->ino)
			return true;
	return false;
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

static int
check_apart(const struct job *job, const struct part *part, struct err *err)
{
	for (size_t i = 0; i < job->part_count; i++) {
		const struct part *other = &job->parts[i];

		if (name_check_apart(describe_name(other->path),
			describe_name(part->path), err) == 0)
			continue;
		(void)err_within(err, "'%s' and '%s'", other->path, part->path);
		return err_hint(err,
		    "name one of them by a symlink with another name, or back "
		    "them up as two sets");
	}
	return 0;
}

static int
add_part(struct job *job, const char *path, struct err *err)
{
	struct part *part = &job->parts[job->part_count];

	part->path = path;
	part->remember = (struct remember)REMEMBER_NONE;
	if (inspect(job, part, err) < 0)
		return -1;
	if (is_there_already(job, &part->source))
		return 0;
	if (check_name(part, err) < 0 || check_apart(job, part, err) < 0)
		return -1;
	job->sources[job->part_count++] = &part->source;
	return 0;
}

static int
make_parts(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	if (options->database_count > MANIFEST_DATABASES_MAX) {
		(void)err_set(err, ERR_USAGE, 0,
		    "%zu databases are more than a set can have: %d",
		    options->database_count, MANIFEST_DATABASES_MAX);
		return err_hint(err, "make several sets of them");
	}
	job->parts = calloc(options->database_count, sizeof(*job->parts));
	if (job->parts == NULL)
		return err_system(err, "begin a backup");
	for (size_t i = 0; i < options->database_count; i++)
		if (add_part(job, options->databases[i], err) < 0)
			return -1;
	return manifest_grow(&job->manifest, job->part_count, err);
}

static int
open_output(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;
	const struct output_sources sources = {
		.list = job->sources,
		.count = job->part_count,
	};

	if (options->repository != NULL)
		return snapshot_open(job, err);
	if (options->output != NULL)
		return output_open_file(options->output, options->replace,
		    sources, &job->output, err);
	output_open_stream(options->pipe_fd, &job->output);
	return 0;
}

/* When nothing is pinned any more: each would be in the other's way. */
static void
repay(struct job *job)
{
	for (size_t i = 0; i < job->part_count; i++)
		part_repay(job, &job->parts[i]);
}

/* Its changed pages are stored, be there any or not. */
static bool
is_increment(const struct part *part)
{
	return part->increment != NULL || part->unchanged.evidence != NULL;
}

/* What the archive is, by what became of its databases. */
static int
describe_snapshot(struct job *job, struct err *err)
{
	const struct manifest *parent = &job->parent.manifest;
	struct manifest *m = &job->manifest;
	bool increment = false;

	for (size_t i = 0; i < job->part_count; i++)
		increment = increment || is_increment(&job->parts[i]);
	(void)stpcpy(m->kind, increment ? MANIFEST_INCREMENT : MANIFEST_FULL);
	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		part->database.whole = increment && !is_increment(part);
		*manifest_edit(m, part->index) = part->database;
	}
	if (!increment)
		return 0;
	(void)memcpy(m->parent, parent->id, sizeof(m->parent));
	m->has_parent_state =
	    manifest_count(m) > 1 || manifest_count(parent) > 1;
	return m->has_parent_state
		   ? manifest_state(parent, m->parent_state, err)
		   : 0;
}

static int
finish_archive(struct job *job, struct err *err)
{
	for (size_t i = 0; i < job->part_count; i++) {
		struct part *part = &job->parts[i];

		if (part_store(job, part, err) < 0)
			return err_within(err, "archive of '%s'", part->path);
	}
	if (describe_snapshot(job, err) < 0)
		return -1;
	job->manifest.finished_ms = clock_now_ms();
	if (archive_stream_finish(
		job->stream, &job->manifest, &job->result->file, err) < 0)
		return err_within(
		    err, "archive of the set '%s'", job->manifest.set);
	/* Its buffers would stand beside those of who reads it back. */
	archive_stream_free(take_ptr(&job->stream));
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

/* Of a set that is the parent's, too. */
static bool
skips_unchanged(const struct job *job)
{
	return job->options->repository != NULL &&
	       job->options->repository->skip_unchanged &&
	       job->parent.change[0] == '\0';
}

/* Everything that can be refused is refused before the pin. */
static int
look(struct job *job, struct err *err)
{
	return make_parts(job, err) < 0 || name_set(job, err) < 0 ? -1 : 0;
}

static int
run(struct job *job, struct err *err)
{
	bool nothing = false;

	describe_maker(job->options->tool, &job->manifest);
	if (look(job, err) < 0 || manifest_new_id(job->manifest.id, err) < 0 ||
	    open_output(job, err) < 0)
		return -1;

	/* One committed state leaves the databases, if it is a new one ... */
	if (cut_take(job, &nothing, err) < 0)
		return -1;
	repay(job);

	/* ... and only then anything slow happens. */
	job->result->unchanged = nothing && skips_unchanged(job);
	if (job->result->unchanged) {
		snapshot_unchanged(job);
		return 0;
	}
	if (finish_archive(job, err) < 0 || prove(job, err) < 0)
		return -1;
	return publish(job, err);
}

/* `unwatched` is for when the caller watches nothing. */
static struct job
begin(const struct backup_options *options, struct work *unwatched,
    struct backup_result *result)
{
	return (struct job){
		.options = options,
		.work = options->work == NULL ? unwatched : options->work,
		.parent = PARENT_NONE,
		.output = OUTPUT_NONE,
		.result = result,
	};
}

int
backup_run(const struct backup_options *options,
    struct backup_result *ret_result, struct err *err)
{
	double start = clock_steady();
	struct work unwatched = { .limit = NULL };

	*ret_result = (struct backup_result){ .proved = false };
	AUTO(job) struct job job = begin(options, &unwatched, ret_result);

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

int
backup_foresee(const struct backup_options *options,
    void (*tell)(void *ctx, const struct backup_forecast *forecast), void *ctx,
    struct err *err)
{
	struct work unwatched = { .limit = NULL };
	struct backup_result result = { .proved = false };
	AUTO(job) struct job job = begin(options, &unwatched, &result);
	const struct parent *parent = &job.parent;

	if (look(&job, err) < 0 || snapshot_foresee(&job, err) < 0)
		return -1;
	tell(ctx,
	    &(struct backup_forecast){
		.set = job.manifest.set,
		.sources = job.sources,
		.count = job.part_count,
		.parent =
		    parent->manifest.id[0] == '\0' ? NULL : parent->manifest.id,
		.full_because = parent->usable ? NULL : parent->why,
		.change = parent->change,
	    });
	return 0;
}
