/*
 * litesafe init: an empty folder becomes a repository.
 */
#include "command/command.h"
#include "command/json.h"
#include "repository/repository.h"

static void
report_json(
    struct say *say, const char *path, const char *id, bool made, bool dry_run)
{
	struct json json;

	json_begin(&json, say->out);
	json_put_text(&json, "type", "repository");
	json_put_text(&json, "path", path);
	json_put_text(&json, "id", id);
	json_put_bool(&json, "made", made);
	if (dry_run)
		json_put_bool(&json, "dry_run", true);
	json_end(&json);
}

static int
foresee(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct say *say = &session->say;
	struct repository repository;
	bool make = false;

	if (repository_init_foresee(options->repository, options->if_missing,
		&repository, &make, err) < 0)
		return -1;
	const char *path = make ? options->repository : repository.path;
	if (say->json)
		report_json(
		    say, path, make ? NULL : repository.id, false, true);
	say_line(say, "repository '%s' %s", path,
	    make ? "would be made" : "is there already");
	return 0;
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
	if (options->dry_run)
		return foresee(session, err);
	if (repository_init(options->repository, options->if_missing,
		&repository, &made, err) < 0)
		return -1;
	if (say->json)
		report_json(say, repository.path, repository.id, made, false);
	say_line(say, "repository '%s' %s", repository.path,
	    made ? "made" : "was there already");
	say_detail(say, "  id         %s", repository.id);
	return 0;
}
