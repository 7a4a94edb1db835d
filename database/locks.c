/*
 * The kernel joins neighbouring locks of one process into one range, and lists
 * them so: a range stands for every lock whose bytes it touches.
 */
#include "database/locks.h"

#include <string.h>

#include "database/lock_table.h"

enum { main_file, shm_file = 3 }; /* in family_suffix[] */

/* UNIX_SHM_BASE of os_unix.c and WAL_*_LOCK of wal.c; PENDING_BYTE of os.h. */
static const struct lock_bytes bytes[LOCK_NAMES] = {
	[WAL_LOCK_WRITE] = { shm_file, 120, 120 },
	[WAL_LOCK_CHECKPOINT] = { shm_file, 121, 121 },
	[WAL_LOCK_RECOVER] = { shm_file, 122, 122 },
	[WAL_LOCK_READ_0] = { shm_file, 123, 123 },
	[WAL_LOCK_READ_1] = { shm_file, 124, 124 },
	[WAL_LOCK_READ_2] = { shm_file, 125, 125 },
	[WAL_LOCK_READ_3] = { shm_file, 126, 126 },
	[WAL_LOCK_READ_4] = { shm_file, 127, 127 },
	[WAL_LOCK_ALIVE] = { shm_file, 128, 128 },
	[MAIN_LOCK_PENDING] = { main_file, 0x40000000, 0x40000000 },
	[MAIN_LOCK_RESERVED] = { main_file, 0x40000001, 0x40000001 },
	[MAIN_LOCK_SHARED] = { main_file, 0x40000002, 0x40000002 + 509 },
};

struct lock_bytes
lock_bytes_of(enum lock_name name)
{
	return bytes[name];
}

/* NULL when the list is full and the process is new in it. */
static struct lock_holder *
holder_of(struct locks *locks, pid_t pid)
{
	for (unsigned i = 0; i < locks->listed; i++)
		if (locks->list[i].pid == pid)
			return &locks->list[i];
	locks->count++;
	if (locks->listed == LOCK_HOLDERS_MAX)
		return NULL;
	struct lock_holder *holder = &locks->list[locks->listed++];
	*holder = (struct lock_holder){ .pid = pid };
	return holder;
}

void
locks_add(struct locks *locks, pid_t pid, enum lock_name name, bool exclusive)
{
	struct lock_holder *holder = holder_of(locks, pid);

	if (holder == NULL)
		return;
	if (exclusive)
		holder->exclusive |= 1U << name;
	else
		holder->shared |= 1U << name;
}

static int
note(void *ctx, const struct lock_entry *entry, struct err *err)
{
	struct locks *locks = ctx;

	(void)err;
	for (enum lock_name name = 0; entry->posix && name < LOCK_NAMES; name++)
		if (bytes[name].file == entry->file &&
		    entry->first <= bytes[name].last &&
		    entry->last >= bytes[name].first)
			locks_add(locks, entry->pid, name, entry->write);
	return 0;
}

int
locks_find(const char *path, struct locks *ret_locks, struct err *err)
{
	struct lock_files files;

	memset(ret_locks, 0, sizeof(*ret_locks));
	if (lock_files_find(path, &files, err) < 0)
		return -1;
	return lock_table_read(&files, note, ret_locks, err);
}

bool
lock_held(const struct lock_holder *holder, enum lock_name name)
{
	return ((holder->shared | holder->exclusive) & 1U << name) != 0;
}

const struct lock_holder *
locks_next(const struct locks *locks, enum lock_name name,
    const struct lock_holder *previous)
{
	const struct lock_holder *end = locks->list + locks->listed;
	const struct lock_holder *holder =
	    previous == NULL ? locks->list : previous + 1;

	while (holder < end && !lock_held(holder, name))
		holder++;
	return holder < end ? holder : NULL;
}
