/*
 * The questions in the order in which they settle the matter: is there
 * anything to do, may we, was it asked for or is it only our own debt, and is
 * it safe.
 *
 * What a guard is for.  The bug needs a writer who starts the WAL over between
 * two looks of the checkpoint at it, and a writer cannot do that without the
 * write lock.  Full, restart and truncate take that lock themselves, but when
 * they do not get it they go on as a passive checkpoint; checkpoint.c ends them
 * there.
 *
 * The last writer's version stands in the header of page 1, of the state that
 * was pinned.  It is a sign and no proof: other programs may have the database
 * open too.  So it keeps us from what nobody asked for, and from nothing else.
 */
#include "database/checkpoint_rule.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

enum { VERSION_TEXT = 32 };

const char *
checkpoint_mode_name(enum checkpoint_mode mode)
{
	static const char *const names[] = {
		[CHECKPOINT_AUTO] = "auto",
		[CHECKPOINT_OFF] = "off",
		[CHECKPOINT_PASSIVE] = "passive",
		[CHECKPOINT_FULL] = "full",
		[CHECKPOINT_RESTART] = "restart",
		[CHECKPOINT_TRUNCATE] = "truncate",
	};

	return names[mode];
}

bool
checkpoint_mode_blocks(enum checkpoint_mode mode)
{
	return mode >= CHECKPOINT_FULL;
}

/* The lines that got the repair, and the first of each that has it. */
bool
checkpoint_version_is_safe(uint32_t version)
{
	static const uint32_t repaired[] = { 3044006, 3050007 };

	for (size_t i = 0; i < sizeof(repaired) / sizeof(repaired[0]); i++)
		if (version / 1000 == repaired[i] / 1000)
			return version >= repaired[i];
	return version >= 3051003;
}

static void
version_text(uint32_t version, char ret_text[VERSION_TEXT])
{
	(void)snprintf(ret_text, VERSION_TEXT, "SQLite %u.%u.%u",
	    version / 1000000, version / 1000 % 1000, version % 1000);
	if (version == 0)
		(void)snprintf(ret_text, VERSION_TEXT, "an unknown SQLite");
}

static void none(struct checkpoint_decision *decision, bool missed,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void
none(struct checkpoint_decision *decision, bool missed, const char *fmt, ...)
{
	va_list args;

	decision->step = CHECKPOINT_NONE;
	decision->missed = missed;
	va_start(args, fmt);
	(void)vsnprintf(decision->reason, sizeof(decision->reason), fmt, args);
	va_end(args);
}

/* An automatic checkpoint fell due during the pin, or would have once more. */
static bool
pin_kept_one_waiting(const struct checkpoint_facts *facts)
{
	const uint64_t due = CHECKPOINT_AUTOMATIC_FRAMES;

	return facts->owed_after > due &&
	       (facts->owed_before <= due ||
		   facts->owed_after > facts->owed_before + due);
}

/* Unasked: only what our pin brought about, and only where it is safe. */
static void
decide_auto(
    const struct checkpoint_facts *facts, struct checkpoint_decision *decision)
{
	char version[VERSION_TEXT];

	if (!pin_kept_one_waiting(facts)) {
		none(decision, false,
		    "not needed: the pin kept no checkpoint of the "
		    "application's waiting");
		return;
	}
	if (!facts->writable) {
		none(decision, false, "litesafe may not write the database");
		return;
	}
	if (!checkpoint_version_is_safe(facts->linked)) {
		version_text(facts->linked, version);
		none(decision, false,
		    "litesafe runs with %s, whose checkpoints can lose a "
		    "transaction (fixed in 3.51.3); left to the application",
		    version);
		return;
	}
	if (!checkpoint_version_is_safe(facts->writer)) {
		version_text(facts->writer, version);
		none(decision, false,
		    "the application writes with %s, whose checkpoints can "
		    "lose a transaction when another one is made beside them "
		    "(fixed in 3.51.3); left to it",
		    version);
		return;
	}
	decision->step = CHECKPOINT_PLAIN;
}

static void
decide_passive(
    const struct checkpoint_facts *facts, struct checkpoint_decision *decision)
{
	char version[VERSION_TEXT];

	decision->step = CHECKPOINT_PLAIN;
	if (checkpoint_version_is_safe(facts->linked))
		return;
	version_text(facts->linked, version);
	decision->step = CHECKPOINT_GUARDED;
	(void)snprintf(decision->reason, sizeof(decision->reason),
	    "checkpoints of %s are safe only while nobody writes", version);
}

static void
decide_blocking(
    const struct checkpoint_facts *facts, struct checkpoint_decision *decision)
{
	if (facts->budget_seconds <= 0)
		none(decision, true,
		    "it stops writers, and no --checkpoint-budget says for "
		    "how long it may");
	else if (facts->in_the_way != NULL)
		none(decision, true, "writers would wait for a reader: %s",
		    facts->in_the_way);
	else
		decision->step = CHECKPOINT_PLAIN;
}

void
checkpoint_decide(const struct checkpoint_facts *facts,
    struct checkpoint_decision *ret_decision)
{
	*ret_decision = (struct checkpoint_decision){ .step = CHECKPOINT_NONE };
	if (facts->mode == CHECKPOINT_OFF)
		none(ret_decision, false, "--checkpoint off");
	else if (!facts->wal)
		none(ret_decision, false, "there is nothing in a WAL");
	else if (facts->mode == CHECKPOINT_AUTO)
		decide_auto(facts, ret_decision);
	else if (!facts->writable)
		none(ret_decision, true, "litesafe may not write the database");
	else if (facts->mode == CHECKPOINT_PASSIVE)
		decide_passive(facts, ret_decision);
	else
		decide_blocking(facts, ret_decision);
}
