/* A daemon at /dev/log, in a mount namespace of the test's own. */
#include "notify/system_log.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

static struct system_log log_ = SYSTEM_LOG_NONE;
static struct err err;

static void
make(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/dev", "tmpfs", 0, NULL) < 0)
		cr_skip_test("needs the right to mount a tmpfs");
}

static void
unmake(void)
{
	system_log_close(&log_);
}

TestSuite(system_log, .init = make, .fini = unmake, .timeout = 60);

static int
start_daemon(int type)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	(void)unlink(address.sun_path);
	cr_assert(fd >= 0);
	cr_assert_eq(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		cr_assert_eq(listen(fd, 4), 0);
	return fd;
}

static int
tell(const char *text)
{
	return system_log_send(&log_, 3, text, &err);
}

/* "<27>Nov 27 02:00:00 litesafe[PID]: text", where 27 is daemon and error. */
static void
expect_heard(int fd, const char *text, bool with_nul)
{
	char got[1024] = "", wanted[1024], month[4];
	int day, hour, minute, second, end = 0;

	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	cr_assert(n > 0, "nothing was heard of '%s'", text);
	cr_expect_eq(strlen(got) + (with_nul ? 1 : 0), (size_t)n);
	cr_expect_eq(sscanf(got, "<27>%3s %2d %2d:%2d:%2d %n", month, &day,
			 &hour, &minute, &second, &end),
	    5, "%s", got);
	cr_expect_eq(end, 4 + 16);
	(void)snprintf(
	    wanted, sizeof(wanted), "litesafe[%ld]: %s", (long)getpid(), text);
	cr_expect_str_eq(got + end, wanted);
}

Test(system_log, a_datagram)
{
	int fd = start_daemon(SOCK_DGRAM);

	cr_expect_eq(tell("error: one"), 0, "%s", err.text);
	cr_expect_eq(tell("error: two"), 0);
	expect_heard(fd, "error: one", false);
	expect_heard(fd, "error: two", false);
}

Test(system_log, a_stream)
{
	int fd = start_daemon(SOCK_STREAM);

	cr_expect_eq(tell("error: one"), 0, "%s", err.text);
	int peer = accept(fd, NULL, NULL);
	expect_heard(peer, "error: one", true);
	cr_expect_eq(tell("error: two"), 0);
	expect_heard(peer, "error: two", true);
}

Test(system_log, nobody_is_there)
{
	cr_expect_eq(tell("x"), -1);
	cr_expect_str_eq(err.text, "write to syslog at '/dev/log': "
				   "No such file or directory");
	/* And then somebody is. */
	int fd = start_daemon(SOCK_DGRAM);
	cr_expect_eq(tell("y"), 0);
	expect_heard(fd, "y", false);
}

Test(system_log, a_daemon_that_is_started_anew)
{
	int fd = start_daemon(SOCK_DGRAM);

	cr_expect_eq(tell("before"), 0);
	expect_heard(fd, "before", false);
	(void)close(fd);
	cr_expect_eq(tell("meanwhile"), -1);
	fd = start_daemon(SOCK_DGRAM);
	cr_expect_eq(tell("after"), 0);
	expect_heard(fd, "after", false);
	int second = start_daemon(SOCK_DGRAM);
	(void)close(fd);
	cr_expect_eq(tell("again"), 0);
	expect_heard(second, "again", false);
}

/* It does not read: its queue gets full, and nobody waits for it. */
Test(system_log, a_daemon_that_stands_still)
{
	int fd = start_daemon(SOCK_DGRAM), lost = 0;
	double began = clock_steady();
	char text[32];

	for (int i = 0; i < 20000; i++)
		lost += tell("x") < 0 ? 1 : 0;
	cr_expect(lost > 1000);
	cr_expect(clock_steady() - began < 5);
	cr_expect(strstr(err.text, "temporarily unavailable") != NULL, "%s",
	    err.text);

	/* It goes on. */
	while (recv(fd, text, sizeof(text), MSG_DONTWAIT) >= 0)
		;
	cr_expect_eq(tell("on"), 0);
	expect_heard(fd, "on", false);
}

Test(system_log, a_stream_that_stands_still)
{
	int fd = start_daemon(SOCK_STREAM), lost = 0;
	double began = clock_steady();

	for (int i = 0; i < 20000; i++)
		lost += tell("x") < 0 ? 1 : 0;
	cr_expect(lost > 1000);
	cr_expect(clock_steady() - began < 5, "%g", clock_steady() - began);
	(void)close(fd);
}
