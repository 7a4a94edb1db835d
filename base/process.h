/*
 * Another process, as far as anybody may know it: what it is called, and since
 * when it runs.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_COMMAND_BYTES = 64 };

struct process {
	pid_t pid;
	char command[PROCESS_COMMAND_BYTES]; /* printable; "" when unknown */
	int64_t started_ms; /* since 1970, UTC; 0 when unknown */
};

/*
 * Out of /proc/PID (proc(5)).  A process that has ended, or that we may not
 * look at, has no name and no beginning.  The name is that of the thread that
 * began it, at most 15 bytes, chosen by itself.  Any thread.
 */
void process_describe(pid_t pid, struct process *ret_process);

/* For a message: "process 4711 (app)"; of 0, one that nobody here can see. */
enum { PROCESS_WORDS_BYTES = PROCESS_COMMAND_BYTES + 48 };
void process_words(pid_t pid, char ret_text[PROCESS_WORDS_BYTES]);

#endif
