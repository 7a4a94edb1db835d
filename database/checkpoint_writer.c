/*
 * One look is enough: whoever has the lock when the time is over is one of
 * those who were waited for.
 */
#include "database/checkpoint_writer.h"

#include <stdio.h>
#include <unistd.h>

#include "base/process.h"
#include "database/lock_probe.h"

bool
checkpoint_writer_find(const char *path, const struct work *work,
    char ret_text[CHECKPOINT_WRITER_TEXT])
{
	struct locks locks = { .count = 0 };
	const struct lock_holder *holder = NULL;
	char who[PROCESS_WORDS_BYTES];
	struct wal_marks marks;
	struct err ignored;

	ret_text[0] = '\0';
	if (lock_probe(path, work, &locks, &marks, &ignored) < 0)
		return false;
	do
		holder = locks_next(&locks, WAL_LOCK_WRITE, holder);
	while (holder != NULL && holder->pid == getpid());
	if (holder == NULL)
		return false;
	process_words(holder->pid, who);
	(void)snprintf(ret_text, CHECKPOINT_WRITER_TEXT, ": %s writes", who);
	return true;
}
