/*
 * The child is forked and does not exec.  It inherits none of our POSIX locks,
 * cannot drop them, never touches SQLite (sqlite.org/howtocorrupt.html 2.6),
 * and between fork() and _exit() only makes calls that are safe after a fork
 * beside other threads (signal-safety(7)): no memory is allocated, no lock of
 * the C library is needed.  An exec would have to find our own program again,
 * which an upgrade may have replaced meanwhile.
 *
 * Its answer is a struct in memory that both share.
 */
#include "database/lock_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "database/family.h"

/* Tries to read a head that nobody is just writing. */
enum { head_tries = 50 };

struct seen_lock {
	bool held, exclusive;
	pid_t pid; /* 0: of a process that we cannot see */
};

struct answer {
	bool whole; /* the child came to its end */
	struct seen_lock lock[LOCK_NAMES];
	struct wal_marks marks;
};

struct question {
	/* Main file and -shm under their real names; see family_suffix[]. */
	char path[FAMILY_FILES][FAMILY_NAME_MAX];
	struct answer *answer;
};

static int
open_file(const char *path)
{
	struct stat st;
	/* Without O_NONBLOCK a FIFO of this name would hold us. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Only asks: F_GETLK takes no lock, and needs no right to write. */
static void
ask_lock(int fd, enum lock_name name, struct seen_lock *ret_lock)
{
	struct lock_bytes bytes = lock_bytes_of(name);
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)bytes.first,
		.l_len = (off_t)(bytes.last - bytes.first + 1),
	};

	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return;
	*ret_lock = (struct seen_lock){
		.held = true,
		.exclusive = lock.l_type == F_WRLCK,
		.pid = lock.l_pid > 0 ? lock.l_pid : 0,
	};
}

static void
read_marks(int fd, struct answer *answer)
{
	uint8_t bytes[WAL_MARKS_BYTES];

	for (int i = 0; i < head_tries && !answer->marks.known; i++) {
		if (pread(fd, bytes, sizeof(bytes), 0) != sizeof(bytes))
			return;
		wal_marks_decode(bytes, &answer->marks);
	}
}

static void
look(const struct question *question)
{
	for (unsigned file = 0; file < FAMILY_FILES; file++) {
		int fd = question->path[file][0] == '\0'
			     ? -1
			     : open_file(question->path[file]);
		if (fd < 0)
			continue;
		for (enum lock_name name = 0; name < LOCK_NAMES; name++)
			if (lock_bytes_of(name).file == file)
				ask_lock(
				    fd, name, &question->answer->lock[name]);
		if (lock_bytes_of(WAL_LOCK_READ_0).file == file)
			read_marks(fd, question->answer);
	}
	question->answer->whole = true;
}

static int
name_files(const char *path, struct question *question, struct err *err)
{
	AUTO(free) char *real = realpath(path, NULL);

	for (enum lock_name name = 0; name < LOCK_NAMES; name++) {
		unsigned file = lock_bytes_of(name).file;
		if (snprintf(question->path[file], sizeof(question->path[file]),
			"%s%s", real != NULL ? real : path,
			family_suffix[file]) >=
		    (int)sizeof(question->path[file]))
			return err_set(err, ERR_USAGE, ENAMETOOLONG,
			    "path '%.100s...' is too long", path);
	}
	return 0;
}

/*
 * A read from a filesystem that hangs can last: then a signal ends the wait.
 * Who had SIGCHLD ignored when it started us has our children reaped by the
 * kernel; the answer is there all the same.
 */
static int
wait_for(pid_t child, const struct work *work, struct err *err)
{
	while (waitpid(child, NULL, 0) < 0) {
		if (errno == ECHILD)
			return 0;
		if (errno != EINTR)
			return err_system(err, "wait for a child process");
		if (work_check(work, err) < 0) {
			(void)kill(child, SIGKILL);
			return -1;
		}
	}
	return 0;
}

static int
ask_child(const struct question *question, const char *path,
    const struct work *work, struct err *err)
{
	pid_t child = fork();

	if (child < 0)
		return err_system(err, "start a process to look at '%s'", path);
	if (child == 0) {
		look(question);
		_exit(0);
	}
	if (wait_for(child, work, err) < 0)
		return -1;
	if (!question->answer->whole)
		return err_set(err, ERR_FAILED, 0,
		    "the process that looked at '%s' was killed", path);
	return 0;
}

static void
answer_auto(struct answer **place)
{
	if (*place != MAP_FAILED)
		(void)munmap(*place, sizeof(**place));
}

/* What the table has already stays as it is: it names every holder. */
static void
add_missing(const struct answer *answer, struct locks *locks)
{
	for (enum lock_name name = 0; name < LOCK_NAMES; name++) {
		const struct seen_lock *lock = &answer->lock[name];
		if (lock->held &&
		    (lock->pid == 0 || locks_next(locks, name, NULL) == NULL))
			locks_add(locks, lock->pid, name, lock->exclusive);
	}
}

int
lock_probe(const char *path, const struct work *work, struct locks *ret_locks,
    struct wal_marks *ret_marks, struct err *err)
{
	AUTO(answer)
	struct answer *answer = mmap(NULL, sizeof(*answer),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct question question = { .answer = answer };

	if (answer == MAP_FAILED)
		return err_system(err, "share memory with a child process");
	if (name_files(path, &question, err) < 0 ||
	    locks_find(path, ret_locks, err) < 0 ||
	    ask_child(&question, path, work, err) < 0)
		return -1;
	add_missing(answer, ret_locks);
	*ret_marks = answer->marks;
	return 0;
}
