#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/auto.h"
#include "tests/unit/shared/folder.h"

TestSuite(file, .init = folder_make, .fini = folder_remove);

Test(file, read_goes_on_to_the_end)
{
	AUTO(fd) int fd = -1;
	struct err err = { 0 };
	char buf[20] = "";
	size_t got = 99;

	folder_write(folder_path("a"), "0123456789");
	fd = open(folder_path("a"), O_RDONLY | O_CLOEXEC);
	cr_assert_eq(file_read(fd, buf, 4, "a", NULL, &got, &err), 0);
	cr_assert_eq(got, 4);
	cr_assert_eq(file_read(fd, buf, 20, "a", NULL, &got, &err), 0);
	cr_assert_eq(got, 6);
	cr_assert_arr_eq(buf, "456789", 6);
	cr_assert_eq(file_read(fd, buf, 20, "a", NULL, &got, &err), 0);
	cr_assert_eq(got, 0);
}

Test(file, read_at_leaves_the_position_alone)
{
	AUTO(fd) int fd = -1;
	struct err err = { 0 };
	char buf[20];
	size_t got = 0;

	folder_write(folder_path("a"), "0123456789");
	fd = open(folder_path("a"), O_RDONLY | O_CLOEXEC);
	cr_assert_eq(file_read_at(fd, buf, 4, 3, "a", &got, &err), 0);
	cr_assert_eq(got, 4);
	cr_assert_arr_eq(buf, "3456", 4);
	cr_assert_eq(lseek(fd, 0, SEEK_CUR), 0);
	cr_assert_eq(file_read_at(fd, buf, 4, 8, "a", &got, &err), 0);
	cr_assert_eq(got, 2);
	cr_assert_eq(file_read_at(fd, buf, 4, 1000, "a", &got, &err), 0);
	cr_assert_eq(got, 0);
}

Test(file, errors_name_the_object_and_the_reason)
{
	struct err err = { 0 };
	char buf[4] = "";
	size_t got = 7;

	cr_assert_eq(file_read(-1, buf, 4, "thing", NULL, &got, &err), -1);
	cr_assert_str_eq(err.text, "read 'thing': Bad file descriptor");
	cr_assert_eq(got, 7, "an output is set on success only");
	cr_assert_eq(file_read_at(-1, buf, 4, 0, "thing", &got, &err), -1);
	cr_assert_eq(err.code, EBADF);
	cr_assert_eq(file_write_at(-1, buf, 4, 0, "thing", &err), -1);
	cr_assert_eq(err.code, EBADF);
	cr_assert_eq(file_flush(-1, "thing", &err), -1);
	cr_assert_eq(file_flush_folder(folder_path("missing"), &err), -1);
	cr_assert_eq(err.code, ENOENT);
	cr_assert_not_null(strstr(err.text, "/missing'"));
}

static void *
write_late(void *arg)
{
	const int *fd = arg;

	(void)usleep(30000);
	(void)!write(*fd, "late", 4);
	(void)close(*fd);
	return NULL;
}

/* ssh, node and others hand such pipes on. */
Test(file, a_non_blocking_pipe_is_waited_for)
{
	int ends[2];
	pthread_t writer;
	struct err err = { 0 };
	char buf[20];
	size_t got = 0;

	cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	cr_assert_eq(pthread_create(&writer, NULL, write_late, &ends[1]), 0);
	cr_expect_eq(file_read(ends[0], buf, 20, "pipe", NULL, &got, &err), 0,
	    "%s", err.text);
	cr_expect_eq(got, 4);
	cr_assert_eq(pthread_join(writer, NULL), 0);
	(void)close(ends[0]);
}

/* Not by EINTR: the request came before the read began. */
Test(file, a_silent_pipe_is_left_when_asked_to_stop)
{
	struct work work = { .stop = SIGTERM };
	int ends[2];
	struct err err = { 0 };
	char buf[20];
	size_t got = 0;

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_expect_eq(
	    file_read(ends[0], buf, 20, "pipe", &work, &got, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

Test(file, write_at_makes_holes_of_zeros)
{
	AUTO(fd)
	int fd = open(folder_path("a"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct err err = { 0 };
	char buf[8];
	size_t got = 0;

	cr_assert_eq(file_write_at(fd, "abc", 3, 5, "a", &err), 0);
	cr_assert_eq(file_write_at(fd, "x", 1, 0, "a", &err), 0);
	cr_assert_eq(file_read_at(fd, buf, 8, 0, "a", &got, &err), 0);
	cr_assert_eq(got, 8);
	cr_assert_arr_eq(buf, "x\0\0\0\0abc", 8);
}

Test(file, a_full_device_is_no_space)
{
	AUTO(fd) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct err err = { 0 };

	cr_assert_geq(fd, 0);
	cr_assert_eq(file_write(fd, "x", 1, "full", NULL, &err), -1);
	cr_assert_eq(err.kind, ERR_NO_SPACE);
}

/* Reads a pipe slowly, in odd pieces, and counts. */
struct reader {
	int fd;
	size_t got;
	bool intact;
};

static void *
read_slowly(void *arg)
{
	struct reader *reader = arg;
	uint8_t buf[4093];

	reader->intact = true;
	for (ssize_t n; (n = read(reader->fd, buf, sizeof(buf))) > 0;) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != (uint8_t)((reader->got + (size_t)i) / 7))
				reader->intact = false;
		reader->got += (size_t)n;
		if (reader->got % 11 == 0)
			(void)usleep(100);
	}
	return NULL;
}

Test(file, a_pipe_gets_all_of_it_in_order)
{
	enum { LEN = 1000003 };
	AUTO(free) uint8_t *bytes = malloc(LEN);
	struct reader reader = { 0 };
	struct err err = { 0 };
	pthread_t thread;
	int ends[2];

	cr_assert_not_null(bytes);
	for (size_t i = 0; i < LEN; i++)
		bytes[i] = (uint8_t)(i / 7);
	cr_assert_eq(pipe(ends), 0);
	reader.fd = ends[0];
	cr_assert_eq(pthread_create(&thread, NULL, read_slowly, &reader), 0);
	cr_assert_eq(file_write(ends[1], bytes, LEN, "pipe", NULL, &err), 0);
	(void)close(ends[1]);
	(void)pthread_join(thread, NULL);
	(void)close(ends[0]);
	cr_assert_eq(reader.got, LEN);
	cr_assert(reader.intact);
}

static int
patience(void *ctx, struct err *err)
{
	int *left = ctx;

	return --*left > 0 ? 0 : err_set(err, ERR_BUSY, 0, "waited enough");
}

/* Nobody reads: the limit must be asked again and again, and must end it. */
Test(file, a_reader_that_stands_still_cannot_hold_us, .timeout = 20)
{
	AUTO(free) char *bytes = calloc(1, 1 << 20);
	int left = 20;
	struct work work = { .limit = patience, .limit_ctx = &left };
	struct err err = { 0 };
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(
	    file_write(ends[1], bytes, 1 << 20, "pipe", &work, &err), -1);
	cr_assert_eq(err.kind, ERR_BUSY);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

Test(file, a_reader_that_is_gone_is_an_error)
{
	struct err err = { 0 };
	int ends[2];

	(void)signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	(void)close(ends[0]);
	cr_assert_eq(file_write(ends[1], "x", 1, "pipe", NULL, &err), -1);
	cr_assert_eq(err.code, EPIPE);
	(void)close(ends[1]);
}

static void
ignore(int signal)
{
	(void)signal;
}

/* Another thread interrupts the reader 20 times, then feeds the pipe. */
struct disturber {
	pthread_t reader;
	pthread_t thread;
	int ends[2];
};

static void *
disturb(void *arg)
{
	struct disturber *disturber = arg;

	for (int i = 0; i < 20; i++) {
		(void)usleep(2000);
		(void)pthread_kill(disturber->reader, SIGUSR1);
	}
	(void)!write(disturber->ends[1], "done", 4);
	return NULL;
}

static void
disturber_start(struct disturber *disturber)
{
	struct sigaction action = { .sa_handler = ignore };

	disturber->reader = pthread_self();
	cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
	cr_assert_eq(pipe(disturber->ends), 0);
	cr_assert_eq(
	    pthread_create(&disturber->thread, NULL, disturb, disturber), 0);
}

static void
disturber_end(struct disturber *disturber)
{
	(void)pthread_join(disturber->thread, NULL);
	(void)close(disturber->ends[0]);
	(void)close(disturber->ends[1]);
}

Test(file, an_interrupted_read_goes_on)
{
	struct disturber disturber;
	struct err err = { 0 };
	char buf[4];
	size_t got = 0;

	disturber_start(&disturber);
	int rc = file_read(disturber.ends[0], buf, 4, "pipe", NULL, &got, &err);
	disturber_end(&disturber);
	cr_assert_eq(rc, 0);
	cr_assert_eq(got, 4);
	cr_assert_arr_eq(buf, "done", 4);
}

Test(file, an_interrupted_read_stops_when_asked_to)
{
	struct work work = { .stop = SIGTERM };
	struct disturber disturber;
	struct err err = { 0 };
	char buf[4];
	size_t got = 0;

	disturber_start(&disturber);
	int rc =
	    file_read(disturber.ends[0], buf, 4, "pipe", &work, &got, &err);
	disturber_end(&disturber);
	cr_assert_eq(rc, -1);
	cr_assert_eq(err.kind, ERR_STOPPED);
}

Test(file, scratch_has_no_name_and_is_private)
{
	AUTO(fd) int fd = -1;
	struct err err = { 0 };
	struct stat st;

	(void)umask(0);
	cr_assert_eq(file_scratch(folder, &fd, &err), 0, "%s", err.text);
	cr_assert_eq(folder_count(), 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(st.st_nlink, 0);
	cr_assert_eq(file_write_at(fd, "x", 1, 0, "scratch", &err), 0);
}

Test(file, scratch_in_a_missing_folder_names_it)
{
	struct err err = { 0 };
	int fd = -1;

	cr_assert_eq(file_scratch(folder_path("missing"), &fd, &err), -1);
	cr_assert_eq(err.code, ENOENT);
	cr_assert_not_null(strstr(err.text, "/missing'"));
	cr_assert_eq(fd, -1);
}

Test(file, scratch_folder_is_where_TMPDIR_says)
{
	cr_assert_eq(setenv("TMPDIR", "/somewhere", 1), 0);
	cr_assert_str_eq(file_scratch_folder(), "/somewhere");
	cr_assert_eq(setenv("TMPDIR", "relative", 1), 0);
	cr_assert_str_eq(file_scratch_folder(), "/var/tmp");
	cr_assert_eq(unsetenv("TMPDIR"), 0);
	cr_assert_str_eq(file_scratch_folder(), "/var/tmp");
}

Test(file, free_space_is_told)
{
	AUTO(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err = { 0 };
	uint64_t bytes = 0;

	cr_assert_eq(file_free_space(fd, folder, &bytes, &err), 0);
	cr_assert_gt(bytes, 0);
	cr_assert_eq(file_free_space(-1, "x", &bytes, &err), -1);
}

Test(file, folder_of_a_path)
{
	static const char *const cases[][2] = { { "a", "." }, { "/a", "/" },
		{ "a/b", "a" }, { "/a/b/c", "/a/b" }, { "a/b/", "a" },
		{ "./a", "." }, { "", "." } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(free) char *text = NULL;
		struct err err = { 0 };

		cr_assert_eq(file_folder_of(cases[i][0], &text, &err), 0);
		cr_assert_str_eq(text, cases[i][1]);
	}
}
