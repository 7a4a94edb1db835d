/*
 * litesafe init: an empty folder becomes a repository.
 */
#include "command/command.h"
#include "command/json.h"
#include "repository/repository.h"

static void
report_json(struct say *say, const struct repository *repository, bool made)
{
	struct json json;

	json_begin(&json, say->out);
	json_put_text(&json, "type", "repository");
	json_put_text(&json, "path", repository->path);
	json_put_text(&json, "id", repository->id);
	json_put_bool(&json, "made", made);
	json_end(&json);
}

int
cmd_init(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct say *say = &session->say;
	struct repository repository;
	bool made = false;

	if (command_operands(session, 0, 0, err) < 0)
		return -1;
	if (options->repository == NULL) {
		(void)err_set(
		    err, ERR_USAGE, 0, "init: no repository was named (-r)");
		return err_hint(err,
		    "-r PATH: a folder that is empty or does not exist yet");
	}
	if (repository_init(options->repository, options->if_missing,
		&repository, &made, err) < 0)
		return -1;
	if (say->json)
		report_json(say, &repository, made);
	say_line(say, "repository '%s' %s", repository.path,
	    made ? "made" : "was there already");
	say_detail(say, "  id         %s", repository.id);
	return 0;
}
