/* An archive comes from a file or a pipe, and never takes descriptor 0. */
#include "command/input.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

Test(input, a_file)
{
	char path[] = "/tmp/litesafe-input-XXXXXX";
	struct err err = { .kind = ERR_NONE };
	const char *name = NULL;
	int fd = -1, made = mkstemp(path);

	cr_assert(made >= 0);
	cr_expect_eq(input_open(path, &fd, &name, &err), 0, "%s", err.text);
	cr_expect_gt(fd, 2);
	cr_expect_str_eq(name, path);
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	(void)close(fd);
	(void)close(made);
	(void)unlink(path);
}

Test(input, standard_input_stays_open)
{
	struct err err = { .kind = ERR_NONE };
	const char *name = NULL;
	int fd = -1, ends[2];
	char byte = 0;

	cr_assert_eq(pipe(ends), 0);
	(void)dup2(ends[0], STDIN_FILENO);
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_assert_eq(input_open("-", &fd, &name, &err), 0);
	cr_expect_gt(fd, 2);
	cr_expect_str_eq(name, "standard input");
	cr_expect_eq(read(fd, &byte, 1), 1);
	(void)close(fd);
	cr_expect_geq(fcntl(STDIN_FILENO, F_GETFD), 0);
}

/* Nobody writes to it: opening would wait for ever. */
Test(input, a_named_pipe_does_not_hold_us, .timeout = 10)
{
	char path[] = "/tmp/litesafe-input-XXXXXX";
	struct err err = { .kind = ERR_NONE };
	struct work work = { .stop = SIGTERM };
	const char *name = NULL;
	size_t got = 0;
	char byte = 0;
	int fd = -1;

	(void)close(mkstemp(path));
	(void)unlink(path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_eq(input_open(path, &fd, &name, &err), 0, "%s", err.text);
	cr_expect_eq(file_read(fd, &byte, 1, name, &work, &got, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);

	/* Who comes late is still read. */
	int end = open(path, O_WRONLY | O_CLOEXEC);
	cr_assert_eq(write(end, "x", 1), 1);
	cr_expect_eq(file_read(fd, &byte, 1, name, NULL, &got, &err), 0);
	cr_expect_eq(byte, 'x');
	(void)close(end);
	(void)close(fd);
	(void)unlink(path);
}

Test(input, what_cannot_be_opened_is_named)
{
	struct err err = { .kind = ERR_NONE };
	const char *name = NULL;
	int fd = -1;

	cr_expect_eq(input_open("/nonexistent/x", &fd, &name, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect_str_eq(err.text,
	    "open archive '/nonexistent/x': No such file or directory");
	cr_expect_eq(input_open("/tmp", &fd, &name, &err), -1);
	cr_expect_str_eq(err.text, "archive '/tmp' is a folder");
	cr_expect_eq(fd, -1);
}
