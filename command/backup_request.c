/*
 * What cannot be meant is said before anything is opened.
 */
#include "command/backup_request.h"

#include <limits.h>
#include <sys/stat.h>

#include "archive/name.h"
#include "base/pattern.h"
#include "command/pipe.h"
#include "command/where.h"
#include "database/checkpoint_rule.h"

/* Options that mean nothing for a file of its own. */
static const char *const only_repository[] = { "full", "full-every",
	"skip-unchanged", "dry-run" };

static int
check_output(struct session *session, struct err *err)
{
	struct options *options = &session->options;

	if (options->output == NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "backup: neither an output (-o) nor a repository (-r) was "
		    "named");
		return err_hint(err,
		    "-o FILE for a file, '-o -' for standard output, -r PATH "
		    "for a repository");
	}
	for (size_t i = 0; i < sizeof(only_repository) / sizeof(char *); i++) {
		if (options_given(options, only_repository[i]))
			return err_set(err, ERR_USAGE, 0,
			    "--%s is for backups into a repository (-r)",
			    only_repository[i]);
	}
	return pipe_check(options, err);
}

static int
check_repository(const struct session *session, struct err *err)
{
	const struct options *options = &session->options;

	if (options->output != NULL) {
		(void)err_set(
		    err, ERR_USAGE, 0, "backup: -o and -r exclude each other");
		return err_hint(err,
		    "to get one snapshot of a repository as a file, use "
		    "'litesafe export'");
	}
	if (options->force)
		return err_set(err, ERR_USAGE, 0,
		    "--force is for -o: nothing in a repository is ever "
		    "replaced");
	if (options_given(options, "image-sha256") && !options->full)
		return err_set(err, ERR_USAGE, 0,
		    "--image-sha256 needs --full in a repository: an "
		    "increment has no image of its own");
	return 0;
}

bool
backup_request_finds(const struct options *options)
{
	struct stat st;

	for (unsigned i = 0; i < options->operand_count; i++)
		if (pattern_is_one(options->operands[i]) &&
		    lstat(options->operands[i], &st) < 0)
			return true;
	return options->recursive;
}

static int
check_search(const struct session *session, struct err *err)
{
	const struct options *options = &session->options;

	if (options->set != NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "--set names one set: each database that is found is one "
		    "of its own");
		return err_hint(err,
		    "leave --set out: sets are named by their path below the "
		    "folder");
	}
	if (options->output != NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "an archive (-o) holds one set: each database that is "
		    "found is one of its own");
		return err_hint(
		    err, "-r PATH stores a snapshot of each in a repository");
	}
	return command_operands(session, 1, UINT_MAX, err);
}

/* The same file by another way is no second one; NULL: there is none. */
static const char *
second_database(const struct options *options)
{
	struct stat first, other;
	bool known = stat(options->operands[0], &first) == 0;

	for (unsigned i = 1; i < options->operand_count; i++)
		if (!known || stat(options->operands[i], &other) < 0 ||
		    other.st_dev != first.st_dev ||
		    other.st_ino != first.st_ino)
			return options->operands[i];
	return NULL;
}

static int
check_named(const struct session *session, struct err *err)
{
	const struct options *options = &session->options;

	if (options->one_filesystem)
		return err_set(
		    err, ERR_USAGE, 0, "--one-file-system is for --recursive");
	const char *second =
	    options->operand_count > 1 ? second_database(options) : NULL;
	if (second != NULL && options->set == NULL) {
		(void)err_set(err, ERR_USAGE, 0,
		    "'%s' is a second database: several are a set, which was "
		    "not given a name",
		    second);
		return err_hint(err,
		    "name it with --set NAME, or run 'litesafe backup' once "
		    "for each database");
	}
	return command_operands(session, 1, UINT_MAX, err);
}

/* Nobody can have meant to stop the application for as long as it takes. */
int
backup_request_check_checkpoint(const struct options *options, struct err *err)
{
	enum checkpoint_mode mode = (enum checkpoint_mode)options->checkpoint;

	if ((mode == CHECKPOINT_AUTO || mode == CHECKPOINT_OFF) &&
	    options_given(options, "checkpoint-budget")) {
		(void)err_set(err, ERR_USAGE, 0,
		    "--checkpoint-budget is for a checkpoint that may stop "
		    "writers, and --checkpoint %s does not",
		    checkpoint_mode_name(mode));
		return err_hint(
		    err, "leave it out, or ask for one: --checkpoint truncate");
	}
	if (!checkpoint_mode_blocks(mode) || options->checkpoint_budget > 0)
		return 0;
	(void)err_set(err, ERR_USAGE, 0,
	    "--checkpoint %s stops writers: it needs --checkpoint-budget",
	    checkpoint_mode_name(mode));
	return err_hint(err, "for how long they may be stopped at most, as in "
			     "--checkpoint-budget 50ms");
}

int
backup_request_check_options(struct session *session, struct err *err)
{
	const struct options *options = &session->options;

	if (options->set != NULL && name_check_set(options->set, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	if (backup_request_check_checkpoint(options, err) < 0)
		return -1;
	return where_in_repository(session) ? check_repository(session, err)
					    : check_output(session, err);
}

/* A list that a shell made may have one file in it: no reason to fail. */
static void
warn_of_no_instant(struct session *session, bool finds)
{
	const struct options *options = &session->options;

	if (!options_given(options, "no-instant") ||
	    (!finds && options->operand_count > 1))
		return;
	say_warning(&session->say, "--no-instant means nothing here: %s",
	    finds ? "each database that is found is a set of its own"
		  : "there is one database");
}

int
backup_request_check(struct session *session, struct err *err)
{
	bool finds = backup_request_finds(&session->options);

	if ((finds ? check_search(session, err) : check_named(session, err)) <
	    0)
		return -1;
	if (backup_request_check_options(session, err) < 0)
		return -1;
	warn_of_no_instant(session, finds);
	return 0;
}
