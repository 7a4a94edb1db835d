/*
 * What was read: found again, and given back.
 */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

const struct config_section *
config_find(const struct config *config, unsigned kind, const char *name)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct config_section *section = &config->sections[i];

		if (section->kind == kind && strcmp(section->name, name) == 0)
			return section;
	}
	return NULL;
}

const struct config_value *
config_get(const struct config_section *section, const char *key)
{
	for (size_t i = section->count; i > 0; i--) {
		if (strcmp(section->values[i - 1].key, key) == 0)
			return &section->values[i - 1];
	}
	return NULL;
}

int
config_blame(const struct config_value *value, struct err *err)
{
	return err_within(err, "%s:%u", value->file, value->line);
}

/* The names are known, so a ':' in one of them is no riddle. */
const char *
config_blamed(
    const struct config *config, const struct err *err, unsigned *ret_line)
{
	for (size_t i = 0; i < config->file_count; i++) {
		size_t len = strlen(config->files[i]);
		int end = 0;

		if (strncmp(err->text, config->files[i], len) == 0 &&
		    sscanf(err->text + len, ":%u: %n", ret_line, &end) == 1 &&
		    end > 0)
			return config->files[i];
	}
	return NULL;
}

static void
section_done(struct config_section *section)
{
	for (size_t i = 0; i < section->count; i++) {
		free(section->values[i].key);
		/* Any of them may be one. */
		secret_free(section->values[i].text);
	}
	free(section->values);
	free(section->name);
}

void
config_done(struct config *config)
{
	for (size_t i = 0; i < config->count; i++)
		section_done(&config->sections[i]);
	free(config->sections);
	for (size_t i = 0; i < config->file_count; i++)
		free(config->files[i]);
	free(config->files);
	*config = (struct config)CONFIG_NONE;
}

void
config_auto(struct config *config)
{
	config_done(config);
}
