/*
 * litesafe config: whether the configuration is right, and what it comes to.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/nearest.h"
#include "base/quote.h"
#include "command/command.h"
#include "command/config_notes.h"
#include "command/config_show.h"
#include "command/configuration.h"
#include "command/job.h"
#include "command/json.h"

static void
tell_fault(struct session *session, const struct config *config,
    const struct err *fault)
{
	unsigned line = 0;
	const char *file = config_blamed(config, fault, &line);
	struct json json;

	say_error(&session->say, fault);
	if (!session->say.json)
		return;
	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "fault");
	if (file != NULL) {
		json_put_text(&json, "file", file);
		json_put_size(&json, "line", line);
	}
	json_put_text(&json, "error", fault->text);
	json_put_text(
	    &json, "hint", fault->hint[0] == '\0' ? NULL : fault->hint);
	json_end(&json);
}

/* All of them; the first is the error. */
static int
tell_faults(struct session *session, const struct config *config,
    const struct faults *faults, struct err *err)
{
	for (size_t i = 0; i < faults->count; i++)
		tell_fault(session, config, &faults->list[i]);
	if (faults->all > faults->count)
		say_warning(&session->say, "%zu more faults are not told",
		    faults->all - faults->count);
	(void)faults_first(faults, err);
	if (faults->all == 1)
		return -1;
	return err_within(err, "%zu faults, the first", faults->all);
}

static void
warn_of_secret(struct session *session, const struct config_value *value)
{
	const struct option *option = option_table_key(value->key);
	struct stat status;

	if (option != NULL && option->secret &&
	    stat(value->file, &status) == 0 && (status.st_mode & S_IROTH) != 0)
		say_warning(&session->say,
		    "%s:%u: %s is a secret, and everybody may read this file: "
		    "chmod o= %s",
		    value->file, value->line, value->key,
		    quote_word(value->file, "FILE").text);
}

static void
warn_of_secrets(struct session *session, const struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct config_section *section = &config->sections[i];

		for (size_t j = 0; j < section->count; j++)
			warn_of_secret(session, &section->values[j]);
	}
}

static size_t
repositories_of(const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->count; i++)
		count += config->sections[i].kind == CONFIG_REPOSITORY;
	return count;
}

static void
tell_soundness(struct session *session, const struct jobs *jobs)
{
	const char *path = configuration_path(&session->options);
	size_t files = jobs->config.file_count;
	size_t repositories = repositories_of(&jobs->config);
	char named[64] = "";
	struct json json;

	if (repositories > 0)
		(void)snprintf(named, sizeof(named), ", %zu named repositor%s",
		    repositories, repositories == 1 ? "y" : "ies");
	say_line(&session->say, "%s: ok (%zu file%s, %zu job%s%s)", path, files,
	    files == 1 ? "" : "s", jobs->count, jobs->count == 1 ? "" : "s",
	    named);
	if (!session->say.json)
		return;
	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "config");
	json_put_text(&json, "path", path);
	json_open_array(&json, "files");
	for (size_t i = 0; i < files; i++)
		json_put_text(&json, NULL, jobs->config.files[i]);
	json_close(&json);
	json_put_size(&json, "jobs", jobs->count);
	json_put_size(&json, "repositories", repositories);
	json_end(&json);
}

static int
check(struct session *session, struct err *err)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	AUTO(faults) struct faults faults = FAULTS_NONE;

	if (session->options.operand_count > 1)
		return command_operands(session, 1, 1, err);
	if (session->options.origin)
		return err_set(err, ERR_USAGE, 0,
		    "--origin is for 'litesafe config show'");
	if (jobs_survey(&session->options, &jobs, &faults, err) < 0)
		return -1;
	warn_of_secrets(session, &jobs.config);
	if (faults.all > 0)
		return tell_faults(session, &jobs.config, &faults, err);
	tell_soundness(session, &jobs);
	return config_notes_tell(session, &jobs, err);
}

static int
show(struct session *session, struct err *err)
{
	AUTO(jobs) struct jobs jobs = { .list = NULL };
	const struct options *options = &session->options;
	const struct job *job;

	if (jobs_read(options, &jobs, err) < 0)
		return -1;
	if (options->operand_count == 1)
		return config_show_all(session, &jobs, err);
	if (jobs_find(&jobs, options->operands[1], &job, err) < 0)
		return -1;
	return config_show_job(session, &jobs, job, err);
}

int
cmd_config(struct session *session, struct err *err)
{
	static const struct {
		const char *name;
		int (*run)(struct session *session, struct err *err);
	} verbs[] = { { "check", check }, { "show", show } };

	if (command_operands(session, 1, 2, err) < 0)
		return -1;
	struct nearest nearest = NEAREST_TO(session->options.operands[0]);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		nearest_offer(&nearest, verbs[i].name);
		if (strcmp(verbs[i].name, nearest.word) == 0)
			return verbs[i].run(session, err);
	}
	(void)err_set(
	    err, ERR_USAGE, 0, "config: unknown word '%s'", nearest.word);
	return err_hint(err, "did you mean 'litesafe config %s'?",
	    nearest.name == NULL ? "check" : nearest.name);
}
