/*
 * Only what does no harm when it is pasted half asleep: a run, a verify, and a
 * restore, which overwrites nothing.
 */
#include "command/status_advice.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/quote.h"

/* A hint under construction; one that lacks a word must not be pasted. */
struct line {
	FILE *out;
	bool lost;
};

static void
put_word(struct line *line, const char *word)
{
	AUTO(free) char *quoted = quote_shell(word);

	if (quoted == NULL)
		line->lost = true;
	else
		(void)fprintf(line->out, " %s", quoted);
}

static void
put_set(struct line *line, const char *command,
    const struct status_round *round, const struct status_one *one)
{
	(void)fprintf(line->out, "litesafe %s -r", command);
	put_word(line, round->places[one->place].path);
	put_word(line, one->facts.set);
}

static bool
put_run(struct line *line, const struct status_round *round,
    const struct status_one *one)
{
	const struct options *options = &round->session->options;

	if (one->job == NULL)
		return false;
	(void)fputs("see what keeps it from being backed up: litesafe run -v",
	    line->out);
	if (options_given(options, "config")) {
		(void)fputs(" -c", line->out);
		put_word(line, options->config);
	}
	put_word(line, one->job);
	return true;
}

static bool
put_restore(struct line *line, const struct status_round *round,
    const struct status_one *one)
{
	const struct status_facts *facts = &one->facts;

	for (size_t i = 0; i < facts->database_count; i++) {
		const struct status_database *database = &facts->databases[i];

		if (database->live.state != LIVE_VANISHED)
			continue;
		(void)fputs("is its disk mounted? if it is lost, stop the "
			    "application, then: ",
		    line->out);
		put_set(line, "restore", round, one);
		if (facts->database_count > 1) {
			(void)fputs(" --database", line->out);
			put_word(line, database->name);
		}
		(void)fputs(" --to", line->out);
		put_word(line, database->path);
		return true;
	}
	return false;
}

static bool
put_advice(struct line *line, const struct status_round *round,
    const struct status_one *one, enum status_id id)
{
	switch (id) {
	case STATUS_MISSING:
	case STATUS_STALE:
	case STATUS_LATE:
		return put_run(line, round, one);
	case STATUS_OTHER:
		(void)fprintf(line->out,
		    "give one of the two a set of its own, in its job: "
		    "set = NAME");
		return true;
	case STATUS_VANISHED:
		return put_restore(line, round, one);
	case STATUS_FAULTY:
	case STATUS_DAMAGED:
		(void)fputs("see which, and what needs them: ", line->out);
		put_set(line, "verify", round, one);
		return true;
	case STATUS_UNVERIFIED:
	case STATUS_VERIFY_OLD:
		(void)fputs("verify it: ", line->out);
		put_set(line, "verify", round, one);
		return true;
	default:
		return false;
	}
}

char *
status_advice(const struct status_round *round, const struct status_one *one,
    enum status_id id)
{
	AUTO(free) char *text = NULL;
	size_t len;
	struct line line = { .out = open_memstream(&text, &len) };

	if (line.out == NULL)
		return NULL;
	bool is = put_advice(&line, round, one, id);
	line.lost = line.lost || ferror(line.out) != 0;
	if (fclose(line.out) != 0 || line.lost || !is)
		return NULL;
	return take_ptr(&text);
}
