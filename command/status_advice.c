/*
 * Only what does no harm when it is pasted half asleep: a run, a verify, and a
 * restore, which overwrites nothing.
 */
#include "command/status_advice.h"

#include "command/shell_line.h"

static void
put_repository(struct shell_line *line, const char *command,
    const struct status_round *round, const struct status_one *one)
{
	shell_line_put(line, "litesafe ");
	shell_line_put(line, command);
	shell_line_put(line, " -r");
	shell_line_word(line, round->places[one->place].path);
}

static void
put_verify(struct shell_line *line, const struct status_round *round,
    const struct status_one *one)
{
	put_repository(line, "verify", round, one);
	shell_line_last(line, one->facts.set);
}

static void
put_run(struct shell_line *line, const struct status_round *round,
    const struct status_one *one)
{
	const struct options *options = &round->session->options;

	if (one->job == NULL)
		return;
	shell_line_put(
	    line, "see what keeps it from being backed up: litesafe run -v");
	if (options_given(options, "config")) {
		shell_line_put(line, " -c");
		shell_line_word(line, options->config);
	}
	shell_line_last(line, one->job);
}

static void
put_restore(struct shell_line *line, const struct status_round *round,
    const struct status_one *one)
{
	const struct status_facts *facts = &one->facts;

	for (size_t i = 0; i < facts->database_count; i++) {
		const struct status_database *database = &facts->databases[i];

		if (database->live.state != LIVE_VANISHED)
			continue;
		shell_line_put(line,
		    "is its disk mounted? if it is lost, stop the "
		    "application, then: ");
		put_repository(line, "restore", round, one);
		if (facts->database_count > 1) {
			shell_line_put(line, " --database");
			shell_line_word(line, database->name);
		}
		shell_line_put(line, " --to");
		shell_line_word(line, database->path);
		shell_line_last(line, facts->set);
		return;
	}
}

static void
put_advice(struct shell_line *line, const struct status_round *round,
    const struct status_one *one, enum status_id id)
{
	switch (id) {
	case STATUS_MISSING:
	case STATUS_STALE:
	case STATUS_LATE:
		put_run(line, round, one);
		break;
	case STATUS_OTHER:
		shell_line_put(line,
		    "give one of the two a set of its own, in its job: "
		    "set = NAME");
		break;
	case STATUS_VANISHED:
		put_restore(line, round, one);
		break;
	case STATUS_FAULTY:
	case STATUS_DAMAGED:
		shell_line_put(line, "see which, and what needs them: ");
		put_verify(line, round, one);
		break;
	case STATUS_UNVERIFIED:
	case STATUS_VERIFY_OLD:
		shell_line_put(line, "verify it: ");
		put_verify(line, round, one);
		break;
	default:
		break;
	}
}

char *
status_advice(const struct status_round *round, const struct status_one *one,
    enum status_id id)
{
	struct shell_line line;

	shell_line_begin(&line);
	put_advice(&line, round, one, id);
	return shell_line_end(&line);
}
