/* Both streams go to files without a name and are read back afterwards. */
#include "run.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/command.h"
#include "command/report.h"
#include "database/engine.h"
#include "tests/unit/shared/fresh.h"

enum { WORDS_MAX = 24 };

static char folder[FRESH_BYTES], before[PATH_MAX];

static void
sql(const char *text)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open("app.db", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

void
run_make_folder(void)
{
	struct err err = { .kind = ERR_NONE };

	/* The engine wants to be set up before SQLite is used. */
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	cr_assert(getcwd(before, sizeof(before)) != NULL);
	fresh_folder(folder);
	cr_assert_eq(chdir(folder), 0);
	sql("PRAGMA journal_mode=WAL;"
	    "CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
	    "i + 1 FROM n WHERE i < 2000) "
	    "INSERT INTO t SELECT i, randomblob(300) FROM n;");
}

static int
forget(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

void
run_remove_folder(void)
{
	cr_assert_eq(chdir(before), 0);
	(void)nftw(folder, forget, 16, FTW_DEPTH | FTW_PHYS);
}

static int
to_file(int number, int *ret_saved)
{
	char name[] = "/tmp/litesafe-run-XXXXXX";
	int fd = mkstemp(name);

	cr_assert(fd >= 0);
	(void)unlink(name);
	*ret_saved = dup(number);
	(void)dup2(fd, number);
	return fd;
}

static void
from_file(int fd, int saved, int number, char *ret_text, size_t size)
{
	(void)dup2(saved, number);
	(void)close(saved);
	ssize_t got = pread(fd, ret_text, size - 1, 0);
	cr_assert(got >= 0);
	ret_text[got] = '\0';
	(void)close(fd);
}

static int
main_again(int argc, char **argv)
{
	struct session session = { .started = clock_steady() };
	struct err err = { .kind = ERR_NONE };

	int rc =
	    options_read(argc, argv, &session.command, &session.options, &err);
	if (say_begin(&session.options, &session.say, &err) < 0)
		return 1;
	say_open_log(&session.say, &session.options);
	if (rc == 0)
		rc = command_run(&session, &err);
	int code = report_end(&session, rc, &err);
	/* The program's session lasts as long as the program. */
	free(session.options.check_sql.list);
	return code;
}

void
run_line(const char *line, struct run *ret_run)
{
	char buffer[1024], *argv[WORDS_MAX + 1];
	int argc = 0, saved_out, saved_err;

	(void)snprintf(buffer, sizeof(buffer), "litesafe %s", line);
	for (char *word = strtok(buffer, " "); word != NULL;
	     word = strtok(NULL, " ")) {
		cr_assert(argc < WORDS_MAX);
		argv[argc++] = word;
	}
	argv[argc] = NULL;

	(void)fflush(NULL);
	int out = to_file(STDOUT_FILENO, &saved_out);
	int errors = to_file(STDERR_FILENO, &saved_err);
	ret_run->code = main_again(argc, argv);
	(void)fflush(stderr);
	from_file(errors, saved_err, STDERR_FILENO, ret_run->errors,
	    sizeof(ret_run->errors));
	from_file(
	    out, saved_out, STDOUT_FILENO, ret_run->out, sizeof(ret_run->out));
}

struct run ran;

void
run_make_archive(void)
{
	run_make_folder();
	run_line("backup app.db -o a -q", &ran);
	cr_assert_eq(ran.code, 0, "%s", ran.errors);
}

void
run_expect(const char *line, int code, const char *out, const char *errors)
{
	run_line(line, &ran);
	cr_expect_eq(ran.code, code, "%s: %d: %s", line, ran.code, ran.errors);
	cr_expect(strstr(ran.out, out) != NULL, "%s: %s", line, ran.out);
	cr_expect(
	    strstr(ran.errors, errors) != NULL, "%s: %s", line, ran.errors);
}

void
run_make_repository(unsigned snapshots)
{
	run_expect("init -r R -q", 0, "", "");
	for (unsigned i = 0; i < snapshots; i++) {
		sql("UPDATE t SET b=randomblob(300) WHERE a=7");
		run_expect("backup app.db -r R --state S -q", 0, "", "");
	}
}

void
run_in_silence(void)
{
	int null = open("/dev/null", O_WRONLY);

	cr_assert(null >= 0);
	(void)dup2(null, STDERR_FILENO);
	(void)close(null);
}
