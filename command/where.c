/*
 * Which repository, and which state folder, from the options of this run.
 */
#include "command/where.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "repository/state.h"

static bool
can_only_be_a_file(const char *operand)
{
	static const char suffix[] = ".tar.zst";
	size_t len = strlen(operand);

	if (strcmp(operand, "-") == 0 || operand[0] == '/' ||
	    strncmp(operand, "./", 2) == 0 || strncmp(operand, "../", 3) == 0)
		return true;
	return len >= sizeof(suffix) - 1 &&
	       strcmp(operand + len - (sizeof(suffix) - 1), suffix) == 0;
}

bool
where_in_repository(const struct session *session)
{
	const struct options *options = &session->options;

	if (options_given(options, "repository"))
		return true;
	if (options->repository == NULL || options->output != NULL)
		return false;
	/* What backup and a job name are databases, never archives. */
	return (session->command->bit & (FOR_BACKUP | FOR_RUN)) != 0 ||
	       options->operand_count == 0 ||
	       !can_only_be_a_file(options->operands[0]);
}

int
where_repository(const struct session *session,
    struct repository *ret_repository, struct err *err)
{
	const char *path = session->options.repository;

	if (path == NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "%s: no repository was named (-r)", session->command->name);
		return err_hint(err,
		    "-r PATH names one, and so do LITESAFE_REPOSITORY and "
		    "litesafe.conf(5); 'litesafe init -r PATH' makes one");
	}
	return repository_open(path, ret_repository, err);
}

int
where_state(
    const struct session *session, char ret_base[PATH_MAX], struct err *err)
{
	const char *state = session->options.state;

	if (state == NULL)
		return state_default_folder(ret_base, err);
	if (strlen(state) >= PATH_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "the state folder '%.80s...' is too long a name", state);
	(void)snprintf(ret_base, PATH_MAX, "%s", state);
	return 0;
}

void
where_state_missed(
    struct session *session, const char *what, const struct err *why)
{
	if (!session->state_missed)
		say_warning(&session->say, "%s: %s", what, why->text);
	session->state_missed = true;
}
