/*
 * First the lines of a section are found, then they are shown: the column of
 * their origins is as wide as the longest of them.
 */
#include "command/config_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "command/configuration.h"
#include "command/json.h"
#include "command/key_value.h"
#include "command/option_value.h"
#include "command/origin.h"

/* One key with one value. */
struct config_line {
	const char *key;
	const char *text; /* NULL: not set */
	bool hidden;
	enum origin_kind origin;
	const char *file, *variable; /* NULL: not from there */
	unsigned line;
	char *place; /* the origin as text */
};

struct config_lines {
	struct config_line *list;
	size_t count;
	int width; /* of the longest place */
};

static void
config_lines_auto(struct config_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->list[i].place);
	free(lines->list);
}

static int
place_of(const struct config_line *line, char **ret_place)
{
	switch (line->origin) {
	case ORIGIN_FILE:
		return asprintf(ret_place, "%s:%u", line->file, line->line);
	case ORIGIN_ENVIRONMENT:
		return asprintf(ret_place, "%s", line->variable);
	case ORIGIN_COMMAND_LINE:
		return asprintf(ret_place, "command line");
	case ORIGIN_DEFAULT:
		break;
	}
	return asprintf(ret_place, "default");
}

static int
add_line(
    struct config_lines *lines, const struct config_line *line, struct err *err)
{
	struct config_line *list =
	    reallocarray(lines->list, lines->count + 1, sizeof(*list));

	if (list == NULL)
		return err_system(err, "show the configuration");
	lines->list = list;
	list[lines->count] = *line;
	int width = place_of(line, &list[lines->count].place);
	if (width < 0)
		return err_system(err, "show the configuration");
	lines->count++;
	if (width > lines->width)
		lines->width = width;
	return 0;
}

static int
add_from_file(struct config_lines *lines, const struct option *option,
    const struct config_section *section, const struct options *options,
    struct err *err)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];
		const char *text = value->text;

		if (strcmp(value->key, option->name) != 0)
			continue;
		if (option->field == offsetof(struct options, repository))
			text = options->repository;
		if (add_line(lines,
			&(struct config_line){ .key = option->name,
			    .text = text,
			    .hidden = option->secret,
			    .origin = ORIGIN_FILE,
			    .file = value->file,
			    .line = value->line },
			err) < 0)
			return -1;
	}
	return 0;
}

/* What is not in a file, as it would be typed. */
static const char *
text_elsewhere(const struct option *option, enum origin_kind origin,
    const struct options *options)
{
	if (origin == ORIGIN_ENVIRONMENT)
		return option_value_environment(option);
	if (option->kind == OPTION_FLAG)
		return origin == ORIGIN_COMMAND_LINE ? "yes" : "no";
	if (origin == ORIGIN_COMMAND_LINE && option->kind == OPTION_TEXT)
		return *(
		    const char *const *)((const char *)options + option->field);
	return option->fallback;
}

static int
collect(struct config_lines *lines, const struct origin_layers *layers,
    const struct options *options, struct err *err)
{
	unsigned kind = layers->job == NULL ? CONFIG_GLOBAL : CONFIG_JOB;

	for (const struct option *o = option_table; o->name != NULL; o++) {
		struct origin origin = origin_of(o, layers);
		int rc;

		if ((o->sections & kind) == 0)
			continue;
		if (origin.kind == ORIGIN_FILE)
			rc = add_from_file(
			    lines, o, origin.section, options, err);
		else
			rc = add_line(lines,
			    &(struct config_line){ .key = o->name,
				.text = text_elsewhere(o, origin.kind, options),
				.origin = origin.kind,
				.variable = o->environment },
			    err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static void
say_section(struct session *session, const char *title,
    const struct config_lines *lines)
{
	struct say *say = &session->say;
	bool origin = session->options.origin;

	say_line(say, "%s", title);
	for (size_t i = 0; i < lines->count; i++) {
		const struct config_line *l = &lines->list[i];
		int width = origin ? lines->width + 2 : 0;
		const char *place = origin ? l->place : "";

		if (l->hidden)
			say_line(say, "%-*s; %s is set, and not shown", width,
			    place, l->key);
		else if (l->text == NULL)
			say_line(
			    say, "%-*s; %s is not set", width, place, l->key);
		else
			say_line(
			    say, "%-*s%s = %s", width, place, l->key, l->text);
	}
}

static void
put_line(struct json *json, const struct config_line *line)
{
	static const char *const origins[] = {
		[ORIGIN_DEFAULT] = "default",
		[ORIGIN_COMMAND_LINE] = "command line",
		[ORIGIN_ENVIRONMENT] = "environment",
		[ORIGIN_FILE] = "file",
	};

	json_open_object(json, NULL);
	json_put_text(json, "key", line->key);
	json_put_text(json, "value", line->hidden ? NULL : line->text);
	if (line->hidden)
		json_put_bool(json, "hidden", true);
	json_put_text(json, "origin", origins[line->origin]);
	if (line->origin == ORIGIN_FILE) {
		json_put_text(json, "file", line->file);
		json_put_size(json, "line", line->line);
	}
	if (line->origin == ORIGIN_ENVIRONMENT)
		json_put_text(json, "variable", line->variable);
	json_close(json);
}

static void
show_lines(struct session *session, const char *kind, const char *name,
    const struct config_lines *lines)
{
	char title[CONFIG_NAME_MAX + 20];
	struct json json;

	if (!session->say.json) {
		(void)snprintf(title, sizeof(title), "[%s%s%s]", kind,
		    name == NULL ? "" : " ", name == NULL ? "" : name);
		say_section(session, title, lines);
		return;
	}
	json_begin(&json, session->say.out);
	json_put_text(&json, "type", "section");
	json_put_text(&json, "section", kind);
	json_put_text(&json, "name", name);
	json_open_array(&json, "keys");
	for (size_t i = 0; i < lines->count; i++)
		put_line(&json, &lines->list[i]);
	json_end(&json);
}

static int
show_global(struct session *session, const struct jobs *jobs, struct err *err)
{
	AUTO(config_lines) struct config_lines lines = { .list = NULL };
	const struct origin_layers layers =
	    origin_layers_of(&session->options, &jobs->config, NULL);
	struct options options = session->options;
	const struct config_value *repository =
	    layers.global == NULL ? NULL
				  : config_get(layers.global, "repository");

	if (repository != NULL &&
	    key_value_read(&jobs->config, option_table_key("repository"),
		repository, &options, err) < 0)
		return -1;
	if (collect(&lines, &layers, &options, err) < 0)
		return -1;
	show_lines(session, "global", NULL, &lines);
	return 0;
}

static int
show_repository(struct session *session, const struct config_section *section,
    struct err *err)
{
	AUTO(config_lines) struct config_lines lines = { .list = NULL };
	const struct config_value *url = config_get(section, CONFIGURATION_URL);

	if (add_line(&lines,
		&(struct config_line){ .key = CONFIGURATION_URL,
		    .text = url->text,
		    .origin = ORIGIN_FILE,
		    .file = url->file,
		    .line = url->line },
		err) < 0)
		return -1;
	show_lines(session, "repository", section->name, &lines);
	return 0;
}

int
config_show_job(struct session *session, const struct jobs *jobs,
    const struct job *job, struct err *err)
{
	AUTO(config_lines) struct config_lines lines = { .list = NULL };
	const struct origin_layers layers =
	    origin_layers_of(&session->options, &jobs->config, job->section);

	if (collect(&lines, &layers, &job->options, err) < 0)
		return -1;
	show_lines(session, "job", job->name, &lines);
	return 0;
}

int
config_show_all(
    struct session *session, const struct jobs *jobs, struct err *err)
{
	const struct config *config = &jobs->config;

	for (size_t i = 0; i < config->file_count; i++)
		say_line(&session->say, "# %s", config->files[i]);
	if (show_global(session, jobs, err) < 0)
		return -1;
	for (size_t i = 0; i < config->count; i++) {
		if (config->sections[i].kind == CONFIG_REPOSITORY &&
		    show_repository(session, &config->sections[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < jobs->count; i++) {
		if (config_show_job(session, jobs, &jobs->list[i], err) < 0)
			return -1;
	}
	return 0;
}
