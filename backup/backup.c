/*
 * A backup, read aloud: look at the database and at the place where the
 * archive goes; pin one committed state; hand every page on and let go;
 * finish the archive; read it back; give it its name.
 *
 * In WAL mode the pages stream through the compressors while the state is
 * pinned, which holds nobody up.  In rollback-journal mode a pinned state
 * keeps writers from committing, so the pages go to a spool first and are
 * compressed when the lock is gone (design 5.6).
 */
#include "backup/backup.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive_write.h"
#include "archive/name.h"
#include "backup/limits.h"
#include "backup/output.h"
#include "backup/spool.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "database/capture.h"
#include "database/engine.h"
#include "database/pin.h"
#include "database/source.h"

/* One backup on its way; everything that its steps share. */
struct job {
	const struct backup_options *options;
	struct work *work;
	struct source source;
	struct output output;
	struct archive_writer *writer;
	struct spool *spool; /* NULL: pages stream */
	uint32_t page_size;
	struct manifest manifest;
};

static void
job_auto(struct job *job)
{
	archive_writer_free(job->writer);
	spool_free(job->spool);
	output_auto(&job->output);
}

static const char *
database_name(const struct backup_options *options)
{
	const char *slash = strrchr(options->database, '/');

	return slash == NULL ? options->database : slash + 1;
}

/*
 * The member in the archive is called as the file is; another name for it is
 * the operator's to give, by a link.
 */
static int
check_names(const struct backup_options *options, struct err *err)
{
	if (name_check(database_name(options), err) < 0) {
		(void)err_within(err, "'%s'", options->database);
		return err_hint(
		    err, "name the database by a symlink with a plain name");
	}
	if (options->set != NULL && name_check_set(options->set, err) < 0) {
		err->kind = ERR_USAGE;
		return err_within(err, "--set");
	}
	return 0;
}

static int
open_output(struct job *job, struct err *err)
{
	const struct backup_options *options = job->options;

	if (options->output == NULL) {
		output_open_stream(options->pipe_fd, &job->output);
		return 0;
	}
	return output_open_file(
	    options->output, options->replace, &job->source, &job->output, err);
}

/* What is known of the database once it is pinned. */
static void
describe(struct job *job, const struct pin_facts *facts)
{
	const struct source *source = &job->source;
	struct manifest *m = &job->manifest;
	struct manifest_database *db = &m->database;
	const char *name = database_name(job->options);
	char host[HOST_NAME_MAX + 1] = "";

	(void)gethostname(host, HOST_NAME_MAX); /* "" is an answer too */
	(void)snprintf(m->set, sizeof(m->set), "%s",
	    job->options->set == NULL ? name : job->options->set);
	(void)snprintf(m->kind, sizeof(m->kind), "full");
	(void)snprintf(m->tool, sizeof(m->tool), "%s", job->options->tool);
	(void)snprintf(m->sqlite, sizeof(m->sqlite), "%s", engine_version());
	text_printable(host, m->host, sizeof(m->host));
	m->pin_start_ms = facts->start_ms;

	(void)snprintf(db->name, sizeof(db->name), "%s", name);
	text_printable(source->path, db->path, sizeof(db->path));
	db->page_size = facts->page_size;
	db->page_count = facts->page_count;
	(void)snprintf(db->encoding, sizeof(db->encoding), "%s",
	    header_encoding_name(&facts->header));
	(void)snprintf(db->journal_mode, sizeof(db->journal_mode), "%s",
	    facts->header.wal ? "wal" : "rollback");
	db->application_id = facts->header.application_id;
	db->user_version = facts->header.user_version;
	db->uid = source->uid;
	db->gid = source->gid;
	db->mode = source->mode;
	db->wal_bytes_before = source_wal_bytes(source);
}

static int
open_writer(struct job *job, const struct pin_facts *facts, struct err *err)
{
	const struct backup_options *options = job->options;
	const struct archive_write_options write = {
		.fd = job->output.fd,
		.name = job->output.name,
		.scratch = job->output.scratch,
		.level = options->level,
		.threads = options->threads,
		.image_sha256 = options->image_sha256,
		.work = job->work,
		.member = job->manifest.database.name,
		.page_size = facts->page_size,
		.page_count = facts->page_count,
		.uid = job->source.uid,
		.gid = job->source.gid,
		.mode = job->source.mode,
		.mtime = facts->start_ms / 1000,
	};

	return archive_writer_new(&write, &job->writer, err);
}

static int
page_to_archive(void *ctx, const uint8_t *page, struct err *err)
{
	struct job *job = ctx;

	work_add(job->work, job->page_size);
	return archive_writer_page(job->writer, page, err);
}

static int
page_to_spool(void *ctx, const uint8_t *page, struct err *err)
{
	struct job *job = ctx;

	work_add(job->work, job->page_size);
	return spool_add(job->spool, page, job->page_size, err);
}

static uint64_t
image_bytes(const struct pin_facts *facts)
{
	return (uint64_t)facts->page_count * facts->page_size;
}

/* Every page leaves the database while it is pinned; nothing slow happens. */
static int
capture_pinned(struct job *job, struct pin *pin, struct err *err)
{
	const struct pin_facts *facts = pin_facts(pin);
	const struct capture_options capture = {
		.work = job->work,
		.page = job->spool == NULL ? page_to_archive : page_to_spool,
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
	work_phase(job->work,
	    job->spool == NULL ? "backing up" : "copying to the spool",
	    image_bytes(facts));
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
 * One committed state: its pages are in the archive writer or the spool when
 * this returns, and the database is as it was.
 */
static int
take_state(struct job *job, struct backup_result *result, struct err *err)
{
	const struct pin_options options = {
		.busy_timeout_ms = job->options->busy_timeout_ms,
		.work = job->work,
	};
	AUTO(pin) struct pin *pin = NULL;

	if (pin_open(&job->source, &options, &pin, err) < 0)
		return -1;
	const struct pin_facts *facts = pin_facts(pin);
	job->page_size = facts->page_size;
	result->busy_retries = facts->busy_retries;
	describe(job, facts);
	if (!facts->wal && spool_new(job->output.scratch, image_bytes(facts),
			       &job->spool, err) < 0)
		return -1;
	if (open_writer(job, facts, err) < 0 ||
	    capture_pinned(job, pin, err) < 0)
		return -1;
	return let_go(job, &pin, err);
}

static int
finish_archive(struct job *job, uint64_t *ret_bytes, struct err *err)
{
	struct manifest *m = &job->manifest;

	if (job->spool != NULL) {
		work_phase(job->work, "compressing",
		    (uint64_t)m->database.page_count * job->page_size);
		if (spool_replay(job->spool, job->page_size, page_to_archive,
			job, err) < 0)
			return -1;
	}
	if (archive_writer_seal(job->writer, m, err) < 0)
		return -1;
	m->finished_ms = clock_now_ms();
	return archive_writer_finish(job->writer, m, ret_bytes, err);
}

/*
 * The bytes are flushed first: what is read back is then what a power cut
 * would leave, and a failing disk is heard of here.
 */
static int
prove(struct job *job, bool *ret_proved, struct err *err)
{
	const struct backup_options *options = job->options;

	*ret_proved = false;
	if (options->prove == NULL || job->output.stream)
		return 0;
	if (file_flush(job->output.fd, job->output.name, err) < 0)
		return -1;
	if (lseek(job->output.fd, 0, SEEK_SET) != 0)
		return err_system(err, "read back '%s'", job->output.name);
	if (options->prove(
		options->prove_ctx, job->output.fd, job->output.name, err) < 0)
		return err_within(err, "the archive was not kept");
	*ret_proved = true;
	return 0;
}

int
backup_run(const struct backup_options *options,
    struct backup_result *ret_result, struct err *err)
{
	double start = clock_steady();
	struct work unwatched = { .limit = NULL };
	struct backup_result result = { 0 };
	AUTO(job)
	struct job job = {
		.options = options,
		.work = options->work == NULL ? &unwatched : options->work,
		.output = OUTPUT_NONE,
	};

	/* Everything that can be refused is refused before the pin. */
	if (source_inspect(options->database, &job.source, err) < 0 ||
	    check_names(options, err) < 0 || open_output(&job, err) < 0 ||
	    manifest_new_id(job.manifest.id, err) < 0)
		return -1;

	/* One committed state leaves the database ... */
	if (take_state(&job, &result, err) < 0)
		return -1;

	/* ... and only then anything slow happens. */
	if (finish_archive(&job, &result.archive_bytes, err) < 0)
		return err_within(err, "archive of '%s'", options->database);

	/*
	 * If we die before the next line is through, there is no archive under
	 * the name; after it, a whole and proven one.
	 */
	if (prove(&job, &result.proved, err) < 0 ||
	    output_publish(&job.output, err) < 0)
		return -1;

	result.manifest = job.manifest;
	result.spooled = job.spool != NULL;
	result.seconds = clock_steady() - start;
	*ret_result = result;
	return 0;
}
