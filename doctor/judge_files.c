/*
 * What can be proved about a database that nobody uses.
 *
 * A main file without its -wal is, mostly, a whole database of an earlier
 * moment: nothing in it tells.  Three things do tell.  Pages that the header
 * counts and the file lacks; pages with content behind those that the header
 * counts, which a checkpoint writes before it is done; a database in WAL mode
 * with no more than the first page and no schema, whose content must be
 * elsewhere if it ever had any.
 *
 * A -wal that is not of this main file is believed by SQLite all the same.
 * Told by: another page size; an older change counter than the main file's,
 * which in one history only grows; pages that the WAL counts and neither file
 * has; and, where only times speak, a main file that was written after the WAL
 * and yet has nothing of it, although only checkpoints write to it.
 */
#include "doctor/judge.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	wal_file = 1,
	wal_large_bytes = 16 << 20, /* below that no WAL is called large */
	behind_frames = 4000, /* automatic checkpoints come every 1000 */
};

static bool
is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
				      : a->tv_nsec > b->tv_nsec;
}

/* --- the main file alone --- */

static bool
add_torn(const struct facts *facts, struct diagnosis *diagnosis)
{
	const struct source *source = &facts->source;
	const struct header *header = &source->header;
	uint64_t pages = source->bytes / header->page_size;
	const char *path = source->path;

	if (header->page_count_valid && pages < header->page_count)
		(void)diagnosis_add(diagnosis, FOUND_TORN_COPY, SEVERITY_ERROR,
		    path,
		    "by its header the database has %" PRIu32
		    " pages, and the file has %" PRIu64,
		    header->page_count, pages);
	else if (facts->tail_has_content)
		(void)diagnosis_add(diagnosis, FOUND_TORN_COPY, SEVERITY_ERROR,
		    path,
		    "by its header the database has %" PRIu32
		    " pages, and more of them follow, of a later state",
		    header->page_count);
	else if (source->bytes % header->page_size != 0)
		(void)diagnosis_add(diagnosis, FOUND_TORN_COPY, SEVERITY_ERROR,
		    path, "the file ends within a page");
	else if (header->wal && pages == 1 && header->schema_cookie == 0)
		(void)diagnosis_add(diagnosis, FOUND_TORN_COPY,
		    SEVERITY_WARNING, path,
		    "it is in WAL mode and holds nothing but its header: "
		    "whatever was committed is in a -wal that is not here");
	else
		return false;
	return true;
}

static void
judge_main_alone(const struct facts *facts, struct diagnosis *diagnosis)
{
	if (facts->in_use || facts->source.wal_bytes > 0 ||
	    facts->journal == JOURNAL_OPEN ||
	    facts->journal_err.kind != ERR_NONE || add_torn(facts, diagnosis) ||
	    !facts->source.header.wal)
		return;
	(void)diagnosis_add(diagnosis, FOUND_WAL_ABSENT, SEVERITY_INFO,
	    facts->source.path,
	    "it is in WAL mode, has no -wal, and nobody has it open: its "
	    "application ended in good order, or this is a copy without it");
}

/* The first fault; where one thing is wrong, many are. */
static const char *
first_of(const struct findings *findings, enum finding_kind kind)
{
	for (unsigned i = 0; i < findings->listed; i++)
		if (findings->list[i].kind == kind)
			return findings->list[i].text;
	return "";
}

static void
judge_check(const struct facts *facts, struct diagnosis *diagnosis)
{
	const struct findings *findings = &facts->findings;
	const char *path = facts->source.path;

	if (facts->check == FACTS_CHECK_NONE)
		return;
	if (facts->not_checked != NULL) {
		(void)diagnosis_add(diagnosis, FOUND_CHECKED, SEVERITY_INFO,
		    path, "not checked: %s", facts->not_checked);
		return;
	}
	if (findings->damaged > 0) {
		(void)diagnosis_add(diagnosis, FOUND_DAMAGED, SEVERITY_ERROR,
		    path, "SQLite finds %u fault%s: %s", findings->damaged,
		    findings->damaged == 1 ? "" : "s, the first",
		    first_of(findings, FINDING_DAMAGED));
		return;
	}
	struct diagnosed *found = diagnosis_add(diagnosis, FOUND_CHECKED,
	    SEVERITY_INFO, path, "SQLite finds no fault in the main file%s%s",
	    findings->unverifiable > 0 ? ", but cannot check all here: " : "",
	    first_of(findings, FINDING_UNVERIFIABLE));
	/* It says how else to check, which was not needed. */
	found->advice[0] = '\0';
}

/* --- its WAL --- */

/* Why the WAL cannot be of this main file; false: it may well be. */
static bool
find_misfit(const struct facts *facts, char *ret_text, size_t size)
{
	const struct header *header = &facts->source.header;
	const struct wal_file *wal = &facts->wal;
	const struct wal_fit *fit = &facts->fit;

	if (wal->frames == 0)
		return false;
	if (wal->header.page_size != header->page_size)
		(void)snprintf(ret_text, size,
		    "its pages have %" PRIu32 " bytes, the database's %" PRIu32,
		    wal->header.page_size, header->page_size);
	else if (facts->fit_known && fit->absent > 0)
		(void)snprintf(ret_text, size,
		    "by it the database has %" PRIu32 " pages, and %" PRIu32
		    " of them are in neither file",
		    wal->pages, fit->absent);
	else if (facts->fit_known && fit->has_page_one &&
		 fit->change_counter < header->change_counter)
		(void)snprintf(ret_text, size,
		    "it is of an older state than the main file (change "
		    "counter %" PRIu32 ", and %" PRIu32 " in the main file)",
		    fit->change_counter, header->change_counter);
	else if (facts->fit_known && fit->same == 0 && fit->newer > 0 &&
		 is_newer(&facts->st[0].st_mtim, &facts->st[wal_file].st_mtim))
		(void)snprintf(ret_text, size,
		    "the main file was written after it, and yet none of its "
		    "%" PRIu32 " pages is in it",
		    fit->newer);
	else
		return false;
	return true;
}

static void
judge_dead_wal(const struct facts *facts, struct diagnosis *diagnosis)
{
	const char *path = facts->source.path;
	char why[300];

	if (facts->in_use || facts->source.wal_bytes == 0)
		return;
	if (facts->wal_err.kind != ERR_NONE)
		(void)diagnosis_add(diagnosis, FOUND_WAL_UNREADABLE,
		    SEVERITY_WARNING, path, "%s", facts->wal_err.text);
	else if (!facts->wal.believed &&
		 facts->source.wal_bytes >= WAL_HEADER_BYTES)
		(void)diagnosis_add(diagnosis, FOUND_WAL_IGNORED,
		    SEVERITY_WARNING, path,
		    "its -wal of %" PRIu64
		    " bytes does not begin as one does, so SQLite ignores it",
		    facts->source.wal_bytes);
	else if (find_misfit(facts, why, sizeof(why)))
		(void)diagnosis_add(diagnosis, FOUND_STALE_WAL, SEVERITY_ERROR,
		    path, "its -wal belongs to another state: %s", why);
	else if (facts->fit_known && facts->fit.newer > 0)
		(void)diagnosis_add(diagnosis, FOUND_DEAD_WAL, SEVERITY_WARNING,
		    path,
		    "nobody has it open, and the newest state of %" PRIu32
		    " pages is only in its -wal%s",
		    facts->fit.newer,
		    facts->source.has_shm ? "" : " (there is no -shm)");
}

static void
judge_deleted_wal(const struct facts *facts, struct diagnosis *diagnosis)
{
	const struct lock_holder *user =
	    facts_holder(facts, WAL_LOCK_ALIVE, false, NULL);

	if (user == NULL || !facts->wal_deleted)
		return;
	struct diagnosed *found = diagnosis_add(diagnosis, FOUND_WAL_DELETED,
	    SEVERITY_ERROR, facts->source.path,
	    "a running application has %" PRIu32
	    " frames in its WAL, and there is no -wal",
	    facts->marks.frames);
	for (; user != NULL;
	     user = facts_holder(facts, WAL_LOCK_ALIVE, false, user))
		diagnosed_add_process(found, user->pid, 0);
}

/* In rollback mode whoever changes the main file has a -journal, mostly. */
static void
judge_missing_journal(const struct facts *facts, struct diagnosis *diagnosis)
{
	const struct lock_holder *holder =
	    facts_holder(facts, MAIN_LOCK_SHARED, true, NULL);

	if (holder == NULL || facts->source.through_wal ||
	    facts->journal != JOURNAL_ABSENT ||
	    holdings_seconds(facts->holdings, holder->pid, MAIN_LOCK_SHARED) <
		FACTS_PATIENCE)
		return;
	struct diagnosed *found = diagnosis_add(diagnosis, FOUND_JOURNAL_ABSENT,
	    SEVERITY_INFO, facts->source.path,
	    "a process has it to itself, and there is no -journal: its "
	    "journal_mode is MEMORY or OFF, or it has not written yet");
	diagnosed_add_process(found, holder->pid,
	    holdings_seconds(facts->holdings, holder->pid, MAIN_LOCK_SHARED));
}

static void
judge_strays(const struct facts *facts, struct diagnosis *diagnosis)
{
	const struct occupants *strays = &facts->strays;

	if (strays->count == 0)
		return;
	struct diagnosed *found = diagnosis_add(diagnosis, FOUND_FILE_REPLACED,
	    SEVERITY_ERROR, facts->source.path,
	    "%u process%s still %s the file that had this name before, and was "
	    "deleted",
	    strays->count, strays->count == 1 ? "" : "es",
	    strays->count == 1 ? "uses" : "use");
	for (unsigned i = 0; i < strays->listed; i++)
		diagnosed_add_process(found, strays->list[i].pid, 0);
}

static void
judge_wal_size(const struct facts *facts, struct diagnosis *diagnosis)
{
	uint64_t bytes = facts->source.wal_bytes;
	enum lock_name lock;
	uint32_t frames;
	uint32_t owed = wal_marks_not_checkpointed(&facts->marks);

	if (bytes >= wal_large_bytes && bytes / 2 > facts->source.bytes)
		(void)diagnosis_add(diagnosis, FOUND_WAL_LARGE,
		    SEVERITY_WARNING, facts->source.path,
		    "its -wal has %.1f MiB, the main file %.1f",
		    (double)bytes / (1 << 20),
		    (double)facts->source.bytes / (1 << 20));
	if (facts->in_use && owed >= behind_frames &&
	    !wal_marks_starver(&facts->marks, &facts->locks, &lock, &frames))
		(void)diagnosis_add(diagnosis, FOUND_WAL_BEHIND,
		    SEVERITY_WARNING, facts->source.path,
		    "%" PRIu32 " frames are not checkpointed, and nobody is in "
		    "the way",
		    owed);
}

/* --- its journal --- */

static void
judge_journal(const struct facts *facts, struct diagnosis *diagnosis)
{
	const char *path = facts->source.path;

	if (facts->journal_err.kind != ERR_NONE)
		(void)diagnosis_add(diagnosis, FOUND_JOURNAL_UNREADABLE,
		    SEVERITY_WARNING, path, "%s", facts->journal_err.text);
	else if (facts->hot_journal)
		(void)diagnosis_add(diagnosis, FOUND_HOT_JOURNAL,
		    SEVERITY_WARNING, path, "%s", facts->hot_why.text);
	else if (facts->journal == JOURNAL_EMPTY ||
		 facts->journal == JOURNAL_ENDED)
		(void)diagnosis_add(diagnosis, FOUND_JOURNAL_LEFT,
		    SEVERITY_INFO, path,
		    "a -journal stays beside it, and nothing is to be undone "
		    "with it");
}

void
judge_files(const struct facts *facts, struct diagnosis *diagnosis)
{
	judge_main_alone(facts, diagnosis);
	judge_check(facts, diagnosis);
	judge_deleted_wal(facts, diagnosis);
	judge_strays(facts, diagnosis);
	judge_dead_wal(facts, diagnosis);
	judge_journal(facts, diagnosis);
	judge_missing_journal(facts, diagnosis);
	judge_wal_size(facts, diagnosis);
}
