/*
 * A busy application, for as long as a command runs: commits to the
 * benchmark's database as fast as it can, and says in one line appended to a
 * file how that went:
 *
 *     commits seconds commits-per-second slowest-commit-milliseconds failed
 *
 * usage: load FILE DATABASE SECONDS                  without anything beside it
 *        load FILE DATABASE SECONDS COMMAND [ARG...]  while COMMAND runs
 *
 * With a command, SECONDS is the longest that it may take: then it is killed
 * and the line ends with "unfinished".  The settings are those of a usual
 * server: WAL, synchronous=NORMAL, automatic checkpoints, a busy timeout.
 * Before the first figure the application runs alone for a second, so that
 * caches and the WAL are as they will be.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <sqlite3.h>

extern char **environ;

static const double WARM_UP_SECONDS = 1;

struct load {
	sqlite3 *db;
	sqlite3_stmt *update;
	sqlite3_stmt *insert;
	uint64_t random;
	int64_t purchases;
	uint64_t commits;
	uint64_t failed;
	double slowest;
};

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
die(struct load *load, const char *what)
{
	(void)fprintf(stderr, "load: %s: %s\n", what, sqlite3_errmsg(load->db));
	exit(1);
}

static void
load_open(struct load *load, const char *path)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_open_v2(path, &load->db, SQLITE_OPEN_READWRITE, NULL) !=
		SQLITE_OK ||
	    sqlite3_busy_timeout(load->db, 10000) != SQLITE_OK ||
	    sqlite3_exec(load->db, "PRAGMA synchronous=NORMAL", NULL, NULL,
		NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(load->db, "SELECT max(id) FROM purchase", -1,
		&stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		die(load, path);
	load->purchases = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	if (sqlite3_prepare_v2(load->db,
		"UPDATE purchase SET cents = cents + 1 WHERE id = ?", -1,
		&load->update, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(load->db,
		"INSERT INTO event VALUES(NULL, ?, 'paid', ?,"
		" '{\"by\":\"load\"}')",
		-1, &load->insert, NULL) != SQLITE_OK)
		die(load, path);
}

static int
step(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	(void)sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* One purchase somewhere is changed and one event noted, in one commit. */
static int
commit_once(struct load *load)
{
	load->random = load->random * 6364136223846793005u + 1;
	int64_t id =
	    1 + (int64_t)((load->random >> 16) % (uint64_t)load->purchases);

	(void)sqlite3_bind_int64(load->update, 1, id);
	(void)sqlite3_bind_double(load->insert, 1, now());
	(void)sqlite3_bind_int64(load->insert, 2, id);
	int rc = sqlite3_exec(load->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		rc = step(load->update);
	if (rc == SQLITE_OK)
		rc = step(load->insert);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(load->db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(load->db))
		(void)sqlite3_exec(load->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

static void
commit_timed(struct load *load)
{
	double start = now();
	int rc = commit_once(load);
	double took = now() - start;

	if (rc == SQLITE_OK)
		load->commits++;
	else
		load->failed++;
	if (took > load->slowest)
		load->slowest = took;
}

/* True when the command ended by itself within `limit` seconds. */
static bool
commit_beside(struct load *load, char **command, double limit, int *ret_status)
{
	double end = now() + limit;
	pid_t pid = 0;
	int rc = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);

	if (rc != 0) {
		(void)fprintf(
		    stderr, "load: run '%s': %s\n", command[0], strerror(rc));
		exit(127);
	}
	while (waitpid(pid, ret_status, WNOHANG) == 0) {
		if (now() > end) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, ret_status, 0);
			return false;
		}
		commit_timed(load);
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct load load = { .random = 7 };
	bool finished = true;
	int status = 0;

	if (argc < 4) {
		(void)fprintf(
		    stderr, "usage: load FILE DATABASE SECONDS [COMMAND...]\n");
		return 2;
	}
	double limit = strtod(argv[3], NULL);

	load_open(&load, argv[2]);
	for (double end = now() + WARM_UP_SECONDS; now() < end;)
		(void)commit_once(&load);
	double start = now();

	if (argc > 4)
		finished = commit_beside(&load, argv + 4, limit, &status);
	else
		while (now() < start + limit)
			commit_timed(&load);
	double took = now() - start;
	FILE *out = fopen(argv[1], "a");

	if (out == NULL ||
	    fprintf(out, "%llu %.3f %.1f %.1f %llu%s\n",
		(unsigned long long)load.commits, took,
		(double)load.commits / took, load.slowest * 1000,
		(unsigned long long)load.failed,
		finished ? "" : " unfinished") < 0 ||
	    fclose(out) != 0) {
		perror("load: write the figures");
		return 127;
	}
	(void)sqlite3_finalize(load.update);
	(void)sqlite3_finalize(load.insert);
	(void)sqlite3_close(load.db);
	return finished && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
