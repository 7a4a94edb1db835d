/*
 * All of the configuration is read, for a key that is not known may be one of
 * [global] in the wrong place; of its values only those that are used here.
 */
#include "command/options_file.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "command/command.h"
#include "command/configuration.h"
#include "command/origin.h"

/* `config` tells more about a broken one than the first error. */
static bool
reads(const struct command *command, const struct options *options)
{
	return command != NULL && !options->help && !options->version &&
	       (command->bit & (FOR_CONFIG | FOR_OTHERS)) == 0 &&
	       configuration_path(options) != NULL;
}

static int
survey(
    const struct options *options, struct config *ret_config, struct err *err)
{
	AUTO(faults) struct faults faults = FAULTS_NONE;
	bool named = options->config != NULL;

	if (configuration_survey(options, ret_config, &faults, err) < 0)
		return !named &&
			       (err->kind == ERR_ABSENT || err->code == EACCES)
			   ? 0
			   : -1;
	return faults_first(&faults, err);
}

static int
fill(const struct command *command, const struct config *config,
    struct options *options, struct err *err)
{
	const struct origin_layers layers =
	    origin_layers_of(options, config, NULL);

	for (const struct option *o = option_table; o->name != NULL; o++) {
		struct origin origin = origin_of(o, &layers);

		if ((o->commands & command->bit) != 0 &&
		    origin.kind == ORIGIN_FILE &&
		    origin_read_section(
			o, origin.section, config, options, err) < 0)
			return -1;
	}
	return 0;
}

/* Nobody asked for this file now, so nobody may know how to go without it. */
static int
hint_at_way_out(struct err *err)
{
	char hint[sizeof(err->hint)];

	memcpy(hint, err->hint, sizeof(hint));
	return err_hint(err,
	    "%s%s--no-config goes without the configuration; 'litesafe config "
	    "check' tells all that is wrong with it",
	    hint, hint[0] == '\0' ? "" : "; ");
}

int
options_file_read(const struct command *command, struct options *options,
    struct config *ret_config, struct err *err)
{
	*ret_config = (struct config)CONFIG_NONE;
	if (!reads(command, options))
		return 0;
	if (survey(options, ret_config, err) == 0 &&
	    fill(command, ret_config, options, err) == 0)
		return 0;
	return options->config == NULL ? hint_at_way_out(err) : -1;
}
