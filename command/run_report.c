/*
 * The steps have said their part in JSON; for people everything that happened
 * to a set is in one line.
 */
#include "command/run_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "command/exit_code.h"
#include "command/json.h"

static const char *
drill_name(enum run_drill drill)
{
	switch (drill) {
	case RUN_DRILL_NONE:
		break;
	case RUN_DRILL_OK:
		return "ok";
	case RUN_DRILL_FAILED:
		return "failed";
	}
	return NULL;
}

static const char *
verified(const struct run *run, const struct run_set *set)
{
	if (!set->proved)
		return "none";
	return run->session->options.prove == PROVE_RESTORE ? "restore"
							    : "stored";
}

static void
put_set(struct json *json, const struct run *run, const struct run_set *set)
{
	json_open_object(json, NULL);
	json_put_text(json, "set", set->name);
	json_put_bool(
	    json, "ok", set->error == NULL && set->drill != RUN_DRILL_FAILED);
	json_put_text(json, "id", set->id[0] == '\0' ? NULL : set->id);
	json_put_bool(json, "unchanged", set->unchanged);
	json_put_size(json, "archive_bytes", set->bytes);
	json_put_seconds(json, "pin_seconds", set->pin_seconds);
	json_put_text(json, "verified", verified(run, set));
	json_put_text(json, "drill", drill_name(set->drill));
	json_put_size(json, "pruned", set->pruned);
	json_put_size(json, "freed_bytes", set->freed);
	json_put_text(json, "error", set->error);
	json_close(json);
}

static void
report_json(const struct run *run)
{
	const struct err *err = &run->worst;
	struct json json;

	json_begin(&json, run->session->say.out);
	json_put_text(&json, "type", "job");
	json_put_text(&json, "job", run->job->name);
	json_put_bool(&json, "ok", err->kind == ERR_NONE);
	json_put_integer(&json, "exit_code", exit_code(err));
	json_put_bool(&json, "dry_run", run->session->options.dry_run);
	json_put_seconds(&json, "seconds", clock_steady() - run->started);
	json_open_array(&json, "sets");
	for (size_t i = 0; i < run->sets.count; i++)
		put_set(&json, run, &run->sets.list[i]);
	json_close(&json);
	json_put_text(&json, "error", err->kind == ERR_NONE ? NULL : err->text);
	json_put_text(&json, "hint", err->hint[0] == '\0' ? NULL : err->hint);
	json_end(&json);
}

/* What the backup did. */
static void
put_backup(FILE *out, const struct run *run, const struct run_set *set)
{
	char size[UNITS_TEXT_BYTES], took[UNITS_TEXT_BYTES],
	    pin[UNITS_TEXT_BYTES];

	if (set->unchanged) {
		(void)fprintf(
		    out, "unchanged since %s, nothing stored", set->id);
		return;
	}
	units_format_size(set->bytes, size);
	units_format_duration(set->seconds, took);
	units_format_duration(set->pin_seconds, pin);
	(void)fprintf(out, "%s backup %s, %s in %s, pin %s, verified: %s",
	    set->full ? "full" : "increment", set->id, size, took, pin,
	    verified(run, set));
}

static void
report_set(struct run *run, const struct run_set *set)
{
	char *line = NULL, freed[UNITS_TEXT_BYTES];
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);

	if (out == NULL)
		return;
	put_backup(out, run, set);
	if (set->drill != RUN_DRILL_NONE)
		(void)fprintf(out, ", drill: %s", drill_name(set->drill));
	if (set->pruned > 0) {
		units_format_size(set->freed, freed);
		(void)fprintf(
		    out, ", %zu old deleted, %s freed", set->pruned, freed);
	}
	if (fclose(out) == 0)
		say_line(&run->session->say, "%s: %s: %s", run->job->name,
		    set->name, line);
	free(line);
}

void
run_report(struct run *run)
{
	if (run->session->say.json)
		report_json(run);
	if (run->session->options.dry_run)
		return;
	for (size_t i = 0; i < run->sets.count; i++)
		if (run->sets.list[i].error == NULL)
			report_set(run, &run->sets.list[i]);
}
