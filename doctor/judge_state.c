/*
 * What is in the header of the main file is what its last writer left there:
 * in WAL mode a newer header may be in the WAL.  A version number in it says
 * who wrote last, not who has it open.
 */
#include "doctor/judge.h"

#include <inttypes.h>
#include <stdio.h>

#include "database/checkpoint_rule.h"

static void
say_wal(const struct facts *facts, char *ret_text, size_t size)
{
	const struct wal_marks *marks = &facts->marks;

	if (facts->source.wal_bytes == 0)
		(void)snprintf(ret_text, size, ", and no -wal");
	else if (facts->in_use && marks->known)
		(void)snprintf(ret_text, size,
		    ", and a -wal of %" PRIu64 " bytes with %" PRIu32
		    " frames, %" PRIu32 " of them not checkpointed",
		    facts->source.wal_bytes, marks->frames,
		    wal_marks_not_checkpointed(marks));
	else if (facts->fit_known)
		(void)snprintf(ret_text, size,
		    ", and a -wal of %" PRIu64 " bytes with %" PRIu32
		    " committed frames; %" PRIu32
		    " pages in it are not in the main file",
		    facts->source.wal_bytes, facts->wal.frames,
		    facts->fit.newer);
	else
		(void)snprintf(ret_text, size,
		    ", and a -wal of %" PRIu64 " bytes",
		    facts->source.wal_bytes);
}

static void
judge_size(const struct facts *facts, struct diagnosis *diagnosis)
{
	const struct header *header = &facts->source.header;
	char wal[200] = "";

	if (facts->source.through_wal)
		say_wal(facts, wal, sizeof(wal));
	(void)diagnosis_add(diagnosis, FOUND_STATE, SEVERITY_INFO,
	    facts->source.path,
	    "%s mode, pages of %" PRIu32 " bytes, a main file of %" PRIu64
	    " bytes (%" PRIu64 " pages)%s",
	    facts->source.through_wal ? "WAL" : "rollback-journal",
	    header->page_size, facts->source.bytes,
	    facts->source.bytes / header->page_size, wal);
}

static void
judge_use(const struct facts *facts, struct diagnosis *diagnosis)
{
	const struct occupants *occupants = &facts->occupants;

	if (occupants->count == 0)
		return;
	struct diagnosed *found = diagnosis_add(diagnosis, FOUND_IN_USE,
	    SEVERITY_INFO, facts->source.path, "%u process%s %s it open",
	    occupants->count, occupants->count == 1 ? "" : "es",
	    occupants->count == 1 ? "has" : "have");
	for (unsigned i = 0; i < occupants->listed; i++)
		diagnosed_add_process(found, occupants->list[i].pid, 0);
}

static void
format_version(uint32_t version, char *ret_text, size_t size)
{
	(void)snprintf(ret_text, size, "%" PRIu32 ".%" PRIu32 ".%" PRIu32,
	    version / 1000000, version / 1000 % 1000, version % 1000);
}

static const char *
verdict(uint32_t version)
{
	return checkpoint_version_is_safe(version) ? "without the WAL-reset bug"
						   : "with the WAL-reset bug";
}

static void
judge_versions(const struct facts *facts, struct diagnosis *diagnosis)
{
	uint32_t writer = facts->source.header.writer_version;
	char text[40];

	format_version(writer, text, sizeof(text));
	if (writer == 0)
		(void)snprintf(text, sizeof(text), "an unknown SQLite");
	(void)diagnosis_add(diagnosis, FOUND_SQLITE_VERSION, SEVERITY_INFO,
	    facts->source.path,
	    "litesafe uses SQLite %s (%s); the main file was written last by "
	    "%s%s%s%s",
	    facts->linked_text, verdict(facts->linked), text,
	    writer == 0 ? "" : " (", writer == 0 ? "" : verdict(writer),
	    writer == 0 ? "" : ")");
	if (!facts->source.through_wal || writer == 0 ||
	    checkpoint_version_is_safe(writer))
		return;
	/* One process can meet the bug, too, but two or more will. */
	(void)diagnosis_add(diagnosis, FOUND_WAL_RESET_BUG,
	    facts->occupants.count > 1 ? SEVERITY_WARNING : SEVERITY_INFO,
	    facts->source.path,
	    "its last writer used SQLite %s, in which two checkpoints at the "
	    "same time can lose commits%s",
	    text,
	    facts->occupants.count > 1 ? ", and several processes have it open"
				       : "");
}

void
judge_state(const struct facts *facts, struct diagnosis *diagnosis)
{
	judge_size(facts, diagnosis);
	judge_use(facts, diagnosis);
	judge_versions(facts, diagnosis);
}
