/*
 * litesafe prune: set by set.  One that cannot be pruned safely is told and
 * left alone, and the others have their turn.
 */
#include "command/command.h"
#include "command/prune_set.h"
#include "command/where.h"
#include "command/worst.h"

/* One prune, on its way through the sets. */
struct prune {
	struct session *session;
	const struct repository *repository;
	size_t sets;
	struct err worst;
};

static int
check_policy(const struct options *options, struct err *err)
{
	if (prune_policy_given(options))
		return 0;
	(void)err_set(
	    err, ERR_USAGE, 0, "prune: nothing was said about what to keep");
	return err_hint(err,
	    "for example --keep-last 3 --keep-daily 7 --keep-weekly 5 "
	    "--keep-monthly 12; --dry-run only tells");
}

/* repository_sets() */
static int
prune_each(void *ctx, const char *set, struct err *err)
{
	struct prune *prune = ctx;
	struct prune_result ignored;

	prune->sets++;
	if (prune_set(prune->session, prune->repository, set, &ignored, err) ==
	    0)
		return 0;
	return worst_tell(prune->session, &prune->worst, err);
}

int
cmd_prune(struct session *session, struct err *err)
{
	const struct options *options = &session->options;
	struct repository repository;
	struct prune prune = { .session = session, .repository = &repository };
	struct prune_result ignored;

	if (command_operands(session, 0, 1, err) < 0 ||
	    check_policy(options, err) < 0 ||
	    where_repository(session, &repository, err) < 0)
		return -1;
	if (options->operand_count == 1)
		return prune_set(
		    session, &repository, options->operands[0], &ignored, err);
	if (repository_sets(&repository, prune_each, &prune, err) < 0)
		return -1;
	if (prune.sets == 0)
		say_line(&session->say, "repository '%s' holds no set yet",
		    repository.path);
	if (prune.worst.kind == ERR_NONE)
		return 0;
	*err = prune.worst;
	return -1;
}
