/*
 * A backup, read aloud: look at the database and at the place where the
 * archive goes; find the snapshot to continue from; pin one committed state;
 * take every page and let go; finish the archive; read it back; give it its
 * name, and in a repository commit it.
 *
 * What is taken from the pinned state is the business of full.h (every page)
 * or increment.h (those that changed).
 */
#include "backup/backup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_write.h"
#include "archive/name.h"
#include "backup/describe.h"
#include "backup/full.h"
#include "backup/increment.h"
#include "backup/job.h"
#include "backup/limits.h"
#include "backup/room.h"
#include "backup/snapshot.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "database/capture.h"
#include "database/pin.h"
#include "database/source.h"

static void
job_auto(struct job *job)
{
	full_free(job->full);
	increment_free(job->increment);
	parent_done(&job->parent);
	remember_auto(&job->remember);
	output_auto(&job->output);
}

/*
 * The member in the archive is called as the file is; another name for it is
 * the operator's to give, by a link.
 */
static int
check_names(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;
	const char *name = describe_name(options->database);
	const char *set = options->set == NULL ? name : options->set;

	if (name_check(name, err) < 0) {
		(void)err_within(err, "'%s'", options->database);
		return err_hint(
		    err, "name the database by a symlink with a plain name");
	}
	if (options->set != NULL && name_check_set(options->set, err) < 0) {
		err->kind = ERR_USAGE;
		return err_within(err, "--set");
	}
	(void)snprintf(job->manifest.set, sizeof(job->manifest.set), "%s", set);
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
		    &job->source, &job->output, err);
	output_open_stream(options->pipe_fd, &job->output);
	return 0;
}

static struct archive_write_options
write_options(const struct job *job)
{
	const struct backup_options *options = job->options;
	struct archive_write_options write =
	    describe_archive(&job->output, &job->manifest);

	write.level = options->level;
	write.threads = options->threads;
	write.work = job->work;
	write.image_sha256 = options->image_sha256 && job->increment == NULL;
	return write;
}

static int
begin_increment(struct job *job, struct err *err)
{
	struct manifest *m = &job->manifest;
	const struct manifest *parent = &job->parent.manifest;
	struct increment_options options = {
		.page_size = m->database.page_size,
		.parent_fd = job->parent.sums_fd,
		.parent_pages = parent->database.page_count,
		.sums_name = remember_name,
		.scratch = job->output.scratch,
		.threads = job->options->threads,
		.work = job->work,
	};

	(void)stpcpy(m->kind, MANIFEST_INCREMENT);
	(void)memcpy(m->parent, parent->id, sizeof(m->parent));
	(void)memcpy(m->database.parent_root, parent->database.root,
	    sizeof(m->database.parent_root));
	if (remember_begin(
		&job->remember, job->output.scratch, &options.sums_fd, err) < 0)
		return -1;
	return increment_new(&options, &job->increment, err);
}

static int
begin_full(struct job *job, bool spool, struct err *err)
{
	const struct archive_write_options write = write_options(job);

	(void)stpcpy(job->manifest.kind, MANIFEST_FULL);
	if (job->options->repository != NULL) {
		(void)snprintf(job->result->full_because,
		    sizeof(job->result->full_because), "%s", job->parent.why);
		if (room_for_full(&job->output, &job->parent,
			&job->manifest.database, err) < 0)
			return -1;
	}
	job->result->spooled = spool;
	return full_new(&write, spool, &job->full, err);
}

/* What is known of the state decides which pages of it are taken. */
static int
begin_taking(struct job *job, const struct pin_facts *facts, struct err *err)
{
	struct parent *parent = &job->parent;

	(void)snprintf(job->manifest.tool, sizeof(job->manifest.tool), "%s",
	    job->options->tool);
	describe(&job->source, facts, describe_name(job->options->database),
	    &job->manifest);
	/* The header in the file may be older than the one in the WAL. */
	if (parent->usable &&
	    parent->manifest.database.page_size != facts->page_size) {
		parent->usable = false;
		(void)snprintf(
		    parent->why, sizeof(parent->why), "the page size changed");
	}
	return parent->usable
		   ? begin_increment(job, err)
		   : begin_full(job, !facts->wal && !job->source.frozen, err);
}

/* capture_options.page */
static int
take_page(void *ctx, const uint8_t *page, struct err *err)
{
	struct job *job = ctx;

	return job->increment != NULL
		   ? increment_page(job->increment, page, err)
		   : full_page(job->full, page, err);
}

static const char *
phase(const struct job *job)
{
	if (job->increment != NULL)
		return "comparing";
	return job->result->spooled ? "copying to the spool" : "backing up";
}

/* Every page leaves the database while it is pinned; nothing slow happens. */
static int
capture_pinned(struct job *job, struct pin *pin, struct err *err)
{
	const struct pin_facts *facts = pin_facts(pin);
	const struct capture_options capture = {
		.work = job->work,
		.page = take_page,
		.ctx = job,
	};
	AUTO(limits)
	struct limits limits = {
		.source = &job->source,
		.start = facts->start_steady,
		.max_seconds = job->options->max_pin_seconds,
		.wal_before = job->manifest.database.wal_bytes_before,
		.max_growth = job->options->max_wal_growth,
	};

	limits_begin(&limits, job->work);
	work_phase(job->work, phase(job),
	    (uint64_t)facts->page_count * facts->page_size);
	return capture_run(pin, &capture, err);
}

/* Lets go of the database and writes down what the pin cost it. */
static int
let_go(struct job *job, struct pin **pin, struct err *err)
{
	struct manifest *m = &job->manifest;
	double start = pin_facts(*pin)->start_steady;
	uint64_t frames = 0;

	pin_wal_state(*pin, &frames, &m->database.frames_not_checkpointed);
	m->database.wal_bytes_after = source_wal_bytes(&job->source);
	if (pin_release(*pin, err) < 0)
		return -1;
	m->pin_seconds = clock_steady() - start;
	m->pin_end_ms = clock_now_ms();
	return pin_close(take_ptr(pin), err);
}

/*
 * One committed state: the pages that are wanted of it are ours when this
 * returns, and the database is as it was.
 */
static int
take_state(struct job *job, struct err *err)
{
	const struct pin_options options = {
		.busy_timeout_ms = job->options->busy_timeout_ms,
		.work = job->work,
	};
	AUTO(pin) struct pin *pin = NULL;

	if (pin_open(&job->source, &options, &pin, err) < 0)
		return -1;
	const struct pin_facts *facts = pin_facts(pin);
	job->result->busy_retries = facts->busy_retries;
	if (begin_taking(job, facts, err) < 0 ||
	    capture_pinned(job, pin, err) < 0)
		return -1;
	return let_go(job, &pin, err);
}

/*
 * How much of an increment there is; *ret_nothing when nothing changed and
 * nothing shall be stored.
 */
static int
settle(struct job *job, bool *ret_nothing, struct err *err)
{
	const struct manifest_database *db = &job->manifest.database;
	uint32_t changed = 0;

	*ret_nothing = false;
	if (job->increment == NULL)
		return 0;
	if (increment_settle(job->increment, &changed, err) < 0)
		return -1;
	*ret_nothing =
	    changed == 0 &&
	    db->page_count == job->parent.manifest.database.page_count &&
	    job->options->repository->skip_unchanged;
	return room_for_increment(&job->output, &job->parent, db, changed, err);
}

static int
finish_archive(struct job *job, struct err *err)
{
	const struct archive_write_options write = write_options(job);
	struct stored_file *file = &job->result->file;

	if (job->increment != NULL)
		return increment_store(
		    job->increment, &write, &job->manifest, file, err);
	return full_store(job->full, &job->manifest, file, err);
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
inspect(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	return options->frozen
		   ? source_inspect_frozen(options->database, &job->source, err)
		   : source_inspect(options->database, &job->source, err);
}

static int
run(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	/* Everything that can be refused is refused before the pin. */
	if (inspect(job, err) < 0 || check_names(job, err) < 0 ||
	    manifest_new_id(job->manifest.id, err) < 0 ||
	    open_output(job, err) < 0)
		return -1;

	/* One committed state leaves the database ... */
	if (take_state(job, err) < 0)
		return -1;

	/* ... and only then anything slow happens. */
	if (settle(job, &job->result->unchanged, err) < 0)
		return -1;
	if (job->result->unchanged) {
		snapshot_unchanged(job);
		return 0;
	}
	if (finish_archive(job, err) < 0)
		return err_within(err, "archive of '%s'", options->database);
	if (prove(job, err) < 0)
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
		.remember = REMEMBER_NONE,
		.output = OUTPUT_NONE,
		.result = ret_result,
	};

	int rc = run(&job, err);
	ret_result->manifest = job.manifest;
	ret_result->seconds = clock_steady() - start;
	return rc;
}
