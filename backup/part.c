/*
 * Here the pages of one database go their way; when which step comes is the
 * recipe's business.
 */
#include "backup/part.h"

#include <stdio.h>
#include <string.h>

#include "archive/archive_write.h"
#include "backup/describe.h"
#include "backup/limits.h"
#include "backup/room.h"
#include "base/auto.h"
#include "base/clock.h"
#include "database/capture.h"
#include "database/landing.h"

static struct archive_write_options
write_options(const struct job *job, const struct part *part)
{
	const struct backup_options *options = job->options;
	struct archive_write_options write =
	    describe_archive(&job->output, &job->manifest, &part->database);

	write.stream = job->stream;
	write.level = options->level;
	write.threads = options->threads;
	write.work = job->work;
	write.image_sha256 = options->image_sha256 && part->increment == NULL;
	return write;
}

/* Its buffers are worth having only when something is to be stored. */
static int
need_stream(struct job *job, const struct part *part, struct err *err)
{
	const struct archive_write_options write = write_options(job, part);

	return job->stream != NULL
		   ? 0
		   : archive_stream_new(&write, &job->stream, err);
}

void
part_describe(struct job *job, struct part *part)
{
	const struct pin_facts *facts = pin_facts(part->pin);

	/* Of several the cut knows. */
	if (job->part_count == 1)
		job->manifest.pin_start_ms = facts->start_ms;
	describe_database(
	    &part->source, facts, describe_name(part->path), &part->database);
	bill_open(&part->bill, &part->source, facts, &part->database);
}

void
part_follow(struct part *part, const struct manifest_database *parent)
{
	(void)memcpy(part->database.parent_root, parent->root,
	    sizeof(part->database.parent_root));
}

static int
begin_increment(struct job *job, struct part *part, struct err *err)
{
	const struct manifest_database *parent = part->found->database;
	struct increment_options options = {
		.page_size = part->database.page_size,
		.parent_fd = part->found->sums_fd,
		.parent_pages = parent->page_count,
		.sums_name = remember_name,
		.scratch = job->output.scratch,
		.threads = job->options->threads,
		.work = job->work,
	};

	part_follow(part, parent);
	if (remember_begin(&part->remember, job->output.scratch,
		&options.sums_fd, err) < 0)
		return -1;
	remember_tags(&part->remember, &part->found->tags, &options.tags);
	return increment_new(&options, &part->increment, err);
}

static int
begin_full(struct job *job, struct part *part, bool spool, struct err *err)
{
	if (job->options->repository != NULL &&
	    room_for_full(&job->output, &job->parent, &part->database, err) < 0)
		return -1;
	/* Also for a spool: what a new archive may refuse must not be heard of
	 * when writers have waited. */
	if (need_stream(job, part, err) < 0)
		return -1;
	const struct archive_write_options write = write_options(job, part);
	struct tag_writer *tags =
	    job->options->repository == NULL
		? NULL
		: remember_tag_writer(&part->remember, write.page_size);

	part->spooled = spool;
	job->result->spooled = job->result->spooled || spool;
	return full_new(&write, spool, tags, &part->full, err);
}

int
part_begin(struct job *job, struct part *part, struct err *err)
{
	const struct pin_facts *facts = pin_facts(part->pin);

	/* The header in the file may be older than the one in the WAL. */
	bool comparable = part->found != NULL && part->found->sums_fd >= 0 &&
			  part->found->database->page_size == facts->page_size;
	return comparable ? begin_increment(job, part, err)
			  : begin_full(job, part, part->bill.stalls, err);
}

/* capture_options.page */
static int
take_page(void *ctx, const uint8_t *page, struct err *err)
{
	struct part *part = ctx;

	return part->increment != NULL
		   ? increment_page(part->increment, page, err)
		   : full_page(part->full, page, err);
}

/*
 * Comparing, and copying to a spool, leave the compressor's processor idle while
 * the state is pinned.  With a pace nobody is in a hurry.
 */
static bool
may_read_beside(const struct job *job, const struct part *part)
{
	return (part->increment != NULL || part->spooled) &&
	       job->options->threads > 1 && job->options->rate == 0;
}

static const char *
phase(const struct part *part)
{
	if (part->increment != NULL)
		return "comparing";
	return part->spooled ? "copying to the spool" : "backing up";
}

void
part_watch(const struct job *job, struct part *part)
{
	const struct backup_options *options = job->options;

	part->limits = (struct limits){
		.source = &part->source,
		.start = pin_facts(part->pin)->start_steady,
		.max_seconds = options->max_pin_seconds,
		.wal_before = part->database.wal_bytes_before,
		.max_growth = options->max_wal_growth,
		.stalls = part->bill.stalls,
		.max_stall = options->max_stall_seconds,
		.min_free = options->min_free,
	};
	limits_prepare(&part->limits);
}

/* Of all that are pinned now. */
static struct limits *
limits_in_force(struct job *job)
{
	struct limits *first = NULL;

	for (size_t i = job->part_count; i-- > 0;) {
		struct part *part = &job->parts[i];

		if (part->pin == NULL)
			continue;
		part->limits.next = first;
		first = &part->limits;
	}
	return first;
}

int
part_capture(struct job *job, struct part *part, struct err *err)
{
	const struct pin_facts *facts = pin_facts(part->pin);
	/* Who waits for us waits for nothing else. */
	bool unhurried = !part->bill.stalls;
	const struct capture_options capture = {
		.work = job->work,
		.pace = unhurried ? &part->pace : NULL,
		.read_beside = may_read_beside(job, part),
		.page = take_page,
		.ctx = part,
	};

	part->pace.rate = job->options->rate;
	limits_begin(limits_in_force(job), job->work);
	work_phase(job->work, phase(part),
	    (uint64_t)facts->page_count * facts->page_size);
	int rc = capture_run(part->pin, &capture, err);
	limits_end(job->work);
	return rc;
}

static bool
is_last_pinned(const struct job *job, const struct part *part)
{
	for (size_t i = 0; i < job->part_count; i++)
		if (&job->parts[i] != part && job->parts[i].pin != NULL)
			return false;
	return true;
}

/* What others left there before is theirs, as in bill.c. */
static uint64_t
kept_waiting(const struct part *part)
{
	const struct manifest_database *db = &part->database;
	uint64_t owed = db->frames_not_checkpointed, before = part->bill.owed;

	return owed > before ? (owed - before) * db->page_size : 0;
}

/*
 * NULL: there is none; with --checkpoint=off nothing is written back.  A
 * landing takes seconds: those who are pinned still would wait for it.
 */
static struct landing *
begin_landing(const struct job *job, const struct part *part)
{
	struct landing *landing = NULL;

	if (pin_facts(part->pin)->wal &&
	    job->options->checkpoint != CHECKPOINT_OFF &&
	    is_last_pinned(job, part))
		landing_begin(&part->source, kept_waiting(part), &landing);
	return landing;
}

/* A reader is held for it as well, and goes on the bill. */
static void
land(struct job *job, struct part *part, struct landing *landing)
{
	struct manifest_database *db = &part->database;
	double start = clock_steady();
	struct limits limits = {
		.source = &part->source,
		.wal_before = db->wal_bytes_before,
		.max_growth = job->options->max_wal_growth,
		.min_free = job->options->min_free,
	};

	db->bill.frames_written_back = 0;
	db->bill.write_back_seconds = 0;
	if (landing == NULL)
		return;
	limits_begin(&limits, job->work);
	db->bill.frames_written_back = landing_descend(landing, job->work);
	limits_end(job->work);
	landing_free(landing);
	db->bill.write_back_seconds = clock_steady() - start;
	db->bill.wal_bytes_at_end = source_wal_bytes(&part->source);
}

int
part_let_go(struct job *job, struct part *part, struct err *err)
{
	struct manifest *m = &job->manifest;
	struct manifest_database *db = &part->database;

	bill_close(part->pin, &part->source, db);
	AUTO(landing) struct landing *landing = begin_landing(job, part);
	if (pin_release(part->pin, err) < 0)
		return -1;
	bill_time(&part->bill, db);
	/* Of several the longest: the others cost less. */
	if (db->bill.pin_seconds > m->pin_seconds)
		m->pin_seconds = db->bill.pin_seconds;
	m->pin_end_ms = clock_now_ms();
	int rc = pin_close(take_ptr(&part->pin), err);
	land(job, part, take_ptr(&landing));
	return rc;
}

void
part_repay(struct job *job, struct part *part)
{
	const struct backup_options *options = job->options;
	struct manifest_database *db = &part->database;

	if (bill_settle(&part->bill, &part->source, options->checkpoint,
		options->checkpoint_budget, job->work, db))
		job_notice(job, "no %s checkpoint of '%s' was made: %s",
		    db->bill.checkpoint_mode, part->path,
		    db->bill.checkpoint_reason);
}

static int
settle_full(struct job *job, struct part *part, struct err *err)
{
	if (part->spooled)
		return full_rest(part->full, err);
	part->index = job->stored++;
	return full_seal(part->full, &part->database, err);
}

int
part_settle(
    struct job *job, struct part *part, bool *ret_nothing, struct err *err)
{
	const struct manifest_database *db = &part->database;
	struct increment_count count = { 0 };

	*ret_nothing = part->unchanged.evidence != NULL;
	if (*ret_nothing && job->options->repository->skip_unchanged)
		return 0;
	if (*ret_nothing)
		return room_for_increment(
		    &job->output, &job->parent, db, 0, err);
	if (part->increment == NULL)
		return settle_full(job, part, err);
	if (increment_settle(part->increment, &count, err) < 0)
		return -1;
	job->result->pages_summed += count.summed;
	*ret_nothing = count.changed == 0 &&
		       db->page_count == part->found->database->page_count;
	return room_for_increment(
	    &job->output, &job->parent, db, count.changed, err);
}

int
part_store(struct job *job, struct part *part, struct err *err)
{
	if (part->increment == NULL && !part->spooled &&
	    part->unchanged.evidence == NULL)
		return 0;
	if (need_stream(job, part, err) < 0)
		return -1;
	part->index = job->stored++;
	const struct archive_write_options write = write_options(job, part);
	if (part->unchanged.evidence != NULL)
		return increment_store_nothing(&write, &part->database, err);
	return part->increment != NULL
		   ? increment_store(
			 part->increment, &write, &part->database, err)
		   : full_store(part->full, &part->pace, &part->database, err);
}

void
part_done(struct part *part)
{
	pin_auto(&part->pin);
	full_free(part->full);
	increment_free(part->increment);
	remember_auto(&part->remember);
}
