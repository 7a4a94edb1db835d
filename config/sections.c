/*
 * After a section that is not known its keys are passed over: one slip is one
 * fault.
 */
#include "config/sections.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/nearest.h"
#include "base/secret.h"

static const struct kind {
	unsigned bit;
	const char *word;
	const char *usage;
} kinds[] = {
	{ CONFIG_GLOBAL, "global", "[global]" },
	{ CONFIG_REPOSITORY, "repository", "[repository NAME]" },
	{ CONFIG_JOB, "job", "[job NAME]" },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const char *
usage_of(unsigned sections)
{
	for (size_t i = 0; i < KINDS; i++) {
		if ((sections & kinds[i].bit) != 0)
			return kinds[i].usage;
	}
	return "";
}

static const struct kind *
kind_named(const char *word, size_t len, struct err *err)
{
	char typed[INI_WORD_MAX + 1];
	struct nearest nearest = NEAREST_TO(typed);

	memcpy(typed, word, len);
	typed[len] = '\0';
	for (size_t i = 0; i < KINDS; i++) {
		nearest_offer(&nearest, kinds[i].word);
		if (strcmp(kinds[i].word, typed) == 0)
			return &kinds[i];
	}
	(void)err_set(err, ERR_USAGE, 0, "unknown section '[%s]'", word);
	if (nearest.name != NULL)
		(void)err_hint(
		    err, "did you mean '[%s%s]'?", nearest.name, word + len);
	else
		(void)err_hint(err,
		    "sections are [global], [repository NAME] and [job NAME]");
	return NULL;
}

static bool
is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789";
	static const char others[] = "._-@";

	if (*text == '\0' || strchr(letters, *text) == NULL)
		return false;
	for (; *text != '\0'; text++) {
		if (strchr(letters, *text) == NULL &&
		    strchr(others, *text) == NULL)
			return false;
	}
	return true;
}

static int
check_name(const struct kind *kind, const char *name, struct err *err)
{
	bool wanted = kind->bit != CONFIG_GLOBAL;

	if (!wanted && name[0] == '\0')
		return 0;
	if (!wanted)
		return err_set(
		    err, ERR_USAGE, 0, "the section [global] has no name");
	if (name[0] == '\0') {
		(void)err_set(err, ERR_USAGE, 0,
		    "the section [%s] needs a name", kind->word);
		return err_hint(err, "as in %s", kind->usage);
	}
	if (strlen(name) > CONFIG_NAME_MAX)
		return err_set(err, ERR_USAGE, 0,
		    "the name '%s' has more than %d bytes", name,
		    CONFIG_NAME_MAX);
	if (is_name(name))
		return 0;
	(void)err_set(err, ERR_USAGE, 0, "'%s' cannot be the name of a %s",
	    name, kind->word);
	return err_hint(err,
	    "names are of letters, digits and ._-@, and begin with a letter or "
	    "a digit");
}

static int
add_section(struct config *config, const struct config_section *section,
    struct err *err)
{
	if (config->count == CONFIG_SECTIONS_MAX)
		return err_set(err, ERR_USAGE, 0, "more than %d sections",
		    CONFIG_SECTIONS_MAX);
	if (config->count == config->room) {
		size_t room = config->room == 0 ? 16 : config->room * 2;
		struct config_section *list =
		    reallocarray(config->sections, room, sizeof(*list));
		if (list == NULL)
			return err_system(err, "keep a section");
		config->sections = list;
		config->room = room;
	}
	config->sections[config->count] = *section;
	config->sections[config->count].name = strdup(section->name);
	if (config->sections[config->count].name == NULL)
		return err_system(err, "keep a section");
	config->count++;
	return 0;
}

/* Finds it or adds it; the filler stands there afterwards. */
static int
begin_section(struct sections_filler *filler, const struct ini_entry *entry,
    struct err *err)
{
	struct config *config = filler->config;
	size_t len = strcspn(entry->section, " ");
	char *name = (char *)entry->section + len;

	filler->section = SIZE_MAX;
	const struct kind *kind = kind_named(entry->section, len, err);
	if (kind == NULL)
		return -1;
	name += strspn(name, " ");
	if (check_name(kind, name, err) < 0)
		return -1;
	const struct config_section *found =
	    config_find(config, kind->bit, name);
	if (found == NULL && add_section(config,
				 &(struct config_section){ .kind = kind->bit,
				     .name = name,
				     .file = filler->file,
				     .line = entry->line },
				 err) < 0)
		return -1;
	filler->section = found == NULL ? config->count - 1
					: (size_t)(found - config->sections);
	return 0;
}

static const struct config_key *
key_named(const struct config_key *keys, unsigned kind, const char *name,
    struct err *err)
{
	const struct config_key *elsewhere = NULL;
	struct nearest nearest = NEAREST_TO(name);

	for (const struct config_key *key = keys; key->name != NULL; key++) {
		bool same = strcmp(key->name, name) == 0;
		bool here = (key->sections & kind) != 0;

		if (same && here)
			return key;
		if (same)
			elsewhere = key;
		if (here)
			nearest_offer(&nearest, key->name);
	}
	if (elsewhere != NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "'%s' is no key of a section %s", name, usage_of(kind));
		(void)err_hint(
		    err, "it belongs in %s", usage_of(elsewhere->sections));
		return NULL;
	}
	(void)err_set(err, ERR_USAGE, 0, "unknown key '%s'", name);
	if (nearest.name == NULL)
		(void)err_hint(err, "litesafe.conf(5) lists the keys");
	else
		(void)err_hint(err, "did you mean '%s'?", nearest.name);
	return NULL;
}

/* Where the value of a key goes that is not repeated; NULL: to the end. */
static struct config_value *
value_of(struct config_section *section, const char *key)
{
	for (size_t i = 0; i < section->count; i++) {
		if (strcmp(section->values[i].key, key) == 0)
			return &section->values[i];
	}
	return NULL;
}

static struct config_value *
add_value(struct config_section *section, const char *key)
{
	if (section->count == section->room) {
		size_t room = section->room == 0 ? 8 : section->room * 2;
		struct config_value *list =
		    reallocarray(section->values, room, sizeof(*list));
		if (list == NULL)
			return NULL;
		section->values = list;
		section->room = room;
	}
	struct config_value *value = &section->values[section->count];
	*value = (struct config_value){ .key = strdup(key) };
	if (value->key == NULL)
		return NULL;
	section->count++;
	return value;
}

static int
take_value(struct sections_filler *filler, const struct ini_entry *entry,
    struct err *err)
{
	struct config_section *section =
	    &filler->config->sections[filler->section];
	const struct config_key *key =
	    key_named(filler->keys, section->kind, entry->key, err);

	if (key == NULL)
		return -1;
	struct config_value *value =
	    key->repeats ? NULL : value_of(section, key->name);
	if (value != NULL && value->file == filler->file)
		return err_set(err, ERR_USAGE, 0,
		    "'%s' is given a second time; the first is in line %u",
		    key->name, value->line);
	/* Not before: without a secret a process stays open to debuggers. */
	if (key->secret)
		secret_guard();
	AUTO(free) char *text = strdup(entry->value);
	if (text != NULL && value == NULL)
		value = add_value(section, key->name);
	if (text == NULL || value == NULL)
		return err_system(err, "keep the value of '%s'", key->name);
	secret_free(value->text);
	value->text = take_ptr(&text);
	value->file = filler->file;
	value->line = entry->line;
	return 0;
}

int
sections_take(void *user, const struct ini_entry *entry, struct err *err)
{
	struct sections_filler *filler = user;

	if (entry->key == NULL)
		return begin_section(filler, entry, err);
	if (entry->section[0] == '\0') {
		(void)err_set(err, ERR_USAGE, 0,
		    "'%s' stands before the first section", entry->key);
		return err_hint(err,
		    "begin with [global], for what holds for all jobs, or with "
		    "[job NAME]");
	}
	return filler->section == SIZE_MAX ? 0 : take_value(filler, entry, err);
}
