/*
 * A manifest has a path as printable text.  One that was not cannot be looked
 * at any more, and is not a database that vanished.
 *
 * In WAL mode the main file may be behind: a new database can have nearly all
 * of its pages in the WAL.  So both together are its size; that a database
 * shrank is seen a little later rather than wrongly.
 */
#include "status/live.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "database/source.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD, of text.h */

static void
unseen(struct live *live, const char *path, const char *why)
{
	live->state = LIVE_UNSEEN;
	(void)snprintf(
	    live->text, sizeof(live->text), "'%.200s' %s", path, why);
}

/* The kind of answer that an error of source_look() is. */
static enum live_state
state_of(const struct err *err)
{
	switch (err->code) {
	case 0: /* it was reached, and is none */
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
		return err->kind == ERR_INPUT ? LIVE_VANISHED : LIVE_UNSEEN;
	default:
		return LIVE_UNSEEN;
	}
}

static struct live
look(const char *path)
{
	struct live live = { .state = LIVE_THERE };
	struct source source;
	struct err err;

	if (source_look(path, &source, &err) < 0) {
		live.state = state_of(&err);
		text_printable(err.text, live.text, sizeof(live.text));
	} else {
		live.bytes =
		    source.bytes + (source.through_wal ? source.wal_bytes : 0);
	}
	return live;
}

void
live_look(const char *path, struct live *ret_live)
{
	*ret_live = (struct live){ .state = LIVE_ELSEWHERE };
	if (path[0] != '/' || strstr(path, replacement) != NULL) {
		unseen(ret_live, path, "is not the path of a file as it was");
		return;
	}
	/* Once more: a restore may have replaced it just now. */
	for (int i = 0; i < 2 && ret_live->state != LIVE_THERE; i++)
		*ret_live = look(path);
}
