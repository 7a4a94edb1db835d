/*
 * A finding is a line, and below it, indented, whom it is about and what to do.
 */
#include "command/doctor_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "command/json.h"

static void
put_process(struct json *json, const struct diagnosed_process *one)
{
	char started[CLOCK_TEXT_BYTES];

	clock_format(one->process.started_ms, started);
	json_open_object(json, NULL);
	json_put_integer(json, "pid", one->process.pid);
	json_put_text(json, "command",
	    one->process.command[0] == '\0' ? NULL : one->process.command);
	json_put_text(
	    json, "started", one->process.started_ms == 0 ? NULL : started);
	json_put_seconds(json, "seconds", one->seconds);
	json_close(json);
}

static void
put_finding(struct json *json, const struct diagnosed *found)
{
	json_open_object(json, NULL);
	json_put_text(json, "id", finding_table[found->id].name);
	json_put_text(json, "severity", severity_name(found->severity));
	json_put_text(json, "text", found->text);
	json_put_text(json, "advice", found->advice);
	json_open_array(json, "pids");
	for (unsigned i = 0; i < found->processes_listed; i++)
		json_put_integer(json, NULL, found->process[i].process.pid);
	json_close(json);
	if (found->frames > 0)
		json_put_size(json, "frames", found->frames);
	json_open_array(json, "processes");
	for (unsigned i = 0; i < found->processes_listed; i++)
		put_process(json, &found->process[i]);
	json_close(json);
	json_close(json);
}

static void
report_json(struct session *session, const struct examination *examination)
{
	const struct facts *facts = &examination->facts;
	const struct diagnosis *diagnosis = &examination->diagnosis;
	char time[CLOCK_TEXT_BYTES];
	struct json json;

	clock_format(examination->time_ms, time);
	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "database");
	json_put_text(&json, "path", facts->source.path);
	json_put_text(&json, "time", time);
	json_put_text(
	    &json, "severity", severity_name(diagnosis_worst(diagnosis)));
	json_put_text(&json, "journal_mode",
	    facts->source.through_wal ? "wal" : "rollback");
	json_put_size(&json, "page_size", facts->source.header.page_size);
	json_put_size(&json, "bytes", facts->source.bytes);
	json_put_size(&json, "wal_bytes", facts->source.wal_bytes);
	json_open_array(&json, "findings");
	for (unsigned i = 0; i < diagnosis->count; i++)
		put_finding(&json, &diagnosis->list[i]);
	json_end(&json);
	(void)fflush(session->say.out);
}

/* "process 708 'app', which runs since 2026-11-27T08:00:00.000Z" */
static void
say_process(struct say *say, const struct diagnosed_process *one)
{
	char started[CLOCK_TEXT_BYTES], held[UNITS_TEXT_BYTES + 20] = "";
	char seconds[UNITS_TEXT_BYTES];

	clock_format(one->process.started_ms, started);
	if (one->seconds > 0) {
		units_format_duration(one->seconds, seconds);
		(void)snprintf(
		    held, sizeof(held), ", for at least %s", seconds);
	}
	say_line(say, "    process %ld '%s'%s%s%s", (long)one->process.pid,
	    one->process.command,
	    one->process.started_ms == 0 ? "" : ", running since ",
	    one->process.started_ms == 0 ? "" : started, held);
}

static void
say_finding(struct say *say, const struct diagnosed *found)
{
	say_line(say, "  %s: %s [%s]", severity_name(found->severity),
	    found->text, finding_table[found->id].name);
	for (unsigned i = 0; i < found->processes_listed; i++)
		say_process(say, &found->process[i]);
	if (found->process_count > found->processes_listed)
		say_line(say, "    and %u more",
		    found->process_count - found->processes_listed);
	if (found->advice[0] != '\0')
		say_line(say, "    what to do: %s", found->advice);
}

static void
report_text(struct session *session, const char *path,
    const struct examination *examination)
{
	const struct diagnosis *diagnosis = &examination->diagnosis;
	const char *real = examination->facts.source.path;
	unsigned counts[] = { 0, 0, 0 };
	bool same = strcmp(path, real) == 0;

	for (unsigned i = 0; i < diagnosis->count; i++)
		counts[diagnosis->list[i].severity]++;
	say_line(&session->say, "%s%s%s%s: %u error%s, %u warning%s", path,
	    same ? "" : " (", same ? "" : real, same ? "" : ")",
	    counts[SEVERITY_ERROR], counts[SEVERITY_ERROR] == 1 ? "" : "s",
	    counts[SEVERITY_WARNING], counts[SEVERITY_WARNING] == 1 ? "" : "s");
	for (unsigned i = 0; i < diagnosis->count; i++)
		say_finding(&session->say, &diagnosis->list[i]);
}

void
doctor_report(struct session *session, const char *path,
    const struct examination *examination)
{
	if (session->say.json)
		report_json(session, examination);
	else
		report_text(session, path, examination);
}

static bool
is_screen(const struct say *say)
{
	const char *term = getenv("TERM");

	return isatty(say->out_fd) && term != NULL && strcmp(term, "dumb") != 0;
}

void
doctor_report_watch(struct session *session, double every)
{
	struct say *say = &session->say;
	char now[CLOCK_TEXT_BYTES], interval[UNITS_TEXT_BYTES];

	if (say->json || say->quiet)
		return;
	/* To the first column of the first line, and away with the rest. */
	if (is_screen(say))
		(void)fputs("\033[H\033[J", say->out);
	clock_format(clock_now_ms(), now);
	units_format_duration(every, interval);
	say_line(say, "%s, again every %s", now, interval);
}
