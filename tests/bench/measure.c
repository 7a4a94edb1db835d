/*
 * Runs a command and says what it cost, in one line appended to a file:
 *
 *     wall-seconds user-seconds system-seconds peak-kilobytes exit-status
 *
 * The figures are the kernel's own, from wait4(2), and include everything that
 * the command started and waited for; the peak is that of the largest single
 * process among them.  The command's exit status is passed on.
 *
 * usage: measure FILE COMMAND [ARGUMENT...]
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double
seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct rusage usage;
	int status = 0;
	pid_t pid = 0;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: measure FILE COMMAND...\n");
		return 2;
	}
	double start = now();
	int rc = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);

	if (rc != 0) {
		(void)fprintf(
		    stderr, "measure: run '%s': %s\n", argv[2], strerror(rc));
		return 127;
	}
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR) {
			perror("measure: wait4");
			return 127;
		}
	double wall = now() - start;
	int result =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	FILE *out = fopen(argv[1], "a");

	if (out == NULL ||
	    fprintf(out, "%.3f %.3f %.3f %ld %d\n", wall,
		seconds(usage.ru_utime), seconds(usage.ru_stime),
		usage.ru_maxrss, result) < 0 ||
	    fclose(out) != 0) {
		perror("measure: write the figures");
		return 127;
	}
	return result;
}
