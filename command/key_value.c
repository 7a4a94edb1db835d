/*
 * A message never repeats a value that may be a secret: those are texts, and of
 * a text it only says that it is empty.
 */
#include "command/key_value.h"

#include <stdbool.h>
#include <string.h>

#include "archive/name.h"
#include "base/nearest.h"
#include "command/configuration.h"
#include "command/option_value.h"
#include "database/assertion.h"
#include "notify/ping.h"

static const char file_scheme[] = "file://";

static int
check_absolute(const char *key, const char *path, struct err *err)
{
	if (path[0] == '/')
		return 0;
	(void)err_set(
	    err, ERR_USAGE, 0, "%s: '%s' does not begin with '/'", key, path);
	if (strchr("\"'", path[0]) != NULL)
		return err_hint(err,
		    "a value is all that stands behind the '=': leave the "
		    "quotes out");
	if (path[0] == '~')
		return err_hint(err, "write the home folder as it is: nothing "
				     "is put in for '~'");
	return err_hint(err,
	    "a path in the configuration must hold wherever the program is "
	    "started: write all of it, from '/' on");
}

/* A folder, as a path or as file:///PATH: what other URLs mean is not known. */
static int
folder_of(
    const char *key, const char *text, const char **ret_path, struct err *err)
{
	size_t scheme = sizeof(file_scheme) - 1;

	if (strncmp(text, file_scheme, scheme) == 0) {
		*ret_path = text + scheme;
		if ((*ret_path)[0] == '/' && strchr(*ret_path, '%') == NULL)
			return 0;
		(void)err_set(err, ERR_USAGE, 0,
		    "%s: '%s' is not a folder of this machine as file:///PATH",
		    key, text);
		return err_hint(err, "write the path alone, from '/' on");
	}
	if (strstr(text, "://") != NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "%s: a repository can only be a folder", key);
		return err_hint(err,
		    "write its path, or file:///PATH; one of another machine "
		    "can be mounted");
	}
	*ret_path = text;
	return check_absolute(key, text, err);
}

int
key_value_url(const struct config_section *repository, const char **ret_path,
    struct err *err)
{
	const struct config_value *url =
	    config_get(repository, CONFIGURATION_URL);

	if (url == NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "%s:%u: [repository %s] has no %s", repository->file,
		    repository->line, repository->name, CONFIGURATION_URL);
		return err_hint(
		    err, "as in: %s = /srv/backups", CONFIGURATION_URL);
	}
	if (folder_of(CONFIGURATION_URL, url->text, ret_path, err) < 0)
		return config_blame(url, err);
	return 0;
}

static int
no_repository(const struct config *config, const struct config_value *value,
    struct err *err)
{
	struct nearest nearest = NEAREST_TO(value->text);

	for (size_t i = 0; i < config->count; i++) {
		if (config->sections[i].kind == CONFIG_REPOSITORY)
			nearest_offer(&nearest, config->sections[i].name);
	}
	(void)err_set(err, ERR_USAGE, 0,
	    "repository: there is no section [repository %s]", value->text);
	if (nearest.name != NULL)
		(void)err_hint(err, "did you mean '%s'?", nearest.name);
	else
		(void)err_hint(err,
		    "a folder is named by its path, from '/' on; a NAME has a "
		    "section [repository NAME] with '%s ='",
		    CONFIGURATION_URL);
	return config_blame(value, err);
}

static int
find_repository(const struct config *config, const struct config_value *value,
    const char **ret_path, struct err *err)
{
	if (strchr(value->text, '/') != NULL) {
		if (folder_of(value->key, value->text, ret_path, err) < 0)
			return config_blame(value, err);
		return 0;
	}
	const struct config_section *section =
	    config_find(config, CONFIG_REPOSITORY, value->text);
	return section == NULL ? no_repository(config, value, err)
			       : key_value_url(section, ret_path, err);
}

/* As its value is called in the table. */
static bool
is_place(const struct option *option)
{
	static const char *const names[] = { "PATH", "FILE", "DIR" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (option->value != NULL &&
		    strcmp(option->value, names[i]) == 0)
			return true;
	}
	return false;
}

/* What the table of options cannot say of a value that is not empty. */
static int
check_meaning(const struct option *option, const char *key, const char *text,
    struct err *err)
{
	struct assertion ignored;

	if (is_place(option))
		return check_absolute(key, text, err);
	if (option->secret && ping_url_check(text, err) < 0)
		return err_within(err, "%s", key);
	if (option->field == offsetof(struct options, check_sql) &&
	    assertion_parse(text, &ignored, err) < 0)
		return err_within(err, "%s", key);
	if (option->field == offsetof(struct options, set) &&
	    name_check_set(text, err) < 0) {
		err->kind = ERR_USAGE;
		return err_within(err, "%s", key);
	}
	return 0;
}

int
key_value_read(const struct config *config, const struct option *option,
    const struct config_value *value, struct options *options, struct err *err)
{
	const char *text = value->text;
	bool empty = text[0] == '\0';

	if (option->field == offsetof(struct options, repository)) {
		if (!empty && find_repository(config, value, &text, err) < 0)
			return -1;
	} else if (!empty && check_meaning(option, value->key, text, err) < 0) {
		return config_blame(value, err);
	}
	if (option_value_read(
		option, text, option_value_field(option, options)) == 0)
		return 0;
	(void)option_value_refuse(option, value->key, text, err);
	return config_blame(value, err);
}
