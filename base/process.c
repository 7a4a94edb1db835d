/*
 * The beginning is counted in clock ticks since boot (proc(5), field 22 of
 * /proc/PID/stat), so it is compared with the clock that counts the same way,
 * not with the time of boot: that one moves when somebody sets the clock.
 */
#include "base/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"

/* The text of a small file in /proc/PID; "" when it cannot be had. */
static void
read_text(pid_t pid, const char *name, char *ret_text, size_t size)
{
	char path[64];
	size_t got = 0;

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	for (ssize_t n; fd >= 0 && got < size - 1; got += (size_t)n) {
		n = read(fd, ret_text + got, size - 1 - got);
		if (n <= 0)
			break;
	}
	ret_text[got] = '\0';
}

static void
read_command(pid_t pid, struct process *process)
{
	char text[PROCESS_COMMAND_BYTES];

	read_text(pid, "comm", text, sizeof(text));
	size_t len = strlen(text);
	if (len > 0 && text[len - 1] == '\n')
		text[len - 1] = '\0';
	text_printable(text, process->command, sizeof(process->command));
}

/* "708 (name) S 1 ...": a name may hold anything, also a parenthesis. */
static int64_t
read_start(pid_t pid)
{
	char text[1024];
	unsigned long long ticks = 0;
	struct timespec now;

	read_text(pid, "stat", text, sizeof(text));
	const char *rest = strrchr(text, ')');
	if (rest == NULL ||
	    sscanf(rest + 1,
		" %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		"%*s %*s %*s %*s %llu",
		&ticks) != 1 ||
	    clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return 0;

	int64_t since_boot = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	int64_t started =
	    (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
	/* The two clocks are not read at once: no finer than a tick. */
	return (clock_now_ms() - (since_boot - started) + 5) / 10 * 10;
}

void
process_describe(pid_t pid, struct process *ret_process)
{
	*ret_process = (struct process){ .pid = pid };
	if (pid <= 0)
		return;
	read_command(pid, ret_process);
	ret_process->started_ms = read_start(pid);
}

void
process_words(pid_t pid, char ret_text[PROCESS_WORDS_BYTES])
{
	struct process process = { .command = "" };

	if (pid == 0) {
		(void)snprintf(ret_text, PROCESS_WORDS_BYTES,
		    "a process that cannot be seen from here");
		return;
	}
	process_describe(pid, &process);
	(void)snprintf(ret_text, PROCESS_WORDS_BYTES, "process %d%s%s%s",
	    (int)pid, process.command[0] == '\0' ? "" : " (", process.command,
	    process.command[0] == '\0' ? "" : ")");
}
