/*
 * Two witnesses, because each misses something.  /proc/locks shows the locks
 * of every process, but not who merely has the file open.  /proc/PID/fd shows
 * that, but only for processes that we may look into.
 *
 * On btrfs and overlayfs the table of locks does not tell files of different
 * subvolumes apart (lock_table.c), for one a file and the same in a snapshot;
 * so who holds such a lock is also looked at, where that is permitted.
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

/* What /proc/PID/fd has of the files. */
struct look {
	bool permitted; /* else nothing is known */
	bool open, writes;
};

/* The mode of the link tells how the descriptor was opened (proc(5)). */
static void
look_at_descriptor(int folder, const char *name, const struct lock_files *files,
    struct look *look)
{
	struct stat st;

	if (name[0] == '.' || fstatat(folder, name, &st, 0) < 0 ||
	    !lock_files_has(files, &st))
		return;
	look->open = true;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (st.st_mode & S_IWUSR) != 0)
		look->writes = true;
}

static struct look
look_into(int proc, pid_t pid, const struct lock_files *files)
{
	struct look look = { .permitted = false };
	char name[32];

	(void)snprintf(name, sizeof(name), "%ld/fd", (long)pid);
	int fd = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(folder) DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (folder == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return look;
	}
	look.permitted = true;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		look_at_descriptor(dirfd(folder), entry->d_name, files, &look);
	return look;
}

static void
add_occupant(struct occupants *occupants, const struct occupant *new)
{
	struct process process;

	occupants->count++;
	if (occupants->listed == OCCUPANTS_MAX)
		return;
	struct occupant *occupant = &occupants->list[occupants->listed++];
	process_describe(new->pid, &process);
	*occupant = *new;
	(void)strcpy(occupant->command, process.command);
}

/* Numbers alone may be those of another file; see above. */
static bool
is_exact(const struct lock_files *files)
{
	for (unsigned i = 0; i < FAMILY_FILES; i++)
		if (files->file[i].dev != files->file[i].lock_dev)
			return false;
	return true;
}

static void
add_holder(struct occupants *occupants, int proc, pid_t pid,
    const struct lock_files *files)
{
	const struct look look = look_into(proc, pid, files);
	const struct occupant holder = {
		.pid = pid,
		.locks = true,
		.sure = look.open || is_exact(files),
		.seen = look.open,
		.writes = look.writes,
	};

	if (holder.sure || !look.permitted)
		add_occupant(occupants, &holder);
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
		const struct look look =
		    look_into(dirfd(proc), (pid_t)pid, files);
		const struct occupant user = {
			.pid = (pid_t)pid,
			.sure = true,
			.seen = true,
			.writes = look.writes,
		};
		if (look.open)
			add_occupant(occupants, &user);
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
		add_holder(ret_occupants, dirfd(proc), holders.pids[i], &files);
	if (scan_processes(proc, &files, &holders, ret_occupants, err) < 0)
		return -1;
	/* Most likely one of those found has the lock of nobody. */
	if (holders.unseen && ret_occupants->count == 0)
		add_occupant(
		    ret_occupants, &(const struct occupant){ .locks = true,
				       .sure = is_exact(&files) });
	return 0;
}

void
occupants_keep(
    struct occupants *occupants, bool (*wanted)(const struct occupant *))
{
	unsigned kept = 0;

	for (unsigned i = 0; i < occupants->listed; i++)
		if (wanted(&occupants->list[i]))
			occupants->list[kept++] = occupants->list[i];
	occupants->listed = kept;
	occupants->count = kept;
}

void
occupants_text(const struct occupants *occupants, char ret_text[OCCUPANTS_TEXT])
{
	enum { named = 4 };
	size_t len = 0;
	unsigned i = 0;

	ret_text[0] = '\0';
	for (; i < occupants->listed && i < named; i++) {
		const struct occupant *o = &occupants->list[i];
		char *end = ret_text + len;
		size_t room = OCCUPANTS_TEXT - len;
		const char *comma = i == 0 ? "" : ", ";

		if (o->pid == 0)
			(void)snprintf(end, room,
			    "%sa process that cannot be seen from here", comma);
		else if (o->command[0] == '\0')
			(void)snprintf(
			    end, room, "%sprocess %d", comma, (int)o->pid);
		else
			(void)snprintf(end, room, "%sprocess %d (%s)", comma,
			    (int)o->pid, o->command);
		len = strlen(ret_text);
	}
	if (occupants->count > i)
		(void)snprintf(ret_text + len, OCCUPANTS_TEXT - len,
		    " and %u more", occupants->count - i);
}
