/*
 * Two halves must both be the same: the WAL as far as the state reaches into
 * it, and the main file.
 *
 * The WAL is identified by its salts, which are random with each new beginning,
 * the number of frames, and the checksum that runs over all of them.  No SQLite
 * can commit and leave these three alone; after a power cut other commits may
 * bring back salts and frames, but not the checksum.
 *
 * A file is identified by its inode and ctime, which every write to it sets to
 * the clock's time and no program can set at will.  So it was not written to if
 * ctime is what it was, provided that the clock did not show that time again: a
 * ctime from shortly before the state was read proves nothing (clocks of
 * filesystems are coarse), nor does one after the clock was set, nor one from
 * before the machine started again (a crash may lose what ctime was).
 *
 * Everything is believed for a limited time only: what nobody thought of does
 * then no lasting harm.
 */
#include "database/evidence.h"

#include <stddef.h>
#include <string.h>

enum { second = 1000000000 };

const struct evidence_rule evidence_usual = {
	.margin_ns = 2 * (int64_t)second,
	.clock_step_ns = second / 2,
	.scan_every_ns = 24 * 3600 * (int64_t)second,
	.scan_every_times = 100,
};

/* From `then` to `now`, as far as that can be said. */
static int64_t
passed(int64_t then, int64_t now)
{
	int64_t ns = 0;

	if (__builtin_sub_overflow(now, then, &ns))
		return now > then ? INT64_MAX : INT64_MIN;
	return ns;
}

/* Whether times of now and then mean the same clock, and are near enough. */
static const char *
doubt_time(const struct evidence_past *then, const struct evidence *now,
    const struct evidence_rule *rule)
{
	if (now->boot[0] == '\0' || strcmp(then->facts.boot, now->boot) != 0)
		return "the machine was started again, or is another one";
	int64_t step = passed(then->facts.clock_ns, now->clock_ns);
	if (step > rule->clock_step_ns || step < -rule->clock_step_ns)
		return "the clock was set";
	if (now->time_ns < then->facts.time_ns ||
	    now->time_ns < then->scanned_ns)
		return "the clock went back";
	if (passed(then->scanned_ns, now->time_ns) >= rule->scan_every_ns)
		return "it was not read for long";
	if (then->times >= rule->scan_every_times)
		return "it was believed often enough";
	return NULL;
}

static bool
same_file(const struct evidence_file *a, const struct evidence_file *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->links == b->links &&
	       a->bytes == b->bytes && a->modified_ns == b->modified_ns &&
	       a->changed_ns == b->changed_ns;
}

/* Whether a write that came after the state was read would have been seen. */
static bool
was_quiet(const struct evidence_file *file, const struct evidence_past *then,
    const struct evidence_rule *rule)
{
	return passed(file->changed_ns, then->facts.time_ns) >= rule->margin_ns;
}

static const char *
doubt_main(const struct evidence_past *then, const struct evidence *now,
    const struct evidence_rule *rule)
{
	const struct evidence *before = &then->facts;

	if (!before->local || !now->local)
		return "its filesystem does not tell all changes";
	if (before->main.links != 1 || now->main.links != 1)
		return "the file has several names";
	if (!same_file(&before->main, &now->main))
		return "the file was written to, replaced or touched";
	if (!was_quiet(&before->main, then, rule))
		return "the file was written to just before it was read";
	if (before->page_size != now->page_size ||
	    before->page_count != now->page_count ||
	    memcmp(before->page_one, now->page_one, SHA256_BYTES) != 0)
		return "its first page is another one";
	return NULL;
}

static const char *
doubt_log(const struct evidence_past *then, const struct evidence *now,
    const struct evidence_rule *rule)
{
	const struct evidence *before = &then->facts;

	if (before->wal != now->wal)
		return "the journal mode is another one";
	if (before->frames != now->frames)
		return "the WAL has other frames";
	if (now->frames == 0)
		return NULL;
	if (memcmp(before->salt, now->salt, sizeof(now->salt)) != 0 ||
	    memcmp(before->checksum, now->checksum, sizeof(now->checksum)) != 0)
		return "the WAL has other frames";
	if (before->log.links != 1 || !same_file(&before->log, &now->log))
		return "the -wal was written to, replaced or touched";
	if (!was_quiet(&before->log, then, rule))
		return "the -wal was written to just before it was read";
	return NULL;
}

const char *
evidence_doubt(const struct evidence_past *then, const struct evidence *now,
    const struct evidence_rule *rule)
{
	const char *doubt = doubt_time(then, now, rule);

	if (doubt == NULL)
		doubt = doubt_log(then, now, rule);
	return doubt != NULL ? doubt : doubt_main(then, now, rule);
}
