/*
 * The kernel tells the name that a deleted file had: /proc/PID/fd/N then leads
 * to "/srv/app.db (deleted)" (proc(5)).
 */
#include "database/strays.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/process.h"

static void
folder_auto(DIR **place)
{
	if (*place != NULL)
		(void)closedir(*place);
}

/* A file may really be called so: then it has a name, and is not deleted. */
static bool
is_stray(int folder, const char *name, const char *wanted)
{
	char target[PATH_MAX + sizeof(" (deleted)")];
	struct stat st;
	ssize_t len = readlinkat(folder, name, target, sizeof(target) - 1);

	if (len <= 0)
		return false;
	target[len] = '\0';
	return strcmp(target, wanted) == 0 &&
	       fstatat(folder, name, &st, 0) == 0 && st.st_nlink == 0;
}

static bool
has_stray(int proc, const char *pid, const char *wanted)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%.10s/fd", pid);
	int fd = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(folder) DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (folder == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		if (is_stray(dirfd(folder), entry->d_name, wanted))
			return true;
	return false;
}

static void
add(struct occupants *strays, pid_t pid)
{
	struct process process;

	strays->count++;
	if (strays->listed == OCCUPANTS_MAX)
		return;
	struct occupant *one = &strays->list[strays->listed++];
	process_describe(pid, &process);
	*one = (struct occupant){ .pid = pid };
	(void)strcpy(one->command, process.command);
}

int
strays_find(const char *path, struct occupants *ret_strays, struct err *err)
{
	AUTO(folder) DIR *proc = opendir("/proc");
	char wanted[PATH_MAX + sizeof(" (deleted)")];

	memset(ret_strays, 0, sizeof(*ret_strays));
	if (proc == NULL)
		return err_system(err, "read '/proc'");
	(void)snprintf(wanted, sizeof(wanted), "%s (deleted)", path);
	errno = 0;
	for (const struct dirent *entry; (entry = readdir(proc)) != NULL;
	     errno = 0) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);
		if (pid > 0 && *end == '\0' && pid != getpid() &&
		    has_stray(dirfd(proc), entry->d_name, wanted))
			add(ret_strays, (pid_t)pid);
	}
	return errno != 0 ? err_system(err, "read '/proc'") : 0;
}
