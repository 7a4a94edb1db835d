/* The keys, their manual and the example tell the same story. */
#include "command/configuration.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

static const char manual[] = "packaging/man/litesafe.conf.5";
static const char example[] = "packaging/litesafe.conf";

static void
for_each_line(
    const char *path, void (*each)(const char *line, void *ctx), void *ctx)
{
	FILE *f = fopen(path, "r");
	AUTO(free) char *line = NULL;
	size_t size = 0;

	cr_assert(f != NULL, "run from the root of the tree: %s", path);
	while (getline(&line, &size, f) > 0)
		each(line, ctx);
	(void)fclose(f);
}

struct count {
	const char *key;
	unsigned found;
	char line[300]; /* the last */
};

/* ".It Cm KEY No = ..." */
static void
count_item(const char *line, void *ctx)
{
	struct count *count = ctx;
	char key[64];

	if (sscanf(line, ".It Cm %63s No = ", key) == 1 &&
	    strstr(line, " No = ") != NULL && strcmp(key, count->key) == 0) {
		count->found++;
		(void)snprintf(count->line, sizeof(count->line), "%s", line);
	}
}

/* "#KEY = ..." */
static void
count_example(const char *line, void *ctx)
{
	struct count *count = ctx;
	size_t len = strlen(count->key);

	if (line[0] == '#' && strncmp(line + 1, count->key, len) == 0 &&
	    strncmp(line + 1 + len, " = ", 3) == 0)
		count->found++;
}

static void
expect_known(const char *line, void *ctx)
{
	const struct config_key *keys = ctx;
	char name[64];

	if (strstr(line, " No = ") == NULL ||
	    sscanf(line, ".It Cm %63s No = ", name) != 1)
		return;
	for (; keys->name != NULL; keys++) {
		if (strcmp(keys->name, name) == 0)
			return;
	}
	cr_expect_fail("the manual has '%s', which is no key", name);
}

Test(configuration, a_key_is_one_row_and_can_stand_somewhere)
{
	struct config_key keys[CONFIGURATION_KEYS_MAX];
	size_t count = 0;

	configuration_keys(keys);
	for (const struct config_key *a = keys; a->name != NULL; a++, count++) {
		cr_expect_neq(a->sections, 0);
		for (const struct config_key *b = a + 1; b->name != NULL; b++)
			cr_expect_str_neq(a->name, b->name);
	}
	cr_expect_gt(count, 50);
}

Test(configuration, every_key_is_in_the_manual_exactly_once)
{
	struct config_key keys[CONFIGURATION_KEYS_MAX];

	configuration_keys(keys);
	for (const struct config_key *key = keys; key->name != NULL; key++) {
		struct count count = { .key = key->name };

		for_each_line(manual, count_item, &count);
		cr_expect_eq(
		    count.found, 1, "%s: %u times", key->name, count.found);
	}
	for_each_line(manual, expect_known, keys);
}

Test(configuration, every_choice_is_in_the_manual)
{
	for (const struct option *o = option_table; o->name != NULL; o++) {
		struct count count = { .key = o->name };
		char item[300], choices[100];
		size_t len;

		if (o->sections == 0 || o->choices == NULL)
			continue;
		for_each_line(manual, count_item, &count);
		len = (size_t)snprintf(
		    item, sizeof(item), ".It Cm %s No = ", o->name);
		(void)snprintf(choices, sizeof(choices), "%s", o->choices);
		for (char *c = strtok(choices, "|"); c != NULL;) {
			len += (size_t)snprintf(
			    item + len, sizeof(item) - len, "Cm %s", c);
			c = strtok(NULL, "|");
			len += (size_t)snprintf(item + len, sizeof(item) - len,
			    "%s", c == NULL ? "\n" : " Ns | Ns ");
		}
		cr_expect_str_eq(count.line, item);
	}
}

Test(configuration, every_key_is_in_the_example_exactly_once)
{
	struct config_key keys[CONFIGURATION_KEYS_MAX];

	configuration_keys(keys);
	for (const struct config_key *key = keys; key->name != NULL; key++) {
		struct count count = { .key = key->name };

		for_each_line(example, count_example, &count);
		cr_expect_eq(
		    count.found, 1, "%s: %u times", key->name, count.found);
	}
}

Test(configuration, which_file)
{
	struct options options = { .json = false };

	cr_expect_str_eq(configuration_path(&options), CONFIGURATION_DEFAULT);
	options.config = "x.conf";
	cr_expect_str_eq(configuration_path(&options), "x.conf");
	options.no_config = true;
	cr_expect_null(configuration_path(&options));
}
