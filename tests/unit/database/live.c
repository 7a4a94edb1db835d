/*
 * Everything that uses SQLite here happens in other processes: a test's own
 * must not have a second connection to the database it looks at (POSIX locks),
 * and SQLite must not be used before engine_start().
 */
#include "tests/unit/database/live.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/shared/fresh.h"
#include <sqlite3.h>

char live_folder[64];
char live_db[96];

const char live_wal_sql[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    " LIMIT 800) INSERT INTO t SELECT i, randomblob(900) FROM n;"
    "CREATE INDEX u ON t(b)";

/* As hostile as a process may call itself. */
static const char command_name[] = "ot\nher";

void
live_become(uid_t uid)
{
	cr_assert_eq(setegid(uid), 0);
	cr_assert_eq(seteuid(uid), 0);
}

void
live_return(void)
{
	cr_assert_eq(seteuid(getuid()), 0);
	cr_assert_eq(setegid(getgid()), 0);
}

const char *
live_path(const char *suffix)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s%s", live_db, suffix);
	return path;
}

enum ending { CLOSES, DIES, STAYS, WRITES };

struct request {
	enum ending ending;
	uid_t uid;
	pid_t parent; /* who ends at once */
	char sql[4000];
};

/* The other end: an ancestor of the children that never used SQLite. */
static int nursery = -1;
static pid_t nurse_pid;

static void
write_on(sqlite3 *db)
{
	static const char *const modes[] = { "PASSIVE", "FULL", "RESTART",
		"TRUNCATE" };

	(void)sqlite3_busy_timeout(db, 5);
	for (unsigned i = 0;; i++) {
		char sql[600];

		(void)snprintf(sql, sizeof(sql),
		    "BEGIN IMMEDIATE;"
		    "UPDATE t SET b = randomblob(900) WHERE a %% 97 = %u;"
		    "INSERT INTO t SELECT max(a) + 1, zeroblob(%u) FROM t;"
		    "DELETE FROM t WHERE a = (SELECT min(a) FROM t) AND %u;"
		    "UPDATE count SET c = (SELECT sum(a) FROM t);"
		    "COMMIT",
		    i % 97, i % 5000, i % 3);
		if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
			(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		(void)snprintf(sql, sizeof(sql), "PRAGMA wal_checkpoint(%s)",
		    modes[i / 8 % 4]);
		if (i % 8 == 0)
			(void)sqlite3_exec(db, sql, NULL, NULL, NULL);
		if (i % 200 == 199)
			(void)sqlite3_exec(db, "VACUUM", NULL, NULL, NULL);
	}
}

static void
child(const struct request *request, int answer)
{
	struct timespec limit = { .tv_sec = 60 };
	sqlite3 *db = NULL;
	char *words = NULL;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	while (getppid() == request->parent)
		(void)usleep(100);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, command_name);
	if (setuid(request->uid) < 0 ||
	    sqlite3_open(live_db, &db) != SQLITE_OK ||
	    sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
	    sqlite3_exec(db, request->sql, NULL, NULL, &words) != SQLITE_OK) {
		(void)fprintf(stderr, "%s: %s\n", request->sql, words);
		_exit(1);
	}
	if (request->ending == CLOSES)
		(void)sqlite3_close(db);
	pid_t self = getpid();
	if (write(answer, &self, sizeof(self)) != sizeof(self))
		_exit(1);
	if (request->ending == DIES)
		(void)raise(SIGKILL);
	if (request->ending == WRITES)
		write_on(db);
	if (request->ending == STAYS) {
		(void)sigtimedwait(&set, NULL, &limit);
		(void)sqlite3_close(db);
	}
	_exit(0);
}

/*
 * A process must not use SQLite after fork() from one that has connections
 * (sqlite.org/howtocorrupt.html 2.6), so children come from here.  Their
 * parent ends at once, which makes them the test's own: it is a subreaper.
 */
static void
nurse(int requests)
{
	struct request request;

	while (read(requests, &request, sizeof(request)) == sizeof(request)) {
		pid_t parent = fork();

		if (parent == 0) {
			request.parent = getpid();
			if (fork() == 0)
				child(&request, requests);
			_exit(0);
		}
		(void)waitpid(parent, NULL, 0);
	}
	_exit(0);
}

static void
open_nursery(void)
{
	int ends[2];

	cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	nurse_pid = fork();
	cr_assert_geq(nurse_pid, 0);
	if (nurse_pid == 0) {
		(void)close(ends[0]);
		nurse(ends[1]);
	}
	(void)close(ends[1]);
	nursery = ends[0];
}

void
live_begin(void)
{
	fresh_folder(live_folder);
	cr_assert_eq(chmod(live_folder, 0777), 0);
	(void)snprintf(live_db, sizeof(live_db), "%s/app.db", live_folder);
	open_nursery();
}

void
live_end(void)
{
	char command[96];

	live_return();
	/* Criterion waits for its pipe, which whoever is left holds open. */
	(void)close(nursery);
	cr_expect_eq(waitpid(nurse_pid, NULL, 0), nurse_pid);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", live_folder);
	cr_expect_eq(system(command), 0);
}

static pid_t
start_child(const char *sql, enum ending ending)
{
	struct request request = { .ending = ending, .uid = geteuid() };
	struct timeval limit = { .tv_sec = 20 };
	pid_t pid = 0;

	(void)snprintf(request.sql, sizeof(request.sql), "%s", sql);
	(void)setsockopt(
	    nursery, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	cr_assert_eq(
	    write(nursery, &request, sizeof(request)), sizeof(request));
	cr_assert_eq(read(nursery, &pid, sizeof(pid)), sizeof(pid), "%s", sql);
	return pid;
}

void
live_sql(const char *sql)
{
	int status = 0;

	cr_assert_geq(waitpid(start_child(sql, CLOSES), &status, 0), 0);
	cr_assert_eq(status, 0, "%s", sql);
}

void
live_sql_and_die(const char *sql)
{
	int status = 0;

	cr_assert_geq(waitpid(start_child(sql, DIES), &status, 0), 0);
}

pid_t
live_holder(const char *sql)
{
	return start_child(sql, STAYS);
}

pid_t
live_writer(void)
{
	return start_child("CREATE TABLE IF NOT EXISTS count AS "
			   "SELECT sum(a) AS c FROM t",
	    WRITES);
}

void
live_dismiss(pid_t holder)
{
	int status = 0;

	cr_assert_eq(kill(holder, SIGUSR1), 0);
	cr_assert_eq(waitpid(holder, &status, 0), holder);
	cr_assert_eq(status, 0);
}

void
live_kill(pid_t holder)
{
	cr_assert_eq(kill(holder, SIGKILL), 0);
	cr_assert_eq(waitpid(holder, NULL, 0), holder);
}

bool
live_not_root(void)
{
	return geteuid() != 0;
}

uint8_t *
live_content(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	cr_assert_not_null(file, "%s: %s", path, strerror(errno));
	cr_assert_eq(fstat(fileno(file), &st), 0);
	uint8_t *bytes = malloc((size_t)st.st_size + 1);
	cr_assert_not_null(bytes);
	*ret_len = fread(bytes, 1, (size_t)st.st_size, file);
	cr_assert_eq(*ret_len, (size_t)st.st_size);
	(void)fclose(file);
	return bytes;
}

void
live_spoil(long offset, const void *bytes, size_t len)
{
	FILE *file = fopen(live_db, "r+b");

	cr_assert_not_null(file);
	cr_assert_eq(fseek(file, offset, SEEK_SET), 0);
	cr_assert_eq(fwrite(bytes, len, 1, file), 1);
	cr_assert_eq(fclose(file), 0);
}

/* FNV-1a: enough to see that a file changed. */
static uint64_t
sum_of(const char *path)
{
	size_t len = 0;
	uint8_t *bytes = live_content(path, &len);
	uint64_t sum = 14695981039346656037U;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * 1099511628211U;
	free(bytes);
	return sum;
}

const char *
live_listing(void)
{
	static char lists[2][4096];
	static unsigned turn;
	char *list = lists[turn++ % 2];
	struct dirent **names;
	size_t len = 0;
	int count = scandir(live_folder, &names, NULL, alphasort);

	cr_assert_geq(count, 0);
	list[0] = '\0';
	for (int i = 0; i < count; i++) {
		char path[400];
		struct stat st;
		const char *name = names[i]->d_name;

		(void)snprintf(path, sizeof(path), "%s/%s", live_folder, name);
		cr_assert_eq(lstat(path, &st), 0);
		if (S_ISREG(st.st_mode))
			len +=
			    (size_t)snprintf(list + len, sizeof(lists[0]) - len,
				"%s size %lld uid %u mode %o sum %llx\n", name,
				(long long)st.st_size, st.st_uid,
				st.st_mode & 07777U,
				strstr(name, "-shm") != NULL
				    ? 0
				    : (unsigned long long)sum_of(path));
		free(names[i]);
	}
	free(names);
	return list;
}
