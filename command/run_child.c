/*
 * The two are one program, so what goes through the pipe is a struct as it lies
 * in memory, and then the texts of the warnings, each behind its length.
 */
#include "command/run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "command/exit_code.h"
#include "command/run_job.h"

/* How often a stop request is looked for while the job works. */
enum { LOOK_MS = 100, WARNING_MAX = 64 * 1024 };

struct outcome {
	struct err err; /* ERR_NONE: all is well */
	struct counts counts;
	unsigned warnings; /* all of them */
	unsigned texts; /* that follow */
	int out_errno; /* why results are lost; see struct say */
};

/* What the process is to do: run_job() or run_job_lost(). */
typedef int
job_task(struct session *session, const struct job *job, struct err *err);

/* --- in the child -------------------------------------------------------- */

static int
send_text(int fd, const char *text, struct err *err)
{
	size_t len = strlen(text);

	if (len > WARNING_MAX)
		len = WARNING_MAX;
	if (file_write(fd, &len, sizeof(len), "pipe", NULL, err) < 0)
		return -1;
	return file_write(fd, text, len, "pipe", NULL, err);
}

/* `before`: warnings that are not the child's.  That nobody reads is no harm:
 * the parent is gone then. */
static void
send_outcome(const struct session *session, unsigned before, int fd,
    const struct err *result)
{
	const struct say *say = &session->say;
	struct outcome outcome = {
		.err = *result,
		.counts = session->counts,
		.warnings = say->warnings - before,
		.out_errno = say->out_errno,
	};
	struct err ignored;

	for (unsigned i = before; i < say->warnings && i < SAY_WARNINGS_MAX;
	     i++)
		outcome.texts += say->warning[i] != NULL;
	if (file_write(fd, &outcome, sizeof(outcome), "pipe", NULL, &ignored) <
	    0)
		return;
	for (unsigned i = before; i < say->warnings && i < SAY_WARNINGS_MAX;
	     i++)
		if (say->warning[i] != NULL &&
		    send_text(fd, say->warning[i], &ignored) < 0)
			return;
}

static _Noreturn void
work_in_child(struct session *session, const struct job *job, job_task *task,
    pid_t parent, int fd, struct err *err)
{
	unsigned before = session->say.warnings;
	struct err lost;

	/* It is asked for once, and what happened before is seen here. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		(void)raise(SIGTERM);
	session->counts = (struct counts){ .several = false };
	(void)task(session, job, err);
	/* No failure of the job: who ends the whole run tells it, once. */
	(void)say_flush(&session->say, &lost);
	send_outcome(session, before, fd, err);
	exit(exit_code(err));
}

/* --- in the parent ------------------------------------------------------- */

/* Until the child says something or is gone. */
static void
wait_for_word(const struct session *session, pid_t child, int fd)
{
	struct pollfd word = { .fd = fd, .events = POLLIN };
	bool passed_on = false;

	for (;;) {
		int number = atomic_load(&session->work.stop);

		if (number != 0 && !passed_on) {
			(void)kill(child, number);
			passed_on = true;
		}
		int n = poll(&word, 1, LOOK_MS);
		if (n > 0 || (n < 0 && errno != EINTR))
			return;
	}
}

static bool
receive(int fd, void *bytes, size_t len)
{
	struct err ignored;
	size_t got = 0;

	return file_read(fd, bytes, len, "pipe", NULL, &got, &ignored) == 0 &&
	       got == len;
}

static void
receive_warnings(struct session *session, const struct outcome *outcome, int fd)
{
	for (unsigned i = 0; i < outcome->warnings; i++) {
		char *text = NULL;
		size_t len = 0;

		if (i < outcome->texts && receive(fd, &len, sizeof(len)) &&
		    len <= WARNING_MAX && (text = calloc(1, len + 1)) != NULL)
			(void)receive(fd, text, len);
		say_keep_warning(&session->say, text);
	}
}

static void
add_counts(struct counts *sum, const struct counts *counts)
{
	sum->several = true;
	sum->databases += counts->databases;
	sum->stored += counts->stored;
	sum->unchanged += counts->unchanged;
	sum->failed += counts->failed;
}

/* How a process ended that has not said how. */
static int
ended(int status, const char *job, struct err *err)
{
	if (!WIFSIGNALED(status))
		return err_set(err, ERR_FAILED, 0,
		    "the process of job '%s' ended without a word", job);
	(void)err_set(err, ERR_FAILED, 0,
	    "the process of job '%s' was ended by signal %d (%s)", job,
	    WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WTERMSIG(status) == SIGKILL)
		return err_hint(err,
		    "somebody killed it, or the kernel, for want of memory: see "
		    "dmesg");
	return -1;
}

static pid_t
start(struct session *session, const struct job *job, job_task *task,
    int *ret_fd, struct err *err)
{
	int ends[2];
	pid_t parent = getpid();

	(void)fflush(session->say.out);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_system(err, "start job '%s'", job->name);
	pid_t child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		work_in_child(session, job, task, parent, ends[1], err);
	}
	int saved = errno;
	(void)close(ends[1]);
	*ret_fd = ends[0];
	errno = saved;
	return child < 0 ? err_system(err, "start job '%s'", job->name) : child;
}

/* *ret_lost: it ended without a word, and *err says how. */
static int
run_task(struct session *session, const struct job *job, job_task *task,
    bool *ret_lost, struct err *err)
{
	AUTO(fd) int fd = -1;
	struct outcome outcome;
	int status = 0;

	*ret_lost = false;
	pid_t child = start(session, job, task, &fd, err);
	if (child < 0) {
		say_error(&session->say, err);
		return -1;
	}
	wait_for_word(session, child, fd);
	*ret_lost = !receive(fd, &outcome, sizeof(outcome));
	if (!*ret_lost)
		receive_warnings(session, &outcome, fd);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (*ret_lost)
		return ended(status, job->name, err);
	add_counts(&session->counts, &outcome.counts);
	session->say.out_errno = outcome.out_errno;
	if (outcome.err.kind == ERR_NONE)
		return 0;
	*err = outcome.err;
	return -1;
}

int
run_child(struct session *session, const struct job *job, struct err *err)
{
	bool lost = false;
	int rc = run_task(session, job, run_job, &lost, err);

	if (lost) {
		rc = run_task(session, job, run_job_lost, &lost, err);
		if (lost)
			say_error(&session->say, err);
	}
	/* Whoever failed has said so. */
	session->say.told = session->say.told || rc < 0;
	return rc;
}
