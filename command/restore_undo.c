/*
 * A -wal or -journal must never stand beside a database that is not its own:
 * SQLite would apply it.  So what the restored database got since then goes
 * first and old side files come back last, after their database; where there
 * was none, the restored one moves away.
 *
 * Pasted twice, or after what was put aside is gone, it must do nothing: what
 * would be removed then belongs to the database that is wanted.  So all that
 * is to come back is looked for first.
 */
#include "command/restore_undo.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/quote.h"

/* A line that is written; one that lacks a word must not be pasted. */
struct line {
	FILE *out;
	bool begun, lost;
};

static void
put_command(struct line *line, const char *command)
{
	(void)fprintf(line->out, "%s%s", line->begun ? " && " : "", command);
	line->begun = true;
}

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
put_move(struct line *line, const char *from, const char *to)
{
	put_command(line, "mv --");
	put_word(line, from);
	put_word(line, to);
}

/* Side files that the restored database may have got since then. */
static void
put_removal(struct line *line, const char *path)
{
	static const char *const suffixes[] = { "-wal", "-journal", "-shm" };
	char side[PATH_MAX + 16];

	put_command(line, "rm -f --");
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		(void)snprintf(side, sizeof(side), "%s%s", path, suffixes[i]);
		put_word(line, side);
	}
}

static bool
main_is_aside(const struct restored *restored)
{
	for (unsigned i = 0; i < restored->aside_count; i++)
		if (strcmp(restored->aside[i].from, restored->path) == 0)
			return true;
	return false;
}

/* "20261121T015800Z", as in the names of what was put aside. */
static void
stamp(char ret_text[CLOCK_TEXT_BYTES])
{
	char now[CLOCK_TEXT_BYTES];
	size_t len = 0;

	clock_format(clock_now_ms(), now);
	for (const char *at = now; *at != '\0' && *at != '.'; at++)
		if (*at != '-' && *at != ':')
			ret_text[len++] = *at;
	ret_text[len++] = 'Z';
	ret_text[len] = '\0';
}

static void
put_commands(struct line *line, const struct restored *restored)
{
	char away[sizeof(restored->path) + 64], now[CLOCK_TEXT_BYTES];

	for (unsigned i = 0; i < restored->aside_count; i++) {
		put_command(line, "test -f");
		put_word(line, restored->aside[i].to);
	}
	if (main_is_aside(restored)) {
		put_removal(line, restored->path);
	} else {
		stamp(now);
		(void)snprintf(
		    away, sizeof(away), "%s.restored-%s", restored->path, now);
		put_move(line, restored->path, away);
	}
	for (unsigned i = 0; i < restored->aside_count; i++)
		put_move(line, restored->aside[i].to, restored->aside[i].from);
}

char *
restore_undo(const struct restored *restored)
{
	AUTO(free) char *text = NULL;
	size_t len;
	struct line line = { .out = NULL };

	if (restored->aside_count == 0)
		return NULL;
	line.out = open_memstream(&text, &len);
	if (line.out == NULL)
		return NULL;
	put_commands(&line, restored);
	line.lost = line.lost || ferror(line.out) != 0;
	if (fclose(line.out) != 0 || line.lost)
		return NULL;
	return take_ptr(&text);
}
