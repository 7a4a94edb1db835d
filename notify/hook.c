/*
 * The leader of the hook's group is waited for with WNOWAIT: as long as nobody
 * has taken note of its end, its number, which is the group's, can be nobody
 * else's, and a signal to the group reaches no stranger.
 *
 * What stays in the background after a hook that ended by itself is left in
 * peace: starting something may be what the hook is for.
 */
#include "notify/hook.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "notify/child.h"
#include "notify/child_environment.h"
#include "notify/recent.h"
#include "notify/words.h"

enum { LOOK_MS = 50 };

/* From SIGTERM to SIGKILL, and from there until we leave it to the kernel. */
static const double patience = 5, last_patience = 2;

/* A hook on its way. */
struct run {
	struct child child;
	struct recent recent;
	bool reaped; /* the leader's end was taken note of */
	int status; /* as wait(2) tells it, when it was */
};

static void
run_auto(struct run *run)
{
	child_auto(&run->child);
	free(take_ptr(&run->recent.bytes));
}

/* -1 when there is nothing to be had now, or ever. */
static ssize_t
read_once(struct run *run)
{
	char bytes[16 * 1024];
	ssize_t got = read(run->child.output, bytes, sizeof(bytes));

	if (got > 0) {
		recent_add(&run->recent, bytes, (size_t)got);
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		(void)close(take_fd(&run->child.output));
		return -1;
	}
	return got;
}

/* Waits for it, or for the leader's end, a moment at most. */
static void
take_output(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = run->child.output, .events = POLLIN },
		{ .fd = run->child.end, .events = POLLIN },
	};

	if (poll(fds, 2, LOOK_MS) > 0 && fds[0].revents != 0)
		(void)read_once(run);
}

/*
 * What was in the pipe when the leader ended, and not what somebody in the
 * background goes on to write: no more than a pipe holds.
 */
static void
take_rest(struct run *run)
{
	size_t rest = 1 << 20;

	while (run->child.output >= 0 && rest > 0) {
		ssize_t got = read_once(run);

		if (got <= 0)
			break;
		rest -= (size_t)got < rest ? (size_t)got : rest;
	}
}

static bool
leader_ended(const struct run *run)
{
	siginfo_t info = { .si_pid = 0 };
	int rc = waitid(
	    P_PID, (id_t)run->child.pid, &info, WEXITED | WNOHANG | WNOWAIT);

	/* Nobody else waits for it, and SIGCHLD is not ignored. */
	assert(rc == 0 || errno == EINTR);
	return info.si_pid != 0;
}

static void
reap(struct run *run)
{
	while (waitpid(run->child.pid, &run->status, 0) < 0 && errno == EINTR)
		;
	run->reaped = true;
	if (run->child.end >= 0)
		(void)close(take_fd(&run->child.end));
}

/* "5m", "90s", "0.5s" */
static void
format_limit(double seconds, char *ret_text, size_t size)
{
	long minutes = (long)(seconds / 60);

	if (minutes > 0 && (double)minutes * 60 == seconds)
		(void)snprintf(ret_text, size, "%ldm", minutes);
	else
		(void)snprintf(ret_text, size, "%gs", seconds);
}

static bool
is_over(const struct hook *hook, double began)
{
	return hook->timeout > 0 && clock_steady() - began >= hook->timeout;
}

/* 0 when it ended by itself; -1 with ERR_NONE after its time limit. */
static int
watch(struct run *run, const struct hook *hook, double began, struct err *err)
{
	while (!leader_ended(run)) {
		take_output(run);
		if (work_check(hook->work, err) < 0)
			return -1;
		if (is_over(hook, began)) {
			err->kind = ERR_NONE;
			return -1;
		}
	}
	return 0;
}

/* A stopped process hears SIGTERM when it goes on. */
static void
signal_group(const struct run *run, int number)
{
	pid_t pid = run->child.pid;

	/* Before it has its group it is there alone. */
	if (kill(-pid, number) < 0 && errno == ESRCH && !run->reaped)
		(void)kill(pid, number);
	if (number == SIGTERM)
		(void)kill(-pid, SIGCONT);
}

/*
 * Until nobody of the group is left, or the time is over.  After its leader was
 * taken note of, its number is a group's for as long as others are in it; it
 * is asked for too often for another group to get that number in between.
 */
static bool
wait_for_group(struct run *run, double seconds)
{
	double end = clock_steady() + seconds;
	pid_t group = -run->child.pid;

	while (clock_steady() < end) {
		if (!run->reaped && leader_ended(run))
			reap(run);
		while (run->reaped && waitpid(group, NULL, WNOHANG) > 0)
			;
		if (run->reaped && kill(group, 0) < 0)
			return true;
		take_output(run);
	}
	return false;
}

static void
end_group(struct run *run)
{
	signal_group(run, SIGTERM);
	if (wait_for_group(run, patience))
		return;
	signal_group(run, SIGKILL);
	/*
	 * Who is stuck in the kernel, on a dead NFS server, or has become
	 * another user's, by sudo(8), is not waited for.
	 */
	(void)wait_for_group(run, last_patience);
}

/*
 * Whoever loses his parent meanwhile becomes our child.  In a container nobody
 * else may take note of his end, and the group would never be empty.
 */
static void
end_group_as_parent(struct run *run)
{
	int before = 0;

	(void)prctl(PR_GET_CHILD_SUBREAPER, &before, 0, 0, 0);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	end_group(run);
	(void)prctl(PR_SET_CHILD_SUBREAPER, before, 0, 0, 0);
}

static int
tell_limit(const struct run *run, const struct hook *hook, const char *name,
    struct err *err)
{
	char limit[32];

	format_limit(hook->timeout, limit, sizeof(limit));
	(void)err_set(err, ERR_FAILED, 0, "'%.200s' took longer than %s%s",
	    name, limit,
	    run->reaped ? " and was ended"
			: ", and could not be ended: it goes on");
	return err_hint(
	    err, "see what it waits for, or give it more time: hook-timeout");
}

static int
judge(const struct run *run, const char *name, struct err *err)
{
	int status = run->status;

	if (child_begun(&run->child, name, err) < 0)
		return -1;
	if (WIFSIGNALED(status))
		return err_set(err, ERR_FAILED, 0,
		    "'%.200s' was ended by signal %d (%s)", name,
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, ERR_FAILED, 0,
		    "'%.200s' ended with status %d", name, WEXITSTATUS(status));
	return 0;
}

/* As text: a NUL would hide what follows it. */
static int
give_result(struct run *run, double began, struct hook_result *ret_result)
{
	char *text = malloc(run->recent.count + 1);

	if (text == NULL)
		return -1;
	size_t len = recent_copy(&run->recent, text, run->recent.count);
	for (size_t i = 0; i < len; i++)
		text[i] = text[i] == '\0' ? '?' : text[i];
	text[len] = '\0';
	*ret_result = (struct hook_result){
		.output = text,
		.output_bytes = len,
		.cut = run->recent.cut,
		.seconds = clock_steady() - began,
	};
	return 0;
}

static int
run_words(const struct hook *hook, char *const words[], const char *name,
    struct hook_result *ret_result, struct err *err)
{
	AUTO(free) char **environment = NULL;
	AUTO(run)
	struct run run = {
		.child = CHILD_NONE,
		.recent = { .bytes = malloc(HOOK_OUTPUT_MAX),
		    .size = HOOK_OUTPUT_MAX },
	};
	double began = clock_steady();

	if (run.recent.bytes == NULL)
		return err_system(err, "keep what a hook says");
	if (child_environment(
		hook->variables, hook->variable_count, &environment, err) < 0 ||
	    child_start(words, environment, &run.child, err) < 0)
		return -1;
	int rc = watch(&run, hook, began, err);
	if (rc < 0)
		end_group_as_parent(&run);
	else
		reap(&run);
	take_rest(&run);
	if (give_result(&run, began, ret_result) < 0)
		return err_system(err, "keep what a hook said");
	if (rc == 0)
		return judge(&run, name, err);
	return err->kind == ERR_NONE ? tell_limit(&run, hook, name, err) : -1;
}

int
hook_run(
    const struct hook *hook, struct hook_result *ret_result, struct err *err)
{
	char shell[] = "/bin/sh", option[] = "-c";
	AUTO(words) struct words words = { .text = NULL };

	*ret_result = (struct hook_result){ .output = NULL };
	if (work_check(hook->work, err) < 0)
		return -1;
	if (hook->shell) {
		/* execve(2) takes char *, and changes nothing. */
		char *list[] = { shell, option, (char *)hook->line, NULL };

		return run_words(hook, list, hook->line, ret_result, err);
	}
	if (words_split(hook->line, &words, err) < 0)
		return -1;
	return run_words(hook, words.list, words.list[0], ret_result, err);
}

void
hook_result_done(struct hook_result *result)
{
	free(take_ptr(&result->output));
}

int
hook_line_check(const char *line, struct err *err)
{
	AUTO(words) struct words words = { .text = NULL };

	return words_split(line, &words, err);
}
