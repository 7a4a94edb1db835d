/*
 * A repository is told once, where it is met first, however many jobs use it.
 */
#include "command/config_notes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/pattern.h"
#include "command/configuration.h"
#include "command/json.h"
#include "command/key_value.h"
#include "repository/repository.h"

struct notes {
	struct session *session;
	const struct config *config;
	const char **repositories; /* that were looked at */
	size_t count;
};

static void
notes_auto(struct notes *notes)
{
	free(notes->repositories);
}

static void
tell(const struct notes *notes, const char *file, unsigned line,
    const struct err *note)
{
	struct say *say = &notes->session->say;
	bool hint = note->hint[0] != '\0';
	struct json json;

	say_line(say, "  note: %s:%u: %s%s%s", file, line, note->text,
	    hint ? "; " : "", note->hint);
	if (!say->json)
		return;
	json_begin(&json, say->out);
	json_put_text(&json, "type", "note");
	json_put_text(&json, "file", file);
	json_put_size(&json, "line", line);
	json_put_text(&json, "text", note->text);
	json_put_text(&json, "hint", hint ? note->hint : NULL);
	json_end(&json);
}

static bool
was_looked_at(struct notes *notes, const char *path)
{
	for (size_t i = 0; i < notes->count; i++)
		if (strcmp(notes->repositories[i], path) == 0)
			return true;
	notes->repositories[notes->count++] = path;
	return false;
}

static void
look_at_repository(
    struct notes *notes, const char *path, const char *file, unsigned line)
{
	struct repository repository;
	struct err note;

	if (path != NULL && !was_looked_at(notes, path) &&
	    repository_open(path, &repository, &note) < 0)
		tell(notes, file, line, &note);
}

/* A section names one at most; the values were found right before. */
static void
look_at_section(struct notes *notes, const struct config_section *section)
{
	bool named = section->kind == CONFIG_REPOSITORY;
	const struct config_value *value =
	    config_get(section, named ? CONFIGURATION_URL : "repository");
	struct options options = { .repository = NULL };
	struct err ignored;

	if (value == NULL)
		return;
	if (named)
		(void)key_value_url(section, &options.repository, &ignored);
	else
		(void)key_value_read(notes->config,
		    option_table_key("repository"), value, &options, &ignored);
	look_at_repository(notes, options.repository, value->file, value->line);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* It is not opened, since that would make it. */
static void
look_at_log(const struct notes *notes, const struct config_section *section)
{
	const struct config_value *value = config_get(section, "log-file");
	AUTO(free) char *folder = NULL;
	struct err note;

	if (value == NULL || file_folder_of(value->text, &folder, &note) < 0)
		return;
	if (is_folder(value->text))
		(void)err_set(&note, ERR_ABSENT, 0, "the log '%s' is a folder",
		    value->text);
	else if (!is_folder(folder))
		(void)err_set(&note, ERR_ABSENT, 0,
		    "there is no folder '%s' for the log", folder);
	else
		return;
	(void)err_hint(
	    &note, "a run does its work without a log, and fails at its end");
	tell(notes, value->file, value->line, &note);
}

/* What is looked for behind a pattern; pattern_visitor. */
struct search {
	bool recursive, found;
};

static int
match(void *ctx, const char *path, struct err *err)
{
	struct search *search = ctx;
	struct stat st;

	(void)err;
	search->found = search->found ||
			(stat(path, &st) == 0 &&
			    (S_ISREG(st.st_mode) ||
				(S_ISDIR(st.st_mode) && search->recursive)));
	return 0;
}

static int
cannot_look(const char *path, int reason, struct err *err)
{
	(void)err_set(err, ERR_INPUT, reason, "'%s' cannot be looked at: %s",
	    path, strerror(reason));
	if (reason != EACCES)
		return -1;
	return err_hint(
	    err, "a run needs a user who may: check as the one who runs it");
}

static int
fault(void *ctx, const char *path, int reason, struct err *err)
{
	(void)ctx;
	return cannot_look(path, reason, err);
}

static int
check_pattern(const struct job *job, const char *pattern, struct err *err)
{
	struct search search = { .recursive = job->options.recursive };
	const struct pattern_visitor visitor = {
		.match = match,
		.fault = fault,
		.ctx = &search,
	};

	if (pattern_expand(pattern, &visitor, err) < 0)
		return -1;
	if (search.found)
		return 0;
	(void)err_set(err, ERR_ABSENT, 0, "no file matches '%s'", pattern);
	return err_hint(err, "the job '%s' fails until one does", job->name);
}

static int
check_database(const struct job *job, const char *path, struct err *err)
{
	struct stat st;

	bool there = stat(path, &st) == 0;
	int reason = there ? 0 : errno;
	if (there && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return 0;
	if (!there && pattern_is_one(path) && lstat(path, &st) < 0)
		return check_pattern(job, path, err);
	if (!there && reason != ENOENT && reason != ENOTDIR)
		return cannot_look(path, reason, err);
	(void)err_set(err, ERR_ABSENT, 0,
	    there ? "'%s' is neither a file nor a folder" : "there is no '%s'",
	    path);
	return err_hint(err, "the job '%s' fails until it is there", job->name);
}

static void
look_at_databases(const struct notes *notes, const struct job *job)
{
	const struct config_section *section = job->section;

	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];
		struct err note;

		if (strcmp(value->key, "database") == 0 &&
		    check_database(job, value->text, &note) < 0)
			tell(notes, value->file, value->line, &note);
	}
}

/* --- two databases that would be one set --------------------------------- */

/* A line `database = FILE`, and the set that it is; as backup_targets.h. */
struct claim {
	const struct job *job;
	const struct config_value *value;
	const char *set;
};

/* NULL: which sets it is, only a search tells, or it is a part of one. */
static const char *
set_of(const struct job *job, const char *path)
{
	const struct options *options = &job->options;
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (stat(path, &st) == 0 ? S_ISDIR(st.st_mode) : pattern_is_one(path))
		return NULL;
	if (job_is_one_set(options))
		return options->databases.count == 1 ? options->set : NULL;
	return slash == NULL ? path : slash + 1;
}

static bool
is_one_file(const char *one, const char *other)
{
	AUTO(free) char *real = realpath(one, NULL);
	AUTO(free) char *real_other = realpath(other, NULL);

	return strcmp(one, other) == 0 || (real != NULL && real_other != NULL &&
					      strcmp(real, real_other) == 0);
}

static bool
are_one_set(const struct claim *one, const struct claim *other)
{
	const char *place = one->job->options.repository;
	const char *other_place = other->job->options.repository;

	return strcmp(one->set, other->set) == 0 && place != NULL &&
	       other_place != NULL && strcmp(place, other_place) == 0 &&
	       !is_one_file(one->value->text, other->value->text);
}

static void
tell_clash(const struct notes *notes, const struct claim *claim,
    const struct claim *before)
{
	struct err note;

	(void)err_set(&note, ERR_REFUSED, 0,
	    "'%s' and '%s' of the job '%s' would both be the set '%s'",
	    claim->value->text, before->value->text, before->job->name,
	    claim->set);
	(void)err_hint(&note,
	    "the job '%s' fails; give one of the two another name, in a job of "
	    "its own, as in: set = NAME",
	    claim->job->name);
	tell(notes, claim->value->file, claim->value->line, &note);
}

/* Adds the claims of a job to those before, and tells each that clashes. */
static void
claim_sets(const struct notes *notes, const struct job *job,
    struct claim *claims, size_t *count)
{
	const struct config_section *section = job->section;

	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];
		struct claim claim = { .job = job, .value = value };
		size_t other = 0;

		if (strcmp(value->key, "database") == 0)
			claim.set = set_of(job, value->text);
		if (claim.set == NULL)
			continue;
		while (other < *count && !are_one_set(&claim, &claims[other]))
			other++;
		if (other < *count)
			tell_clash(notes, &claim, &claims[other]);
		claims[(*count)++] = claim;
	}
}

static void
tell_no_job(const struct notes *notes)
{
	struct err note;

	(void)err_set(&note, ERR_ABSENT, 0, "there is no job, nor in conf.d");
	(void)err_hint(&note,
	    "'litesafe run' needs a section [job NAME] with a database and a "
	    "repository; see litesafe.conf(5)");
	tell(notes, notes->config->files[0], 1, &note);
}

static int
look_at_sets(
    const struct notes *notes, const struct jobs *jobs, struct err *err)
{
	size_t room = 1, count = 0;

	for (size_t i = 0; i < jobs->count; i++)
		room += jobs->list[i].section->count;
	AUTO(free) struct claim *claims = calloc(room, sizeof(*claims));
	if (claims == NULL)
		return err_system(err, "list the sets");
	for (size_t i = 0; i < jobs->count; i++)
		claim_sets(notes, &jobs->list[i], claims, &count);
	return 0;
}

int
config_notes_tell(
    struct session *session, const struct jobs *jobs, struct err *err)
{
	const struct config *config = &jobs->config;
	AUTO(notes)
	struct notes notes = {
		.session = session,
		.config = config,
		.repositories = calloc(
		    config->count + jobs->count + 1, sizeof(const char *)),
	};

	if (notes.repositories == NULL)
		return err_system(err, "list the repositories");
	for (size_t i = 0; i < config->count; i++) {
		look_at_section(&notes, &config->sections[i]);
		look_at_log(&notes, &config->sections[i]);
	}
	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];

		/* LITESAFE_REPOSITORY, where no section names one. */
		look_at_repository(&notes, job->options.repository,
		    job->section->file, job->section->line);
		look_at_databases(&notes, job);
	}
	if (jobs->count == 0)
		tell_no_job(&notes);
	return look_at_sets(&notes, jobs, err);
}
