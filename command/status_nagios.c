/*
 * The names of the performance data never change, whatever the sets are called:
 * a graph goes on when a set comes or goes.
 */
#include "command/status_nagios.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* What is said before the data: there is room for that. */
enum { WORDS_BYTES = 3000, WORDS_SETS_MAX = 10 };

static const char *const names[] = {
	[NAGIOS_OK] = "OK",
	[NAGIOS_WARNING] = "WARNING",
	[NAGIOS_CRITICAL] = "CRITICAL",
	[NAGIOS_UNKNOWN] = "UNKNOWN",
};

static void __attribute__((format(printf, 3, 4)))
add(char *text, size_t size, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text + len, size - len, fmt, args);
	va_end(args);
}

static enum nagios
state_of(const struct status_round *round, const struct status_counts *counts)
{
	if (counts->errors + counts->damaged > 0)
		return NAGIOS_CRITICAL;
	if (round->trouble.kind != ERR_NONE || counts->sets == 0)
		return NAGIOS_UNKNOWN;
	return counts->warnings > 0 ? NAGIOS_WARNING : NAGIOS_OK;
}

/* "; 'app.db' stale: the newest state is ..." of each that is so bad. */
static void
add_sets(const struct status_round *round, enum status_severity severity,
    unsigned *said, char words[WORDS_BYTES])
{
	for (size_t i = 0; i < round->count; i++) {
		const struct status_one *one = &round->list[i];
		const struct verdict verdict =
		    status_judge(&one->facts, &one->limits);
		const struct status_finding *first = verdict_first(&verdict);

		if (first == NULL || first->severity != severity)
			continue;
		if ((*said)++ < WORDS_SETS_MAX)
			add(words, WORDS_BYTES, "; '%s' %s: %s", one->facts.set,
			    status_id_names[first->id], first->text);
	}
}

static void
put_words(const struct status_round *round, const struct status_counts *counts,
    char words[WORDS_BYTES])
{
	char oldest[UNITS_TEXT_BYTES];
	unsigned said = 0;

	if (round->trouble.kind != ERR_NONE)
		add(words, WORDS_BYTES, "%s", round->trouble.text);
	else if (counts->sets == 0)
		add(words, WORDS_BYTES, "there is no set to look at");
	if (counts->sets == 0)
		return;
	if (words[0] != '\0')
		add(words, WORDS_BYTES, "; ");
	add(words, WORDS_BYTES, "%zu of %zu set%s fresh", counts->fresh,
	    counts->sets, counts->sets == 1 ? "" : "s");
	units_format_duration((double)counts->oldest_ms / 1000, oldest);
	if (counts->oldest_ms != STATUS_NEVER)
		add(words, WORDS_BYTES, ", oldest %s", oldest);
	add_sets(round, STATUS_DAMAGE, &said, words);
	add_sets(round, STATUS_ERROR, &said, words);
	add_sets(round, STATUS_WARNING, &said, words);
	if (said > WORDS_SETS_MAX)
		add(words, WORDS_BYTES, "; and %u more", said - WORDS_SETS_MAX);
}

/* " age=10800s;;93600;0" */
static void
add_age(char *line, const char *label, int64_t age_ms, int64_t limit_ms)
{
	char limit[24] = "";

	if (limit_ms > 0)
		(void)snprintf(
		    limit, sizeof(limit), "%" PRId64, limit_ms / 1000);
	if (age_ms == STATUS_NEVER)
		add(line, PLUGIN_LINE_BYTES, " %s=U;;%s;0", label, limit);
	else
		add(line, PLUGIN_LINE_BYTES, " %s=%" PRId64 "s;;%s;0", label,
		    age_ms / 1000, limit);
}

static void
add_data(const struct status_counts *counts, char *line)
{
	add(line, PLUGIN_LINE_BYTES,
	    " | sets=%zu;;;0 warnings=%zu;;;0 errors=%zu;;;0 damaged=%zu;;;0",
	    counts->sets, counts->warnings, counts->errors, counts->damaged);
	add_age(line, "age", counts->oldest_ms, counts->limit_ms);
	add_age(line, "verify_age", counts->verify_oldest_ms,
	    counts->verify_limit_ms);
	add(line, PLUGIN_LINE_BYTES,
	    " stored=%" PRIu64 "B;;;0 stored_7d=%" PRIu64 "B;;;0",
	    counts->bytes, counts->week_bytes);
}

/* One line, in which nothing looks like data: "|" begins those. */
static void
begin_line(enum nagios state, const char *words, char *line)
{
	char printable[WORDS_BYTES];

	text_printable(words, printable, sizeof(printable));
	for (char *p = printable; (p = strchr(p, '|')) != NULL;)
		*p = '?';
	(void)snprintf(line, PLUGIN_LINE_BYTES, "LITESAFE %s - %s",
	    names[state], printable);
}

enum nagios
nagios_line(const struct status_round *round, char ret_line[PLUGIN_LINE_BYTES])
{
	const struct status_counts counts = status_round_counts(round);
	enum nagios state = state_of(round, &counts);
	char words[WORDS_BYTES] = "";

	put_words(round, &counts, words);
	begin_line(state, words, ret_line);
	if (counts.sets > 0)
		add_data(&counts, ret_line);
	return state;
}

void
nagios_line_of_error(const struct err *err, char ret_line[PLUGIN_LINE_BYTES])
{
	begin_line(NAGIOS_UNKNOWN, err->text, ret_line);
}
