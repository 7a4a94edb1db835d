/* Real files as logs, and such as should not be one. */
#include "notify/log.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "tests/unit/shared/folder.h"

static struct log log_;
static struct err err;

static int
open_log(const char *file)
{
	err = (struct err){ .kind = ERR_NONE };
	log_begin(&log_);
	return log_open(&log_, &(struct log_options){ .file = file }, &err);
}

static void
clean_up(void)
{
	log_close(&log_);
	folder_remove();
}

TestSuite(log, .init = folder_make, .fini = clean_up);

/* "2026-11-27T02:00:00.123Z PID text" */
static void
expect_line(const char *line, const char *text)
{
	char pid[32];

	(void)snprintf(pid, sizeof(pid), "Z %ld ", (long)getpid());
	cr_expect_eq(line[4], '-');
	cr_expect_eq(line[10], 'T');
	cr_expect_eq(strncmp(line + 23, pid, strlen(pid)), 0, "%s", line);
	cr_expect_eq(strncmp(line + 23 + strlen(pid), text, strlen(text)), 0,
	    "%s", line);
}

Test(log, a_line_of_each_priority)
{
	const char *path = folder_path("log");
	char all[4096];

	cr_assert_eq(open_log(path), 0, "%s", err.text);
	cr_expect_eq(log_line(&log_, LOG_P_ERROR, "what: why", &err), 0);
	cr_expect_eq(log_line(&log_, LOG_P_HINT, "next", &err), 0);
	cr_expect_eq(log_line(&log_, LOG_P_WARNING, "careful", &err), 0);
	cr_expect_eq(log_line(&log_, LOG_P_INFO, "done", &err), 0);
	(void)snprintf(all, sizeof(all), "%s", folder_read(path));
	char *at = strtok(all, "\n");
	expect_line(at, "error: what: why");
	expect_line(at = strtok(NULL, "\n"), "hint: next");
	expect_line(at = strtok(NULL, "\n"), "warning: careful");
	expect_line(at = strtok(NULL, "\n"), "done");
	cr_expect_null(strtok(NULL, "\n"));
}

Test(log, one_printable_line)
{
	const char *path = folder_path("log");

	cr_assert_eq(open_log(path), 0);
	cr_expect_eq(log_line(&log_, LOG_P_INFO, "a\nb\033[2J\xff", &err), 0);
	const char *text = folder_read(path);
	cr_expect(strstr(text, "a\xef\xbf\xbd"
			       "b\xef\xbf\xbd[2J\xef\xbf\xbd\n") != NULL);
	cr_expect_eq(strchr(text, '\n'), text + strlen(text) - 1);
}

Test(log, is_appended_to_and_private)
{
	const char *path = folder_path("log");
	struct stat st;

	(void)umask(0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(open_log(path), 0);
		cr_expect_eq(log_line(&log_, LOG_P_INFO, "x", &err), 0);
		log_close(&log_);
	}
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0640);
	cr_expect_eq((size_t)st.st_size, strlen(folder_read(path)));
	cr_expect_neq(
	    strchr(folder_read(path), '\n'), strrchr(folder_read(path), '\n'));
}

/* What logrotate does between two runs. */
Test(log, may_be_renamed)
{
	const char *path = folder_path("log"), *old = folder_path("log.1");

	cr_assert_eq(open_log(path), 0);
	cr_expect_eq(log_line(&log_, LOG_P_INFO, "first", &err), 0);
	cr_assert_eq(rename(path, old), 0);
	/* Of the run that has it open nothing is lost. */
	cr_expect_eq(log_line(&log_, LOG_P_INFO, "second", &err), 0);
	log_close(&log_);
	cr_assert_eq(open_log(path), 0);
	cr_expect_eq(log_line(&log_, LOG_P_INFO, "third", &err), 0);
	cr_expect(strstr(folder_read(old), "second") != NULL);
	cr_expect_null(strstr(folder_read(path), "second"));
	cr_expect(strstr(folder_read(path), "third") != NULL);
}

static void
expect_refused(const char *path, const char *why)
{
	cr_expect_eq(open_log(path), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(strstr(err.text, why) != NULL, "%s", err.text);
	cr_expect(strstr(err.text, path) != NULL, "%s", err.text);
}

Test(log, what_is_no_log)
{
	const char *path = folder_path("file"), *link_ = folder_path("link");

	folder_write(path, "x");
	cr_assert_eq(symlink(path, link_), 0);
	expect_refused(link_, "symbolic link");
	cr_assert_eq(unlink(link_), 0);
	cr_assert_eq(link(path, link_), 0);
	expect_refused(link_, "more than one name");
	expect_refused(folder, "Is a directory");
	expect_refused("/no/such/folder/log", "No such file");
	cr_assert_eq(mkfifo(folder_path("fifo"), 0600), 0);
	expect_refused(folder_path("fifo"), "No such device");
	cr_expect_str_eq(folder_read(path), "x");
}

Test(log, anothers_file_where_everybody_may_write)
{
	const char *path = folder_path("log");

	if (geteuid() != 0)
		cr_skip_test("needs root");
	folder_write(path, "");
	cr_assert_eq(chown(path, 65534, 65534), 0);
	cr_assert_eq(chmod(folder, 01777), 0);
	expect_refused(path, "belongs to another user");
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_expect_eq(open_log(path), 0, "an application's own log");
}

Test(log, a_full_disk_is_told_once)
{
	cr_assert_eq(open_log("/dev/full"), 0, "%s", err.text);
	cr_expect_eq(log_line(&log_, LOG_P_ERROR, "a", &err), -1);
	cr_expect_eq(err.kind, ERR_NO_SPACE);
	cr_expect(strstr(err.text, "write to the log '/dev/full'") != NULL);
	cr_expect_eq(log_line(&log_, LOG_P_ERROR, "b", &err), 0);
	char tail[200];
	log_tail(&log_, tail, sizeof(tail));
	cr_expect(strstr(tail, "error: b\n") != NULL);
}

/* --- the tail ------------------------------------------------------------- */

Test(log, the_tail_without_a_file)
{
	char tail[LOG_TAIL];

	log_begin(&log_);
	log_tail(&log_, tail, sizeof(tail));
	cr_expect_str_empty(tail);
	cr_expect_eq(log_line(&log_, LOG_P_ERROR, "one", &err), 0);
	cr_expect_eq(log_line(&log_, LOG_P_INFO, "two", &err), 0);
	log_tail(&log_, tail, sizeof(tail));
	expect_line(tail, "error: one\n");
	expect_line(strchr(tail, '\n') + 1, "two\n");
}

/* Whatever is cut, whole lines are left, and the last one is. */
static void
expect_end(size_t size, int last)
{
	char tail[LOG_TAIL + 1], end[64];

	log_tail(&log_, tail, size);
	cr_expect(strlen(tail) < size);
	(void)snprintf(end, sizeof(end), " line %d\n", last);
	cr_expect_str_eq(tail + strlen(tail) - strlen(end), end);
	expect_line(tail, "line ");
}

Test(log, the_tail_of_many_lines)
{
	char text[64];

	log_begin(&log_);
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(text, sizeof(text), "line %d", i);
		cr_expect_eq(log_line(&log_, LOG_P_INFO, text, &err), 0);
	}
	expect_end(LOG_TAIL + 1, 1999);
	for (size_t size = 100; size < 200; size++)
		expect_end(size, 1999);
}

/* --- the journal ---------------------------------------------------------- */

static void
set_stream(unsigned long device, unsigned long inode, const char *rest)
{
	char text[100];

	(void)snprintf(text, sizeof(text), "%lu:%lu%s", device, inode, rest);
	cr_assert_eq(setenv("JOURNAL_STREAM", text, 1), 0);
	log_begin(&log_);
}

Test(log, the_journal_gets_priorities)
{
	struct stat st;

	cr_assert_eq(fstat(STDERR_FILENO, &st), 0);
	set_stream(st.st_dev, st.st_ino, "");
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_ERROR), "<3>");
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_WARNING), "<4>");
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_HINT), "<5>");
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_INFO), "<6>");

	/* Standard error was redirected, or it is nonsense. */
	set_stream(st.st_dev, st.st_ino + 1, "");
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_ERROR), "");
	set_stream(st.st_dev + 1, st.st_ino, "");
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_ERROR), "");
	set_stream(st.st_dev, st.st_ino, "x");
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_ERROR), "");
	cr_assert_eq(setenv("JOURNAL_STREAM", "", 1), 0);
	log_begin(&log_);
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_ERROR), "");
	cr_assert_eq(unsetenv("JOURNAL_STREAM"), 0);
	log_begin(&log_);
	cr_expect_str_eq(log_prefix(log_.journal, LOG_P_ERROR), "");
}
