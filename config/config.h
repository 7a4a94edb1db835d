/*
 * The configuration: the files, read, checked against the keys that there are,
 * and merged.  What a value means is not known here.
 *
 * In:  FILE, and the files FILE's folder/conf.d/NAME.conf in bytewise order of
 *      their names (not those that begin with a dot); lines as ini.h has them;
 *      "[global]", "[repository NAME]", "[job NAME]".
 * Out: each section once, whatever files it stands in, with the values of its
 *      keys in the order in which they were read, and where each was read.
 * Always true: a section and a key are among those that the caller names; the
 *      name of a job or a repository is of letters, digits and "._-@", begins
 *      with a letter or a digit, and has at most CONFIG_NAME_MAX bytes.  A key that
 *      may not be repeated has one value: the one of the file that was read
 *      last; twice in one section of one file is an error.
 * A file is trusted as trust.h says.  At most CONFIG_FILE_MAX bytes a file,
 * CONFIG_FILES_MAX files and CONFIG_SECTIONS_MAX sections.  One thread.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/faults.h"

/* Kinds of sections, as bits. */
enum {
	CONFIG_GLOBAL = 1 << 0,
	CONFIG_REPOSITORY = 1 << 1,
	CONFIG_JOB = 1 << 2,
};

enum {
	/* "repository " and it are INI_WORD_MAX bytes. */
	CONFIG_NAME_MAX = 38,
	CONFIG_FILES_MAX = 1000,
	CONFIG_FILE_MAX = 1 << 20,
	CONFIG_SECTIONS_MAX = 5000,
};

/* A key that there is. */
struct config_key {
	const char *name;
	unsigned sections; /* CONFIG_... */
	bool repeats;
	bool secret; /* from its first value on the process is guarded */
};

struct config_value {
	char *key, *text;
	const char *file; /* lives as long as the config */
	unsigned line;
};

struct config_section {
	unsigned kind; /* one CONFIG_... */
	char *name; /* "" for [global] */
	const char *file; /* where it was met first */
	unsigned line;
	struct config_value *values;
	size_t count, room;
};

struct config {
	struct config_section *sections; /* in the order they were met */
	size_t count, room;
	char **files; /* that were read; the first is FILE */
	size_t file_count;
};

#define CONFIG_NONE \
	{ \
		.sections = NULL \
	}

/*
 * ERR_USAGE, with "FILE:LINE: " in front and the nearest name as hint, for what
 * is not as above; ERR_ABSENT when FILE is not there; ERR_REFUSED for a file
 * that is not to be trusted.  A file in conf.d that cannot be read is an error.
 * `keys` ends with a NULL name.  "/dev/null" is an empty configuration.
 */
int config_read(const char *path, const struct config_key *keys,
    struct config *ret_config, struct err *err);

/*
 * The same, but what is wrong in a file is added to `faults`, and the rest is
 * read: 0 also then, and the result is for looking at, not for acting on.
 */
int config_survey(const char *path, const struct config_key *keys,
    struct config *ret_config, struct faults *faults, struct err *err);

void config_done(struct config *config);
void config_auto(struct config *config);

/* NULL: there is none.  `name` "" for [global]. */
const struct config_section *
config_find(const struct config *config, unsigned kind, const char *name);

/* The last value of a key; NULL: it has none there. */
const struct config_value *
config_get(const struct config_section *section, const char *key);

/* Puts "FILE:LINE: " in front of an error about a value; returns -1. */
int config_blame(const struct config_value *value, struct err *err);

/*
 * The file that stands in front of an error, by the above or by the reading of
 * this configuration, and the line; NULL: none does.
 */
const char *config_blamed(
    const struct config *config, const struct err *err, unsigned *ret_line);

#endif
