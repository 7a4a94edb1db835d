/*
 * A file of the configuration, with any bytes.  What is read from it, written
 * down and read again, must be the same: then nothing of a value was cut, and
 * no value was taken for anything else.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/ini.h"
#include "config/sections.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct config_key keys[] = {
	{ "level", CONFIG_GLOBAL | CONFIG_JOB, false, false },
	{ "database", CONFIG_JOB, true, false },
	{ "url", CONFIG_REPOSITORY, false, false },
	{ .name = NULL },
};

static void
read_bytes(const char *text, size_t bytes, struct config *ret_config,
    struct faults *faults)
{
	struct sections_filler filler = {
		.config = ret_config,
		.keys = keys,
		.file = "x.conf",
		.section = SIZE_MAX,
	};
	struct err err;

	if (ini_read(text, bytes, "x.conf", sections_take, &filler, faults,
		&err) < 0)
		abort();
	for (size_t i = 0; i < faults->count; i++) {
		if (strncmp(faults->list[i].text, "x.conf:", 7) != 0)
			abort();
	}
}

static char *
written(const struct config *config, size_t *ret_bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_bytes);

	if (out == NULL)
		abort();
	for (size_t i = 0; i < config->count; i++) {
		const struct config_section *s = &config->sections[i];

		(void)fprintf(out, "[%s%s]\n",
		    s->kind == CONFIG_GLOBAL ? "global"
		    : s->kind == CONFIG_JOB  ? "job "
					     : "repository ",
		    s->name);
		for (size_t j = 0; j < s->count; j++)
			(void)fprintf(out, "%s=%s\n", s->values[j].key,
			    s->values[j].text);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config first = CONFIG_NONE, second = CONFIG_NONE;
	struct faults faults = FAULTS_NONE;
	size_t len = 0, again_len = 0;

	read_bytes((const char *)data, size, &first, &faults);
	faults_done(&faults);
	char *text = written(&first, &len);
	read_bytes(text, len, &second, &faults);
	char *again = written(&second, &again_len);
	if (faults.all > 0 || len != again_len || memcmp(text, again, len) != 0)
		abort();
	faults_done(&faults);
	config_done(&first);
	config_done(&second);
	free(text);
	free(again);
	return 0;
}
