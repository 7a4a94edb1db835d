/*
 * Where the value of an option comes from: the command line wins, then the
 * environment, then [job NAME], then [global], then the default.
 *
 * For a job one variable stands behind the file: LITESAFE_REPOSITORY, which is
 * where a person works; a job's repository is a part of the job.
 */
#ifndef COMMAND_ORIGIN_H
#define COMMAND_ORIGIN_H

#include "base/err.h"
#include "command/option_table.h"
#include "config/config.h"

enum origin_kind {
	ORIGIN_DEFAULT,
	ORIGIN_COMMAND_LINE,
	ORIGIN_ENVIRONMENT,
	ORIGIN_FILE,
};

struct origin {
	enum origin_kind kind;
	const struct config_section *section; /* of ORIGIN_FILE */
};

/* What is asked, one after the other. */
struct origin_layers {
	const struct options *line; /* with what was given */
	const struct config *config;
	const struct config_section *job; /* NULL: for no job */
	const struct config_section *global; /* NULL: there is none */
};

struct origin_layers origin_layers_of(const struct options *line,
    const struct config *config, const struct config_section *job);

struct origin
origin_of(const struct option *option, const struct origin_layers *layers);

/*
 * Reads the values of a section into the field of `options`; what is repeated
 * is added to what is there.
 */
int origin_read_section(const struct option *option,
    const struct config_section *section, const struct config *config,
    struct options *options, struct err *err);

#endif
