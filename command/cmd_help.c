/*
 * help and version: to standard output and with success, because they are
 * what was asked for.
 */
#include <stdlib.h>

#include "base/auto.h"
#include "base/nearest.h"
#include "command/command.h"
#include "command/help.h"
#include "command/help_json.h"
#include "command/json.h"
#include "database/engine.h"

static int
help_json(FILE *out, const struct command *command, struct err *err)
{
	AUTO(free) char *text = NULL;
	size_t len;
	struct json json;
	FILE *memory = open_memstream(&text, &len);

	if (memory == NULL)
		return err_system(err, "prepare the help");
	help_print(memory, command);
	if (fclose(memory) != 0)
		return err_system(err, "prepare the help");
	json_begin(&json, out);
	json_put_text(&json, "type", "help");
	json_put_text(&json, "text", text);
	json_end(&json);
	help_json_put(out, command);
	return 0;
}

int
cmd_help(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	const struct command *command = session->command;

	if (command != NULL && command->run == cmd_help) {
		if (options->operand_count == 0)
			command = NULL;
		else if (command_operands(session, 0, 1, err) < 0 ||
			 command_named(options->operands[0], &command, err) < 0)
			return -1;
	}
	if (session->say.json)
		return help_json(session->say.out, command, err);
	help_print(session->say.out, command);
	return 0;
}

int
cmd_version(struct session *session, struct err *err)
{
	struct say *say = &session->say;
	struct json json;

	if (session->command != NULL && session->command->run == cmd_version &&
	    command_operands(session, 0, 0, err) < 0)
		return -1;
	if (say->json) {
		json_begin(&json, say->out);
		json_put_text(&json, "type", "version");
		json_put_text(&json, "litesafe", LITESAFE_VERSION);
		json_put_text(&json, "sqlite", engine_version());
		json_end(&json);
		return 0;
	}
	(void)fprintf(say->out, "litesafe %s\n", LITESAFE_VERSION);
	(void)fprintf(say->out, "SQLite %s\n", engine_version());
	return 0;
}
