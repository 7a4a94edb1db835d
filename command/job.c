/*
 * First each value is looked at where it stands, so that a slip in [global] is
 * one fault, however many jobs it is for.  Then the jobs are put together and
 * looked at as a whole.
 */
#include "command/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/pattern.h"
#include "base/quote.h"
#include "command/backup_request.h"
#include "command/configuration.h"
#include "command/key_value.h"
#include "command/option_value.h"
#include "command/origin.h"
#include "command/prune_set.h"
#include "command/spell_keys.h"
#include "database/assertion.h"
#include "notify/hook.h"

/* What was repeated in a file is a list of the job's own. */
static void
free_lists(struct options *options)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		struct texts *texts = option_value_field(o, options);

		if (o->kind != OPTION_TEXTS || o->sections == 0 ||
		    options->given[o - option_table])
			continue;
		free(texts->list);
		*texts = (struct texts){ .list = NULL };
	}
}

static void
free_lists_auto(struct options *options)
{
	free_lists(options);
}

/* `base` keeps the lists that it has. */
static struct options
options_for_job(const struct options *base)
{
	struct options options = *base;

	for (const struct option *o = option_table; o->name != NULL; o++) {
		if (o->kind == OPTION_TEXTS && o->sections != 0 &&
		    !base->given[o - option_table])
			*(struct texts *)option_value_field(o, &options) =
			    (struct texts){ .list = NULL };
	}
	return options;
}

static void
check_values(const struct config *config, const struct config_section *section,
    struct faults *faults)
{
	AUTO(free_lists) struct options scratch = { .json = false };

	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];
		struct err err;

		if (key_value_read(config, option_table_key(value->key), value,
			&scratch, &err) < 0)
			faults_add(faults, &err);
	}
}

static void
check_config(const struct config *config, struct faults *faults)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct config_section *section = &config->sections[i];
		const char *path;
		struct err err;

		if (section->kind != CONFIG_REPOSITORY)
			check_values(config, section, faults);
		else if (key_value_url(section, &path, &err) < 0)
			faults_add(faults, &err);
	}
}

/* Of all keys: which variables a command reads is not what a job needs. */
static void
check_environment(const struct options *base, struct faults *faults)
{
	struct options scratch = { .json = false };
	struct err err;

	for (const struct option *o = option_table; o->name != NULL; o++) {
		if (o->sections != 0 && !base->given[o - option_table] &&
		    option_value_from_environment(o, &scratch, &err) < 0)
			faults_add(faults, &err);
	}
}

static int
fill_options(const struct origin_layers *layers, struct options *options,
    struct err *err)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		struct origin origin = origin_of(o, layers);

		if (o->sections == 0)
			continue;
		if (origin.kind == ORIGIN_ENVIRONMENT &&
		    option_value_from_environment(o, options, err) < 0)
			return -1;
		if (origin.kind == ORIGIN_FILE &&
		    origin_read_section(
			o, origin.section, layers->config, options, err) < 0)
			return -1;
	}
	return 0;
}

static int
lacks(const struct job *job, const char *key, const char *example,
    struct err *err)
{
	(void)err_set(err, ERR_USAGE, 0, "%s:%u: the job '%s' has no %s",
	    job->section->file, job->section->line, job->name, key);
	return err_hint(err, "as in: %s = %s", key, example);
}

/* A shell splits its line itself. */
static int
check_hooks(const struct origin_layers *layers, const struct job *job,
    const char *key, struct err *err)
{
	const struct origin origin = origin_of(option_table_key(key), layers);

	if (origin.kind != ORIGIN_FILE || job->options.hook_shell)
		return 0;
	for (size_t i = 0; i < origin.section->count; i++) {
		const struct config_value *value = &origin.section->values[i];

		if (strcmp(value->key, key) != 0 ||
		    hook_line_check(value->text, err) == 0)
			continue;
		(void)err_within(err, "%s", key);
		return config_blame(value, err);
	}
	return 0;
}

/* Prune deletes only what a proven backup makes dispensable. */
static int
check_prune(const struct job *job, struct err *err)
{
	if (job->options.prove != PROVE_NONE ||
	    !prune_policy_given(&job->options))
		return 0;
	(void)err_set(err, ERR_USAGE, 0,
	    "with verify = none nothing may be pruned, and keep-... asks for "
	    "it");
	return err_hint(err,
	    "say verify = stored or verify = restore, or leave keep-... out");
}

/* As a drill would find out, in the night after a backup that went well. */
static int
check_assertions(const struct job *job, struct err *err)
{
	const struct texts *databases = &job->options.databases;
	const struct config_section *section = job->section;

	if (!job_is_one_set(&job->options) || databases->count < 2)
		return 0;
	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];
		const char *first = databases->list[0];
		struct assertion assertion;

		if (strcmp(value->key, "check-sql") != 0 ||
		    assertion_parse(value->text, &assertion, err) < 0 ||
		    assertion.database_len > 0)
			continue;
		(void)err_set(err, ERR_USAGE, 0,
		    "check-sql: '%s' does not say which database of the set "
		    "it is about",
		    value->text);
		(void)err_hint(err,
		    "put the database's name before it: '%s: %s'",
		    pattern_is_one(first) ? "NAME" : file_last_part(first),
		    value->text);
		return config_blame(value, err);
	}
	return 0;
}

static int
check_several(const struct job *job, struct err *err)
{
	if (job->options.several != JOB_SEVERAL_EACH ||
	    job->options.set == NULL)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	    "set = %s names one set, and several = each makes each database "
	    "its own",
	    job->options.set);
}

static int
check_job(
    const struct origin_layers *layers, const struct job *job, struct err *err)
{
	const struct options *options = &job->options;

	if (options->databases.count == 0)
		return lacks(job, "database", "/srv/app/app.db", err);
	if (options->repository == NULL)
		return lacks(job, "repository", "/srv/backups", err);
	if (check_hooks(layers, job, "before", err) < 0 ||
	    check_hooks(layers, job, "after", err) < 0 ||
	    check_hooks(layers, job, "on-failure", err) < 0 ||
	    check_assertions(job, err) < 0)
		return -1;
	if (check_several(job, err) < 0 || check_prune(job, err) < 0 ||
	    backup_request_check_checkpoint(options, err) < 0) {
		spell_keys(err);
		return err_within(err, "%s:%u: the job '%s'",
		    job->section->file, job->section->line, job->name);
	}
	return 0;
}

static int
make_job(struct jobs *jobs, const struct options *base,
    const struct config_section *section, struct err *err)
{
	const struct origin_layers layers =
	    origin_layers_of(base, &jobs->config, section);
	struct job *job = &jobs->list[jobs->count++];

	*job = (struct job){
		.name = section->name,
		.section = section,
		.options = options_for_job(base),
	};
	if (fill_options(&layers, &job->options, err) < 0)
		return -1;
	if (job->options.several == JOB_SEVERAL_SET && job->options.set == NULL)
		job->options.set = job->name;
	return check_job(&layers, job, err);
}

/*
 * When something was wrong before, a job would only say it again, or lack what
 * stands there under a misspelled name.
 */
static void
make_jobs(struct jobs *jobs, const struct options *base, struct faults *faults)
{
	const struct config *config = &jobs->config;
	bool sound = faults->all == 0;
	struct err err;

	for (size_t i = 0; i < config->count; i++) {
		if (config->sections[i].kind == CONFIG_JOB &&
		    make_job(jobs, base, &config->sections[i], &err) < 0 &&
		    sound)
			faults_add(faults, &err);
	}
}

int
jobs_survey(const struct options *base, struct jobs *ret_jobs,
    struct faults *faults, struct err *err)
{
	AUTO(jobs) struct jobs jobs = { .config = CONFIG_NONE };
	const struct config *config = &jobs.config;

	if (configuration_survey(base, &jobs.config, faults, err) < 0)
		return -1;
	jobs.list = calloc(config->count + 1, sizeof(*jobs.list));
	if (jobs.list == NULL)
		return err_system(err, "read the jobs");
	check_environment(base, faults);
	check_config(config, faults);
	make_jobs(&jobs, base, faults);
	*ret_jobs = jobs;
	jobs = (struct jobs){ .config = CONFIG_NONE };
	return 0;
}

int
jobs_read(const struct options *base, struct jobs *ret_jobs, struct err *err)
{
	AUTO(faults) struct faults faults = FAULTS_NONE;
	AUTO(jobs) struct jobs jobs = { .config = CONFIG_NONE };

	if (jobs_survey(base, &jobs, &faults, err) < 0 ||
	    faults_first(&faults, err) < 0)
		return -1;
	*ret_jobs = jobs;
	jobs = (struct jobs){ .config = CONFIG_NONE };
	return 0;
}

void
jobs_done(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->count; i++)
		free_lists(&jobs->list[i].options);
	free(jobs->list);
	config_done(&jobs->config);
	*jobs = (struct jobs){ .config = CONFIG_NONE };
}

void
jobs_auto(struct jobs *jobs)
{
	jobs_done(jobs);
}

bool
job_is_one_set(const struct options *options)
{
	return options->several == JOB_SEVERAL_SET ||
	       (options->several == JOB_SEVERAL_AUTO && options->set != NULL);
}

int
jobs_find(const struct jobs *jobs, const char *name, const struct job **ret_job,
    struct err *err)
{
	struct nearest nearest = NEAREST_TO(name);

	for (size_t i = 0; i < jobs->count; i++) {
		nearest_offer(&nearest, jobs->list[i].name);
		if (strcmp(jobs->list[i].name, name) == 0) {
			*ret_job = &jobs->list[i];
			return 0;
		}
	}
	(void)err_set(err, ERR_USAGE, 0, "there is no job '%s'", name);
	if (nearest.name != NULL)
		return err_hint(err, "did you mean '%s'?", nearest.name);
	return err_hint(err,
	    "the jobs are shown by: litesafe config show -c %s",
	    jobs->config.file_count == 0
		? "FILE"
		: quote_word(jobs->config.files[0], "FILE").text);
}
