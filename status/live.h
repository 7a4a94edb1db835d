/*
 * A database that a snapshot was made of, as it lies there now: whether it is
 * one, and how large.
 *
 * It is looked at as source.h looks, which opens the file and closes it: only
 * for a process that has no SQLite connection to it.
 */
#ifndef STATUS_LIVE_H
#define STATUS_LIVE_H

#include <stdint.h>

enum live_state {
	LIVE_ELSEWHERE, /* not of this machine, or nobody was to look */
	LIVE_THERE,
	LIVE_VANISHED, /* no file, an empty one, or no database */
	LIVE_UNSEEN, /* this user cannot tell */
};

enum { LIVE_TEXT_BYTES = 400 };

struct live {
	enum live_state state;
	/* Of LIVE_THERE: at most what the database may have, the WAL with it. */
	uint64_t bytes;
	char text[LIVE_TEXT_BYTES]; /* why it vanished, or is not seen */
};

/* `path` as a manifest has it. */
void live_look(const char *path, struct live *ret_live);

#endif
