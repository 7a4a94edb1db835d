/*
 * Two witnesses, because each misses something.  /proc/locks shows the locks
 * of every process, but not who merely has the file open.  /proc/PID/fd shows
 * that, but only for processes that we may look into.
 *
 * A lock is listed by the device of the filesystem and the inode.  On btrfs
 * and overlayfs stat() gives another device number than that; the one that the
 * kernel means stands in the mount table, under the mount of the file.  The
 * same numbers may then be those of another file, of the snapshot of a btrfs
 * subvolume for one; so who holds such a lock is also looked at, where that is
 * permitted.
 */
#include "database/occupants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/text.h"
#include "database/family.h"

struct identity {
	dev_t dev; /* as stat() says */
	dev_t lock_dev; /* as /proc/locks says */
	ino_t ino;
};

struct identities {
	unsigned count;
	struct identity list[FAMILY_FILES];
};

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
stream_auto(FILE **place)
{
	if (*place != NULL)
		(void)fclose(*place); /* only read from */
}

static void
folder_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

/* The device of the mount with this id, or `fallback`. */
static dev_t
device_of_mount(uint64_t id, dev_t fallback)
{
	AUTO(stream) FILE *mounts = fopen("/proc/self/mountinfo", "re");
	AUTO(free) char *line = NULL;
	size_t room = 0;

	while (mounts != NULL && getline(&line, &room, mounts) > 0) {
		unsigned long long mount;
		unsigned major_number, minor_number;
		if (sscanf(line, "%llu %*u %u:%u", &mount, &major_number,
			&minor_number) == 3 &&
		    mount == id)
			return makedev(major_number, minor_number);
	}
	return fallback;
}

static dev_t
device_of_locks(const char *path, dev_t fallback)
{
#ifdef STATX_MNT_ID
	struct statx stx;

	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &stx) == 0 &&
	    (stx.stx_mask & STATX_MNT_ID) != 0)
		return device_of_mount(stx.stx_mnt_id, fallback);
#endif
	(void)path;
	return fallback;
}

/* A file that does not exist has no occupants. */
static int
identify(const char *path, struct identities *identities, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		return err_system(err, "look at '%s'", path);
	}
	identities->list[identities->count++] = (struct identity){
		.dev = st.st_dev,
		.lock_dev = device_of_locks(path, st.st_dev),
		.ino = st.st_ino,
	};
	return 0;
}

/* The side files stand beside the real file, not beside a symlink to it. */
static int
identify_all(
    const char *path, struct identities *ret_identities, struct err *err)
{
	AUTO(free) char *real = realpath(path, NULL);
	char name[FAMILY_NAME_MAX];

	ret_identities->count = 0;
	for (unsigned i = 0; i < FAMILY_FILES; i++) {
		if (snprintf(name, sizeof(name), "%s%s",
			real != NULL ? real : path,
			family_suffix[i]) >= (int)sizeof(name))
			return err_set(err, ERR_USAGE, ENAMETOOLONG,
			    "path '%.100s...' is too long", path);
		if (identify(name, ret_identities, err) < 0)
			return -1;
	}
	return 0;
}

static bool
is_locked_file(const struct identities *identities, dev_t dev, uint64_t ino)
{
	for (unsigned i = 0; i < identities->count; i++) {
		const struct identity *file = &identities->list[i];
		if (file->ino == ino &&
		    (file->dev == dev || file->lock_dev == dev))
			return true;
	}
	return false;
}

static bool
is_open_file(const struct identities *identities, const struct stat *st)
{
	for (unsigned i = 0; i < identities->count; i++)
		if (identities->list[i].ino == st->st_ino &&
		    identities->list[i].dev == st->st_dev)
			return true;
	return false;
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

/*
 * "1: POSIX  ADVISORY  WRITE 708 fe:00:24577 0 EOF" (proc(5)): the device in
 * hex, the inode in decimal.  A lock that is still waited for has "->" after
 * the number; who waits holds nothing.  A pid that is not positive belongs to
 * a lock of an open file description, or to a process outside our namespace.
 */
static int
note_lock(const char *line, const struct identities *identities,
    struct holders *holders, struct err *err)
{
	long pid;
	unsigned major_number, minor_number;
	unsigned long long ino;

	if (sscanf(line, "%*u: %*s %*s %*s %ld %x:%x:%llu", &pid, &major_number,
		&minor_number, &ino) != 4 ||
	    !is_locked_file(
		identities, makedev(major_number, minor_number), ino))
		return 0;
	if (pid <= 0)
		holders->unseen = true;
	else if (pid != getpid())
		return holders_add(holders, (pid_t)pid, err);
	return 0;
}

static int
find_holders(const struct identities *identities, struct holders *holders,
    struct err *err)
{
	AUTO(stream) FILE *locks = fopen("/proc/locks", "re");
	AUTO(free) char *line = NULL;
	size_t room = 0;

	if (locks == NULL)
		return err_system(err, "read '/proc/locks'");
	while (getline(&line, &room, locks) > 0)
		if (note_lock(line, identities, holders, err) < 0)
			return -1;
	if (ferror(locks))
		return err_system(err, "read '/proc/locks'");
	return 0;
}

/* What /proc/PID/fd has of the files. */
struct look {
	bool permitted; /* else nothing is known */
	bool open, writes;
};

/* The mode of the link tells how the descriptor was opened (proc(5)). */
static void
look_at_descriptor(int folder, const char *name,
    const struct identities *identities, struct look *look)
{
	struct stat st;

	if (name[0] == '.' || fstatat(folder, name, &st, 0) < 0 ||
	    !is_open_file(identities, &st))
		return;
	look->open = true;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (st.st_mode & S_IWUSR) != 0)
		look->writes = true;
}

static struct look
look_into(int proc, pid_t pid, const struct identities *identities)
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
		look_at_descriptor(
		    dirfd(folder), entry->d_name, identities, &look);
	return look;
}

static void
read_command(int proc, pid_t pid, char *ret_command, size_t size)
{
	char name[32];
	char text[64];

	ret_command[0] = '\0';
	(void)snprintf(name, sizeof(name), "%ld/comm", (long)pid);
	AUTO(fd) int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (got <= 0)
		return;
	text[got] = '\0';
	if (text[got - 1] == '\n')
		text[got - 1] = '\0';
	text_printable(text, ret_command, size);
}

static void
add_occupant(struct occupants *occupants, int proc, const struct occupant *new)
{
	occupants->count++;
	if (occupants->listed == OCCUPANTS_MAX)
		return;
	struct occupant *occupant = &occupants->list[occupants->listed++];
	*occupant = *new;
	if (occupant->pid != 0)
		read_command(proc, occupant->pid, occupant->command,
		    sizeof(occupant->command));
}

/* Numbers alone may be those of another file; see above. */
static bool
is_exact(const struct identities *identities)
{
	for (unsigned i = 0; i < identities->count; i++)
		if (identities->list[i].dev != identities->list[i].lock_dev)
			return false;
	return true;
}

static void
add_holder(struct occupants *occupants, int proc, pid_t pid,
    const struct identities *identities)
{
	const struct look look = look_into(proc, pid, identities);
	const struct occupant holder = {
		.pid = pid,
		.locks = true,
		.sure = look.open || is_exact(identities),
		.seen = look.open,
		.writes = look.writes,
	};

	if (holder.sure || !look.permitted)
		add_occupant(occupants, proc, &holder);
}

/* Every number in /proc is a process; one that ends meanwhile is skipped. */
static int
scan_processes(DIR *proc, const struct identities *identities,
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
		    look_into(dirfd(proc), (pid_t)pid, identities);
		const struct occupant user = {
			.pid = (pid_t)pid,
			.sure = true,
			.seen = true,
			.writes = look.writes,
		};
		if (look.open)
			add_occupant(occupants, dirfd(proc), &user);
	}
	return errno != 0 ? err_system(err, "read '/proc'") : 0;
}

int
occupants_find(
    const char *path, struct occupants *ret_occupants, struct err *err)
{
	struct identities identities;
	AUTO(holders) struct holders holders = { 0 };
	AUTO(folder) DIR *proc = opendir("/proc");

	memset(ret_occupants, 0, sizeof(*ret_occupants));
	if (proc == NULL)
		return err_system(err, "read '/proc'");
	if (identify_all(path, &identities, err) < 0)
		return -1;
	if (identities.count == 0)
		return 0;
	if (find_holders(&identities, &holders, err) < 0)
		return -1;
	for (size_t i = 0; i < holders.count; i++)
		add_holder(
		    ret_occupants, dirfd(proc), holders.pids[i], &identities);
	if (scan_processes(proc, &identities, &holders, ret_occupants, err) < 0)
		return -1;
	/* Most likely one of those found has the lock of nobody. */
	if (holders.unseen && ret_occupants->count == 0)
		add_occupant(ret_occupants, dirfd(proc),
		    &(const struct occupant){
			.locks = true, .sure = is_exact(&identities) });
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
