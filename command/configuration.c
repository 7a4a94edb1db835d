/*
 * The keys come from the table of options, so that there is no key of which
 * nothing else knows.
 */
#include "command/configuration.h"

#include <stddef.h>

void
configuration_keys(struct config_key ret_keys[CONFIGURATION_KEYS_MAX])
{
	size_t count = 0;

	for (const struct option *o = option_table; o->name != NULL; o++) {
		if (o->sections != 0)
			ret_keys[count++] = (struct config_key){
				.name = o->name,
				.sections = o->sections,
				.repeats = o->kind == OPTION_TEXTS,
				.secret = o->secret,
			};
	}
	ret_keys[count++] = (struct config_key){
		.name = CONFIGURATION_URL,
		.sections = CONFIG_REPOSITORY,
	};
	ret_keys[count] = (struct config_key){ .name = NULL };
}

const char *
configuration_path(const struct options *options)
{
	if (options->no_config)
		return NULL;
	return options->config == NULL ? CONFIGURATION_DEFAULT
				       : options->config;
}

int
configuration_survey(const struct options *options, struct config *ret_config,
    struct faults *faults, struct err *err)
{
	const char *path = configuration_path(options);
	struct config_key keys[CONFIGURATION_KEYS_MAX];

	if (path == NULL) {
		(void)err_set(err, ERR_ABSENT, 0,
		    "there is no configuration: --no-config");
		return err_hint(err,
		    "leave --no-config out: what is to be done stands there");
	}
	configuration_keys(keys);
	if (config_survey(path, keys, ret_config, faults, err) == 0)
		return 0;
	if (err->kind != ERR_ABSENT)
		return -1;
	if (options->config == NULL) {
		(void)err_set(
		    err, ERR_ABSENT, 0, "there is no configuration '%s'", path);
		return err_hint(err,
		    "-c FILE names another one; litesafe.conf(5) tells what "
		    "it is made of, and that conf.d is read beside it only");
	}
	(void)err_set(
	    err, ERR_USAGE, 0, "there is no configuration '%s'", path);
	return err_hint(err,
	    "it was named by -c or LITESAFE_CONFIG; --no-config goes without "
	    "any");
}
