/*
 * The names are promised to programs: they never change their meaning.
 */
#include "status/verdict.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

const char *const status_id_names[STATUS_IDS] = {
	[STATUS_FAULTY] = "faulty",
	[STATUS_DAMAGED] = "damaged",
	[STATUS_ILL] = "database-damaged",
	[STATUS_UNREADABLE] = "unreadable",
	[STATUS_MISSING] = "missing",
	[STATUS_OTHER] = "other-database",
	[STATUS_STALE] = "stale",
	[STATUS_LATE] = "late",
	[STATUS_STOPPED] = "stopped",
	[STATUS_FUTURE] = "future",
	[STATUS_VANISHED] = "vanished",
	[STATUS_LEFT] = "left",
	[STATUS_SHRANK] = "shrank",
	[STATUS_UNSEEN] = "unseen",
	[STATUS_UNVERIFIED] = "unverified",
	[STATUS_VERIFY_OLD] = "verify-old",
	[STATUS_DRILL_FAILED] = "drill-failed",
	[STATUS_DRILL_OLD] = "drill-old",
	[STATUS_FORGOTTEN] = "forgotten",
};

const char *const status_severity_names[STATUS_SEVERITIES] = {
	[STATUS_INFO] = "info",
	[STATUS_WARNING] = "warning",
	[STATUS_ERROR] = "error",
	[STATUS_DAMAGE] = "damage",
};

void
verdict_add(struct verdict *verdict, enum status_id id,
    enum status_severity severity, const char *fmt, ...)
{
	assert(verdict->count < STATUS_IDS);
	struct status_finding *found = &verdict->list[verdict->count++];
	char text[sizeof(found->text)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	found->id = id;
	found->severity = severity;
	text_printable(text, found->text, sizeof(found->text));
}

const struct status_finding *
verdict_first(const struct verdict *verdict)
{
	const struct status_finding *first = NULL;

	for (unsigned i = 0; i < verdict->count; i++)
		if (first == NULL ||
		    verdict->list[i].severity > first->severity)
			first = &verdict->list[i];
	return first;
}

enum status_severity
verdict_worst(const struct verdict *verdict)
{
	const struct status_finding *first = verdict_first(verdict);

	return first == NULL ? STATUS_INFO : first->severity;
}

const char *
verdict_word(const struct verdict *verdict)
{
	const struct status_finding *first = verdict_first(verdict);

	switch (verdict_worst(verdict)) {
	case STATUS_INFO:
	case STATUS_WARNING:
		return "fresh";
	case STATUS_ERROR:
		return status_id_names[first->id];
	case STATUS_DAMAGE:
	case STATUS_SEVERITIES:
		break;
	}
	return "damaged";
}
