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
#include <string.h>

#include "base/clock.h"
#include "command/shell_line.h"

static void
put_move(struct shell_line *line, const char *from, const char *to)
{
	shell_line_then(line, "mv --");
	shell_line_word(line, from);
	shell_line_word(line, to);
}

/* Side files that the restored database may have got since then. */
static void
put_removal(struct shell_line *line, const char *path)
{
	static const char *const suffixes[] = { "-wal", "-journal", "-shm" };
	char side[PATH_MAX + 16];

	shell_line_then(line, "rm -f --");
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		(void)snprintf(side, sizeof(side), "%s%s", path, suffixes[i]);
		shell_line_word(line, side);
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
put_commands(struct shell_line *line, const struct restored *restored)
{
	char away[sizeof(restored->path) + 64], now[CLOCK_TEXT_BYTES];

	for (unsigned i = 0; i < restored->aside_count; i++) {
		shell_line_then(line, "test -f");
		shell_line_word(line, restored->aside[i].to);
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
	struct shell_line line;

	if (restored->aside_count == 0)
		return NULL;
	shell_line_begin(&line);
	put_commands(&line, restored);
	return shell_line_end(&line);
}
