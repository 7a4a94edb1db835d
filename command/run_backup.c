/*
 * `database` lines are the operands of `litesafe backup`, so that the same is
 * found, and called the same.
 */
#include "command/run_backup.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/pattern.h"
#include "command/assertions.h"
#include "command/backup_found.h"
#include "command/backup_request.h"
#include "command/backup_targets.h"

int
run_backup_check(struct run *run, struct err *err)
{
	if (assertions_check(&run->session->options, err) < 0)
		return -1;
	return backup_request_check_options(run->session, err);
}

/* Paths that are no files themselves. */
static bool
must_be_searched(const struct options *options)
{
	struct stat st;

	for (unsigned i = 0; i < options->operand_count; i++) {
		bool there = stat(options->operands[i], &st) == 0;

		if (there ? S_ISDIR(st.st_mode)
			  : pattern_is_one(options->operands[i]))
			return true;
	}
	return false;
}

static int
store_set(struct run *run, const struct backup_place *place,
    const char *const *databases, size_t count, struct err *err)
{
	const struct options *options = &run->session->options;

	return (options->dry_run ? backup_preview : backup_set)(
	    run->session, place, databases, count, options->set, err);
}

/* A set from which one is missing is another set: nothing is stored then. */
static int
find_and_store_set(
    struct run *run, const struct backup_place *place, struct err *err)
{
	AUTO(backup_targets) struct backup_targets targets = { 0 };
	struct tally tally = TALLY_NONE;
	const char *name = run->session->options.set;

	/* Each has its own name as long as they are searched for. */
	run->session->options.set = NULL;
	int rc = backup_targets_find(run->session, &tally, &targets, err);
	run->session->options.set = name;
	if (rc < 0 || tally_end(&tally, err) < 0)
		return -1;
	AUTO(free)
	const char **paths = calloc(targets.count + 1, sizeof(*paths));
	if (paths == NULL)
		return err_system(err, "list the databases");
	for (size_t i = 0; i < targets.count; i++)
		paths[i] = targets.list[i].path;
	return store_set(run, place, paths, targets.count, err);
}

int
run_backup(struct run *run, struct backup_place *place, struct err *err)
{
	struct session *session = run->session;
	const struct options *options = &session->options;

	place->told = run_sets_told;
	place->told_ctx = &run->sets;
	if (!job_is_one_set(options))
		return backup_found(session, place, err);
	session->counts.several = true;
	session->counts.databases = options->operand_count;
	int rc =
	    must_be_searched(options)
		? find_and_store_set(run, place, err)
		: store_set(run, place, (const char *const *)options->operands,
		      options->operand_count, err);
	session->counts.failed += rc < 0 && session->counts.failed == 0;
	return rc;
}
