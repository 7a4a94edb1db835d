/*
 * What a hook wrote is told where somebody looks for it: below the error when
 * it failed, as a part of the report when the report was asked for, always for
 * programs.
 */
#include "command/run_hooks.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "command/exit_code.h"
#include "command/json.h"
#include "notify/hook.h"

static const char *const names[] = {
	[RUN_BEFORE] = "before",
	[RUN_AFTER] = "after",
	[RUN_ON_FAILURE] = "on-failure",
};

/* LITESAFE_STATUS */
static const char *
status_of(const struct run *run, enum run_hooks_when when)
{
	if (when == RUN_BEFORE)
		return "started";
	if (when == RUN_AFTER)
		return "ok";
	return run->worst.kind == ERR_STOPPED ? "stopped" : "failed";
}

static const struct texts *
lines_of(const struct options *options, enum run_hooks_when when)
{
	if (when == RUN_BEFORE)
		return &options->before;
	return when == RUN_AFTER ? &options->after : &options->on_failure;
}

static void
report_json(struct run *run, const char *when, const char *line,
    const struct hook_result *result, const struct err *err)
{
	struct json json;

	if (!run->session->say.json)
		return;
	json_begin(&json, run->session->say.out);
	json_put_text(&json, "type", "hook");
	json_put_text(&json, "job", run->job->name);
	json_put_text(&json, "when", when);
	json_put_text(&json, "command", line);
	json_put_bool(&json, "ok", err == NULL);
	json_put_seconds(&json, "seconds", result->seconds);
	json_put_text(&json, "output", result->output);
	json_put_bool(&json, "output_cut", result->cut);
	json_put_text(&json, "error", err == NULL ? NULL : err->text);
	json_end(&json);
}

/* `one` is what it failed with. */
static void
tell_failure(struct run *run, enum run_hooks_when when, struct err *one)
{
	struct say *say = &run->session->say;

	(void)err_within(one, "%s", names[when]);
	if (when == RUN_ON_FAILURE) {
		say_warning(say, "%s", one->text);
		return;
	}
	hint_for(one, run->session->command->name);
	say_error(say, one);
}

static int
run_one(struct run *run, enum run_hooks_when when, const struct hook *hook,
    struct err *err)
{
	struct say *say = &run->session->say;
	struct hook_result result = { .output = NULL };

	int rc = hook_run(hook, &result, err);
	report_json(run, names[when], hook->line, &result, rc < 0 ? err : NULL);
	if (rc < 0)
		tell_failure(run, when, err);
	else if (result.output_bytes > 0)
		say_line(
		    say, "%s: %s: %s", run->job->name, names[when], hook->line);
	if (result.output_bytes > 0)
		say_output(say, result.output, rc < 0);
	hook_result_done(&result);
	return rc;
}

/* What hooks are told, as text that lives as long as this. */
struct told {
	char *set, *snapshot, *bytes, *pin;
};

static void
told_auto(struct told *told)
{
	free(told->set);
	free(told->snapshot);
	free(told->bytes);
	free(told->pin);
}

int
run_hooks(struct run *run, enum run_hooks_when when, struct err *err)
{
	const struct options *options = &run->session->options;
	const struct texts *lines = lines_of(options, when);
	AUTO(told)
	struct told told = {
		.set = run_sets_lines(&run->sets, RUN_SETS_NAME),
		.snapshot = run_sets_lines(&run->sets, RUN_SETS_SNAPSHOT),
		.bytes = run_sets_lines(&run->sets, RUN_SETS_BYTES),
		.pin = run_sets_lines(&run->sets, RUN_SETS_PIN),
	};
	const struct hook_variable variables[] = {
		{ "LITESAFE_JOB", run->job->name },
		{ "LITESAFE_STATUS", status_of(run, when) },
		{ "LITESAFE_ERROR", run->worst.text },
		{ "LITESAFE_SET", told.set == NULL ? "" : told.set },
		{ "LITESAFE_SNAPSHOT",
		    told.snapshot == NULL ? "" : told.snapshot },
		{ "LITESAFE_BYTES", told.bytes == NULL ? "" : told.bytes },
		{ "LITESAFE_PIN", told.pin == NULL ? "" : told.pin },
	};

	for (size_t i = 0; i < lines->count; i++) {
		const struct hook hook = {
			.line = lines->list[i],
			.shell = options->hook_shell,
			.timeout = options->hook_timeout,
			.variables = variables,
			.variable_count =
			    sizeof(variables) / sizeof(variables[0]),
			.work =
			    when == RUN_ON_FAILURE ? NULL : &run->session->work,
		};
		if (run_one(run, when, &hook, err) < 0 &&
		    when != RUN_ON_FAILURE)
			return -1;
	}
	return 0;
}
