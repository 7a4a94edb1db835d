/*
 * Two witnesses, because each misses something.  /proc/locks shows the locks
 * of every process, but not who merely has the file open.  /proc/PID/fd shows
 * that, but only for processes that we may look into.
 */
#include "database/occupants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "database/lock_table.h"

/* Processes that hold a lock, each once. */
struct holders {
	pid_t *pids;
	size_t count;
	size_t room;
	bool unseen; /* a lock whose process has no number for us */
};

static void
holders_auto(struct holders *holders)
{
	free(holders->pids);
}

static void
folder_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

static bool
holders_has(const struct holders *holders, pid_t pid)
{
	for (size_t i = 0; i < holders->count; i++)
		if (holders->pids[i] == pid)
			return true;
	return false;
}

static int
holders_add(struct holders *holders, pid_t pid, struct err *err)
{
	if (holders_has(holders, pid))
		return 0;
	if (holders->count == holders->room) {
		size_t room = holders->room == 0 ? 16 : holders->room * 2;
		pid_t *pids = reallocarray(holders->pids, room, sizeof(*pids));
		if (pids == NULL)
			return err_system(err, "list who holds locks");
		holders->pids = pids;
		holders->room = room;
	}
	holders->pids[holders->count++] = pid;
	return 0;
}

static int
note_lock(void *ctx, const struct lock_entry *entry, struct err *err)
{
	struct holders *holders = ctx;

	if (entry->pid == 0)
		holders->unseen = true;
	else if (entry->pid != getpid())
		return holders_add(holders, entry->pid, err);
	return 0;
}

/* Whether /proc/PID/fd has one of the files; false when we may not look. */
static bool
has_open(int proc, pid_t pid, const struct lock_files *files)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%ld/fd", (long)pid);
	int fd = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(folder) DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (folder == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		struct stat st;
		if (entry->d_name[0] != '.' &&
		    fstatat(dirfd(folder), entry->d_name, &st, 0) == 0 &&
		    lock_files_has(files, &st))
			return true;
	}
	return false;
}

static void
add_occupant(struct occupants *occupants, pid_t pid, bool locks)
{
	struct process process;

	occupants->count++;
	if (occupants->listed == OCCUPANTS_MAX)
		return;
	struct occupant *occupant = &occupants->list[occupants->listed++];
	process_describe(pid, &process);
	*occupant = (struct occupant){ .pid = pid, .locks = locks };
	(void)strcpy(occupant->command, process.command);
}

/* Every number in /proc is a process; one that ends meanwhile is skipped. */
static int
scan_processes(DIR *proc, const struct lock_files *files,
    const struct holders *holders, struct occupants *occupants, struct err *err)
{
	errno = 0;
	for (const struct dirent *entry; (entry = readdir(proc)) != NULL;
	     errno = 0) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);
		if (pid <= 0 || *end != '\0' || pid == getpid() ||
		    holders_has(holders, (pid_t)pid))
			continue;
		if (has_open(dirfd(proc), (pid_t)pid, files))
			add_occupant(occupants, (pid_t)pid, false);
	}
	return errno != 0 ? err_system(err, "read '/proc'") : 0;
}

int
occupants_find(
    const char *path, struct occupants *ret_occupants, struct err *err)
{
	struct lock_files files;
	AUTO(holders) struct holders holders = { 0 };
	AUTO(folder) DIR *proc = opendir("/proc");

	memset(ret_occupants, 0, sizeof(*ret_occupants));
	if (proc == NULL)
		return err_system(err, "read '/proc'");
	if (lock_files_find(path, &files, err) < 0)
		return -1;
	if (!lock_files_any(&files))
		return 0;
	if (lock_table_read(&files, note_lock, &holders, err) < 0)
		return -1;
	for (size_t i = 0; i < holders.count; i++)
		add_occupant(ret_occupants, holders.pids[i], true);
	if (scan_processes(proc, &files, &holders, ret_occupants, err) < 0)
		return -1;
	/* Most likely one of those found has the lock of nobody. */
	if (holders.unseen && ret_occupants->count == 0)
		add_occupant(ret_occupants, 0, true);
	return 0;
}
