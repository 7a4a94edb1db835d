/*
 * One question, asked in one order, for jobs, for commands and for who shows it.
 */
#include "command/origin.h"

#include <stddef.h>
#include <string.h>

#include "command/key_value.h"
#include "command/option_value.h"

struct origin_layers
origin_layers_of(const struct options *line, const struct config *config,
    const struct config_section *job)
{
	return (struct origin_layers){
		.line = line,
		.config = config,
		.job = job,
		.global = config_find(config, CONFIG_GLOBAL, ""),
	};
}

static const struct config_section *
section_with(const struct option *option, const struct origin_layers *layers)
{
	if (layers->job != NULL &&
	    config_get(layers->job, option->name) != NULL)
		return layers->job;
	if (layers->global != NULL &&
	    config_get(layers->global, option->name) != NULL)
		return layers->global;
	return NULL;
}

struct origin
origin_of(const struct option *option, const struct origin_layers *layers)
{
	const struct config_section *section =
	    option->sections == 0 ? NULL : section_with(option, layers);
	bool file_first = layers->job != NULL && section != NULL &&
			  option->field == offsetof(struct options, repository);

	if (layers->line->given[option - option_table])
		return (struct origin){ .kind = ORIGIN_COMMAND_LINE };
	if (option_value_environment(option) != NULL && !file_first)
		return (struct origin){ .kind = ORIGIN_ENVIRONMENT };
	if (section != NULL)
		return (struct origin){
			.kind = ORIGIN_FILE,
			.section = section,
		};
	return (struct origin){ .kind = ORIGIN_DEFAULT };
}

int
origin_read_section(const struct option *option,
    const struct config_section *section, const struct config *config,
    struct options *options, struct err *err)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];

		if (strcmp(value->key, option->name) == 0 &&
		    key_value_read(config, option, value, options, err) < 0)
			return -1;
	}
	return 0;
}
