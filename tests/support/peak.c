/*
 * Runs a command and ends as it did; but when it had more memory than is
 * allowed (the kernel's ru_maxrss, from wait4(2)), says so and ends with 99.
 *
 * usage: peak KIB COMMAND [ARGUMENT...]
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

enum { TOO_MUCH = 99, CANNOT_RUN = 127 };

int
main(int argc, char **argv)
{
	struct rusage usage;
	int status = 0;
	pid_t pid = 0;

	if (argc < 3 ||
	    posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ) != 0) {
		(void)fprintf(stderr, "peak: cannot run it\n");
		return CANNOT_RUN;
	}
	while (wait4(pid, &status, 0, &usage) < 0) {
		if (errno != EINTR) {
			perror("peak: wait4");
			return CANNOT_RUN;
		}
	}
	if (usage.ru_maxrss > atol(argv[1])) {
		(void)printf(
		    "peak: it had %ld KiB of memory\n", usage.ru_maxrss);
		return TOO_MUCH;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
