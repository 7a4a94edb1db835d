/* Real programs as hooks, well behaved and not. */
#include "notify/hook.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "tests/unit/shared/folder.h"

static struct err err;
static struct hook_result result;
static struct work work;

static int
run(const struct hook *hook)
{
	hook_result_done(&result);
	err = (struct err){ .kind = ERR_NONE };
	return hook_run(hook, &result, &err);
}

static int
shell(const char *line)
{
	return run(&(struct hook){ .line = line, .shell = true });
}

static void
clean_up(void)
{
	hook_result_done(&result);
	folder_remove();
}

TestSuite(hook, .init = folder_make, .fini = clean_up, .timeout = 60);

/* A script in the folder of the test. */
static const char *
script(const char *name, const char *text, mode_t mode)
{
	const char *path = folder_path(name);

	folder_write(path, text);
	cr_assert_eq(chmod(path, mode), 0);
	return path;
}

static void
expect_failed(int rc, const char *text)
{
	cr_expect_eq(rc, -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(strstr(err.text, text) != NULL, "%s", err.text);
}

/* Whoever has this number: alive and no zombie. */
static bool
is_alive(pid_t pid)
{
	char path[64], text[256] = "", state = 'X';

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	(void)sscanf(strrchr(text, ')') + 1, " %c", &state);
	return state != 'Z' && state != 'X';
}

static bool
ends_within(pid_t pid, double seconds)
{
	double end = clock_steady() + seconds;

	while (is_alive(pid) && clock_steady() < end)
		(void)usleep(10000);
	return !is_alive(pid);
}

/* The number that a hook left in a file. */
static pid_t
pid_in(const char *name)
{
	return (pid_t)atoi(folder_read(folder_path(name)));
}

static void
nobody_is_left(void)
{
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
	cr_expect_eq(errno, ECHILD, "a child was not waited for");
}

Test(hook, words_reach_the_program)
{
	char line[PATH_MAX];

	(void)snprintf(line, sizeof(line), "%s 'a  b' $HOME \\\"c \"\"",
	    script("print", "#!/bin/sh\nprintf '<%s>' \"$@\"; echo oops >&2\n",
		0755));
	cr_assert_eq(run(&(struct hook){ .line = line }), 0, "%s", err.text);
	cr_expect_str_eq(result.output, "<a  b><$HOME><\"c><>oops\n");
	cr_expect_eq(result.output_bytes, strlen(result.output));
	cr_expect_not(result.cut);
	cr_expect(result.seconds > 0 && result.seconds < 30);
	nobody_is_left();
}

Test(hook, a_program_without_a_path_is_found)
{
	cr_assert_eq(setenv("PATH", "/nowhere:relative::/usr/bin:/bin", 1), 0);
	cr_assert_eq(run(&(struct hook){ .line = "echo one two" }), 0);
	cr_expect_str_eq(result.output, "one two\n");
}

Test(hook, no_program_from_where_we_stand)
{
	(void)script("evil", "#!/bin/sh\necho evil\n", 0755);
	cr_assert_eq(chdir(folder), 0);
	cr_assert_eq(setenv("PATH", ":.:", 1), 0);
	expect_failed(run(&(struct hook){ .line = "evil" }),
	    "cannot start 'evil': No such file");
	cr_expect(strstr(err.hint, "PATH") != NULL);
	cr_assert_eq(chdir("/"), 0);
}

Test(hook, a_shell_when_asked)
{
	cr_assert_eq(shell("echo $((6*7)) | tr 4 x"), 0);
	cr_expect_str_eq(result.output, "x2\n");
}

Test(hook, status_and_signal)
{
	expect_failed(run(&(struct hook){ .line = "/bin/sh -c 'exit 3'" }),
	    "'/bin/sh' ended with status 3");
	expect_failed(shell("echo before; kill -9 $$"),
	    "'echo before; kill -9 $$' was ended by signal 9 (Killed)");
	cr_expect_str_eq(result.output, "before\n");
}

Test(hook, what_cannot_be_started)
{
	char line[PATH_MAX];

	expect_failed(run(&(struct hook){ .line = "/no/such/program a" }),
	    "cannot start '/no/such/program': No such file or directory");
	expect_failed(run(&(struct hook){ .line = "/etc/passwd" }),
	    "cannot start '/etc/passwd': Permission denied");
	cr_expect(strstr(err.hint, "execute") != NULL);
	expect_failed(
	    run(&(struct hook){ .line = folder }), "': Permission denied");
	expect_failed(
	    run(&(struct hook){ .line = script("none", "echo hi\n", 0755) }),
	    "': Exec format error");
	cr_expect(strstr(err.hint, "#!/bin/sh") != NULL);
	expect_failed(run(&(struct hook){ .line = script("lost",
					      "#!/no/interpreter\n", 0755) }),
	    "': No such file or directory");
	cr_expect(strstr(err.hint, "interpreter") != NULL);
	(void)snprintf(line, sizeof(line), "/%0*d", 3000, 0);
	expect_failed(
	    run(&(struct hook){ .line = line }), ": File name too long");
	nobody_is_left();
}

Test(hook, what_is_no_line)
{
	cr_expect_eq(run(&(struct hook){ .line = "/bin/echo 'open" }), -1);
	cr_expect_eq(err.kind, ERR_USAGE);
	cr_expect_null(result.output);
	cr_expect_eq(hook_line_check("/bin/echo \"", &err), -1);
	cr_expect_eq(hook_line_check("/bin/echo \"a b\"", &err), 0);
}

Test(hook, a_hostile_name)
{
	char line[PATH_MAX];
	const char *path = script(
	    "a b;$(touch x)\n\033[2J\xff", "#!/bin/sh\necho fine\n", 0755);

	(void)snprintf(line, sizeof(line), "'%s'", path);
	cr_expect_eq(run(&(struct hook){ .line = line }), 0, "%s", err.text);
	cr_expect_str_eq(result.output, "fine\n");
	cr_expect_eq(access("x", F_OK), -1);
}

/* --- what it has, and has not --------------------------------------------- */

Test(hook, nothing_of_ours)
{
	int leaked = open("/dev/null", O_RDONLY);

	cr_assert(leaked > 2);
	cr_assert_eq(fcntl(leaked, F_DUPFD, 200), 200);
	cr_assert_eq(shell("ls /proc/self/fd | tr '\\n' ' '; cat | wc -c"), 0);
	/* 3 is the folder that ls reads. */
	cr_expect_str_eq(result.output, "0 1 2 3 0\n");
}

/* glibc's posix_spawn(), of make for one, leaves its own two ignored, and
 * nobody may change them (signal(7)). */
static const unsigned long long glibc_signals = 3ULL << 31;

Test(hook, signals_by_default)
{
	unsigned long long blocked = 1, ignored = 1, caught = 1;
	sigset_t most;

	(void)sigfillset(&most);
	(void)sigdelset(&most, SIGKILL);
	(void)sigprocmask(SIG_SETMASK, &most, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	cr_assert_eq(shell("cat /proc/self/status | grep '^Sig[BIC]'"), 0,
	    "%s: %s", err.text, result.output);
	cr_assert_eq(
	    sscanf(result.output, "SigBlk: %llx SigIgn: %llx SigCgt: %llx",
		&blocked, &ignored, &caught),
	    3, "%s", result.output);
	cr_expect_eq(blocked, 0, "%s", result.output);
	cr_expect_eq(ignored & ~glibc_signals, 0, "%s", result.output);
	cr_expect_eq(caught, 0, "%s", result.output);
}

Test(hook, a_session_of_its_own)
{
	cr_assert_eq(shell("set -- $(cat /proc/$$/stat); echo $1 $5 $6"), 0);
	int pid = 0, group = 0, session = 0;
	cr_assert_eq(
	    sscanf(result.output, "%d %d %d", &pid, &group, &session), 3);
	cr_expect_eq(group, pid);
	cr_expect_eq(session, pid);
	cr_expect_neq(session, getsid(0));
}

Test(hook, variables_and_no_secret)
{
	const struct hook_variable variables[] = {
		{ "LITESAFE_JOB", "a 'b' $c" },
		{ "LITESAFE_STATUS", "ok" },
	};

	cr_assert_eq(setenv("LITESAFE_KEY", "hidden", 1), 0);
	cr_assert_eq(setenv("LITESAFE_PING_URL", "http://hidden", 1), 0);
	cr_assert_eq(
	    run(&(struct hook){
		.line = "env", .variables = variables, .variable_count = 2 }),
	    0);
	cr_expect(strstr(result.output, "LITESAFE_JOB=a 'b' $c\n") != NULL);
	cr_expect(strstr(result.output, "LITESAFE_STATUS=ok\n") != NULL);
	cr_expect_null(strstr(result.output, "hidden"));
}

/* --- what it says --------------------------------------------------------- */

Test(hook, the_end_of_much_output)
{
	cr_assert_eq(
	    shell("head -c 300000 /dev/zero | tr '\\0' x; echo end"), 0);
	cr_expect(result.cut);
	cr_expect_eq(result.output_bytes, HOOK_OUTPUT_MAX);
	cr_expect_str_eq(result.output + HOOK_OUTPUT_MAX - 6, "xxend\n");
}

Test(hook, a_gibibyte_is_no_trouble)
{
	cr_assert_eq(shell("head -c 1073741824 /dev/zero"), 0);
	cr_expect(result.cut);
	/* A NUL would end the text. */
	cr_expect_eq(strlen(result.output), HOOK_OUTPUT_MAX);
}

Test(hook, no_output)
{
	cr_assert_eq(shell(":"), 0);
	cr_expect_str_eq(result.output, "");
	cr_expect_eq(result.output_bytes, 0);
}

Test(hook, who_closes_its_output_is_waited_for)
{
	char line[PATH_MAX + 64];

	(void)snprintf(line, sizeof(line),
	    "exec >&- 2>&-; sleep 0.3; : >%s; exit 4", folder_path("done"));
	expect_failed(shell(line), "status 4");
	cr_expect_eq(access(folder_path("done"), F_OK), 0);
}

/* --- its end -------------------------------------------------------------- */

Test(hook, a_time_limit)
{
	expect_failed(
	    run(&(struct hook){
		.line = "echo a; sleep 60", .shell = true, .timeout = 0.2 }),
	    "'echo a; sleep 60' took longer than 0.2s and was ended");
	cr_expect(result.seconds < 4, "%g", result.seconds);
	cr_expect_str_eq(result.output, "a\n");
	nobody_is_left();
}

Test(hook, who_ignores_SIGTERM_is_killed)
{
	char line[PATH_MAX + 128];

	(void)snprintf(line, sizeof(line),
	    "trap '' TERM; sh -c 'echo $$ >%s; exec sleep 60' & wait; "
	    "while :; do sleep 1; done",
	    folder_path("pid"));
	expect_failed(
	    run(&(struct hook){ .line = line, .shell = true, .timeout = 0.3 }),
	    "took longer than 0.3s");
	cr_expect(
	    result.seconds > 4.5 && result.seconds < 9, "%g", result.seconds);
	cr_expect(ends_within(pid_in("pid"), 2), "its child is there");
	nobody_is_left();
}

/* The first process of a namespace of its own: nobody else waits for anybody. */
static int
as_first_process(void)
{
	int status = 0;

	if (unshare(CLONE_NEWPID) < 0)
		return 77;
	pid_t first = fork();
	if (first == 0) {
		int rc = run(&(struct hook){ .line = "sleep 60 & sleep 60",
		    .shell = true,
		    .timeout = 0.2 });
		_exit(rc < 0 && result.seconds < 3 ? 0 : 1);
	}
	return waitpid(first, &status, 0) == first && status == 0 ? 0 : 1;
}

/* As in a container whose first process takes note of nobody's end. */
Test(hook, orphans_do_not_hold_us)
{
	int status = 0;
	pid_t child = fork();

	cr_assert(child >= 0);
	if (child == 0)
		_exit(as_first_process());
	cr_assert_eq(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) == 77)
		cr_skip_test("needs the right to a namespace of processes");
	cr_expect_eq(status, 0);
}

/* The leader goes at SIGTERM; the others of its group have as much time. */
Test(hook, the_rest_of_the_group_may_clean_up)
{
	char line[PATH_MAX * 2 + 256];

	(void)snprintf(line, sizeof(line),
	    "(trap 'sleep 1; echo cleaned >%s; exit' TERM; "
	    "while :; do sleep 0.1; done) & sleep 60",
	    folder_path("cleaned"));
	expect_failed(
	    run(&(struct hook){ .line = line, .shell = true, .timeout = 0.3 }),
	    "took longer than");
	cr_expect_eq(access(folder_path("cleaned"), F_OK), 0);
	cr_expect(result.seconds < 5, "%g", result.seconds);
}

Test(hook, who_was_stopped_is_ended)
{
	expect_failed(
	    run(&(struct hook){
		.line = "kill -STOP $$", .shell = true, .timeout = 0.2 }),
	    "took longer than");
	cr_expect(result.seconds < 4);
}

/* As sudo(8) does it; the rest of the test is another user's. */
static void
run_as_nobody(const char *line)
{
	if (setgid(65534) < 0 || setuid(65534) < 0)
		_exit(1);
	(void)run(&(struct hook){ .line = line, .timeout = 0.2 });
	FILE *file = fopen(folder_path("said"), "w");
	if (file == NULL ||
	    fprintf(file, "%s\n%g\n", err.text, result.seconds) < 0 ||
	    fclose(file) != 0)
		_exit(2);
	_exit(0);
}

Test(hook, who_became_another_user_is_left)
{
	char line[PATH_MAX * 2 + 256];
	int status = 0;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	(void)snprintf(line, sizeof(line),
	    "cp \"$(command -v setpriv)\" %s && chmod 4755 %s",
	    folder_path("up"), folder_path("up"));
	cr_assert_eq(shell(line), 0, "%s: %s", err.text, result.output);
	cr_assert_eq(chmod(folder, 0777), 0);
	(void)snprintf(line, sizeof(line),
	    "%s --reuid=0 sh -c 'echo $$ >%s; exec sleep 60'",
	    folder_path("up"), folder_path("pid"));
	pid_t child = fork();
	cr_assert(child >= 0);
	if (child == 0)
		run_as_nobody(line);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	if (access(folder_path("pid"), F_OK) < 0)
		cr_skip_test("needs a folder where programs may be setuid");
	const char *said = folder_read(folder_path("said"));
	cr_expect(
	    strstr(said, "longer than 0.2s, and could not be ended") != NULL,
	    "%s", said);
	cr_expect(atof(strchr(said, '\n') + 1) < 9, "%s", said);
	(void)kill(pid_in("pid"), SIGKILL);
}

static void
ask_to_stop(int number)
{
	atomic_store(&work.stop, number);
}

Test(hook, a_stop_request_ends_it)
{
	(void)signal(SIGALRM, ask_to_stop);
	(void)ualarm(200000, 0);
	int rc = run(&(struct hook){
	    .line = "sleep 60 & sleep 60", .shell = true, .work = &work });
	cr_expect_eq(rc, -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect(result.seconds < 4);
	nobody_is_left();
	/* And none begins after it. */
	char line[PATH_MAX];
	(void)snprintf(line, sizeof(line), "touch %s", folder_path("begun"));
	cr_expect_eq(run(&(struct hook){ .line = line, .work = &work }), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect_eq(access(folder_path("begun"), F_OK), -1);
}

/* A daemon keeps the pipe, and may even go on writing to it. */
Test(hook, a_grandchild_does_not_hold_us)
{
	char line[PATH_MAX + 128];
	double began = clock_steady();

	(void)snprintf(line, sizeof(line),
	    "setsid sh -c 'echo $$ >%s; exec sleep 30' & "
	    "setsid yes noise & sleep 0.2; echo told",
	    folder_path("pid"));
	cr_expect_eq(shell(line), 0);
	cr_expect(clock_steady() - began < 5);
	cr_expect(is_alive(pid_in("pid")), "a daemon is left in peace");
	(void)kill(pid_in("pid"), SIGKILL);
}

/* We are killed: it is told. */
Test(hook, it_does_not_outlive_us)
{
	char line[PATH_MAX + 64];

	(void)snprintf(line, sizeof(line), "echo $$ >%s; exec sleep 60",
	    folder_path("pid"));
	pid_t us = fork();
	cr_assert(us >= 0);
	if (us == 0) {
		(void)shell(line);
		_exit(0);
	}
	while (access(folder_path("pid"), F_OK) < 0)
		(void)usleep(10000);
	(void)usleep(200000);
	pid_t pid = pid_in("pid");
	cr_assert(pid > 0 && is_alive(pid));
	(void)kill(us, SIGKILL);
	(void)waitpid(us, NULL, 0);
	cr_expect(ends_within(pid, 2));
}
