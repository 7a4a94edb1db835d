/*
 * An id that is found once has one place, so the list cannot overflow.
 */
#include "doctor/diagnosis.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/quote.h"
#include "base/text.h"

static const char placeholder[] = "DATABASE";

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = { "info", "warning", "error" };

	return names[severity];
}

enum severity
diagnosis_worst(const struct diagnosis *diagnosis)
{
	enum severity worst = SEVERITY_INFO;

	for (unsigned i = 0; i < diagnosis->count; i++)
		if (diagnosis->list[i].severity > worst)
			worst = diagnosis->list[i].severity;
	return worst;
}

/* In a command it is one word; one that is too long leaves the placeholder. */
static void
fill_in(const char *advice, const char *path, char *ret_text, size_t size)
{
	char raw[sizeof(((struct diagnosed *)0)->advice)];
	const struct quote_word word = quote_word(path, placeholder);
	size_t len = 0;

	raw[0] = '\0';
	for (const char *at; len < sizeof(raw); advice = at) {
		const char *place = strstr(advice, placeholder);
		int part =
		    place == NULL ? (int)strlen(advice) : (int)(place - advice);

		len += (size_t)snprintf(raw + len, sizeof(raw) - len, "%.*s%s",
		    part, advice, place == NULL ? "" : word.text);
		if (place == NULL)
			break;
		at = place + sizeof(placeholder) - 1;
	}
	text_printable(raw, ret_text, size);
}

struct diagnosed *
diagnosis_add(struct diagnosis *diagnosis, enum finding_id id,
    enum severity severity, const char *path, const char *fmt, ...)
{
	char text[sizeof(((struct diagnosed *)0)->text)];
	va_list args;

	assert(diagnosis->count < FINDING_IDS);
	struct diagnosed *found = &diagnosis->list[diagnosis->count++];
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	found->id = id;
	found->severity = severity;
	found->frames = 0;
	found->process_count = found->processes_listed = 0;
	text_printable(text, found->text, sizeof(found->text));
	fill_in(finding_table[id].advice, path, found->advice,
	    sizeof(found->advice));
	return found;
}

void
diagnosed_add_process(struct diagnosed *diagnosed, pid_t pid, double seconds)
{
	if (pid == 0)
		return;
	diagnosed->process_count++;
	if (diagnosed->processes_listed == DIAGNOSED_PROCESSES_MAX)
		return;
	struct diagnosed_process *one =
	    &diagnosed->process[diagnosed->processes_listed++];
	process_describe(pid, &one->process);
	one->seconds = seconds;
}
