/*
 * Looked at twice, because every reader is behind for a moment while others
 * write: only who is at the same place of the WAL both times is in the way.
 */
#include "database/checkpoint_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/process.h"
#include "database/lock_probe.h"

static const long pause_ns = 20000000;

struct starver {
	pid_t pid; /* 0: one that this process cannot see */
	uint32_t at; /* the frame up to which a checkpoint may come */
	uint32_t frames; /* that it keeps */
};

static bool
look(const char *path, const struct work *work, struct starver *ret_starver)
{
	struct locks locks = { .count = 0 };
	struct wal_marks marks;
	struct err ignored;
	enum lock_name lock;
	uint32_t frames = 0;

	if (lock_probe(path, work, &locks, &marks, &ignored) < 0 ||
	    !wal_marks_starver(&marks, &locks, &lock, &frames))
		return false;
	const struct lock_holder *holder = locks_next(&locks, lock, NULL);
	*ret_starver = (struct starver){
		.pid = holder == NULL ? 0 : holder->pid,
		.at = marks.frames - frames,
		.frames = frames,
	};
	return true;
}

static void
describe(const struct starver *starver, char ret_text[CHECKPOINT_READER_TEXT])
{
	char who[PROCESS_WORDS_BYTES];

	process_words(starver->pid, who);
	(void)snprintf(ret_text, CHECKPOINT_READER_TEXT,
	    "%s keeps %" PRIu32 " frames", who, starver->frames);
}

bool
checkpoint_reader_find(const char *path, const struct work *work,
    char ret_text[CHECKPOINT_READER_TEXT])
{
	const struct timespec pause = { .tv_nsec = pause_ns };
	struct starver first, second;

	if (!look(path, work, &first))
		return false;
	(void)nanosleep(&pause, NULL);
	if (!look(path, work, &second) || first.pid != second.pid ||
	    first.at != second.at)
		return false;
	describe(&second, ret_text);
	return true;
}
