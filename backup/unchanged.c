/*
 * The look has a pin of its own, and does not wait for a lock: were the state
 * pinned once for both, the parent's page sums would have to be found while it
 * is held, or before it is known whether they are needed.
 *
 * What is remembered is one line: ID ROOT EVIDENCE.  When a state is believed to
 * be the same, its evidence stays the one of the time when the pages were read,
 * so that beliefs are never built on each other.
 */
#include "backup/unchanged.h"

#include <stdio.h>
#include <string.h>

#include "backup/job.h"
#include "backup/part.h"
#include "base/auto.h"
#include "base/sha256.h"
#include "database/evidence_take.h"
#include "database/evidence_text.h"
#include "repository/state_evidence.h"

/* The words before the evidence, each with its blank. */
enum { BINDING_BYTES = SNAPSHOT_ID_BYTES + SHA256_TEXT_BYTES };
_Static_assert(BINDING_BYTES + EVIDENCE_TEXT_BYTES <= STATE_EVIDENCE_BYTES,
    "a line holds its words");

static void
format_binding(const char *id, const uint8_t root[SHA256_BYTES],
    char ret_text[BINDING_BYTES + 1])
{
	char hex[SHA256_TEXT_BYTES];

	sha256_format(root, hex);
	(void)snprintf(ret_text, BINDING_BYTES + 1, "%s %s ", id, hex);
}

/* What is remembered of the parent. */
static bool
recall(struct part *part, const struct manifest *parent)
{
	struct evidence_past *past = &part->unchanged.past;
	char line[STATE_EVIDENCE_BYTES], binding[BINDING_BYTES + 1];
	uint64_t used = 0;

	format_binding(parent->id, parent->database.root, binding);
	if (!part->remember.state_usable ||
	    !state_evidence_read(&part->remember.state, line, &used) ||
	    strncmp(line, binding, BINDING_BYTES) != 0 ||
	    !evidence_parse(line + BINDING_BYTES, past))
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
	if (doubt == NULL &&
	    state_evidence_used(&part->remember.state, &ignored) < 0)
		doubt = "it could not be written down";
	unchanged->past.times++;
	return doubt;
}

static bool
look(struct job *job, struct part *part, const struct manifest *parent)
{
	const struct pin_options options = {
		.work = job->work,
		.evidence = true,
	};
	struct unchanged *unchanged = &part->unchanged;
	struct err ignored;

	if (!recall(part, parent))
		return false;
	unchanged->doubt = "it could not be opened at once";
	if (pin_open(&part->source, &options, &part->pin, &ignored) < 0)
		return false;
	unchanged->doubt = compare(part);
	part_describe(job, part);
	if (part_let_go(job, part, &ignored) < 0)
		unchanged->doubt = "it could not be closed";
	if (unchanged->doubt != NULL)
		return false;
	part_follow(job, part, parent);
	return true;
}

bool
unchanged_since(struct job *job, const struct manifest *parent)
{
	struct part *part = &job->parts[0];
	struct unchanged *unchanged = &part->unchanged;

	if (job->part_count != 1 || !look(job, part, parent))
		return false;
	unchanged->known = true;
	unchanged->evidence = unchanged->past.facts.frames > 0 ? "wal" : "stat";
	return true;
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
unchanged_keep(
    const struct part *part, const char *id, const uint8_t root[SHA256_BYTES])
{
	const struct unchanged *unchanged = &part->unchanged;
	char line[STATE_EVIDENCE_BYTES];
	struct err ignored;

	if (!unchanged->known || !part->remember.state_usable)
		return;
	format_binding(id, root, line);
	evidence_format(&unchanged->past, line + BINDING_BYTES);
	/* Not remembered: the next backup reads all pages. */
	(void)state_evidence_keep(&part->remember.state, line, &ignored);
}
