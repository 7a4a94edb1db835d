/*
 * An application that is busy with its database: it keeps a ledger.
 *
 * There are accounts, whose balances always add up to the same sum, and
 * transfers between them, each in a transaction of its own.  Any committed
 * state of the database therefore adds up, and a state in which it does not
 * was never committed.  Each writer counts its commits in the database itself
 * (table `writer`), so that a copy tells when it was taken.
 *
 * It is an ordinary, decent application: a busy timeout, automatic
 * checkpoints, prepared statements, a close at the end.  SIGTERM ends it in
 * good order, SIGKILL leaves what a dead application leaves.  Several may
 * work on one database, each with its own --id.  SIGUSR1 makes it stop, as by
 * SIGSTOP, before its next transaction; SIGCONT lets it go on.
 *
 * Says "ready" after its first commit, and at the end one line of JSON.  The
 * status is 1 when SQLite refused anything.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

enum { ACCOUNTS = 200, BALANCE = 1000, NOTE_MAX = 4000 };

static struct {
	const char *database;
	const char *journal;
	double rate; /* commits a second; 0: as fast as it goes */
	double seconds; /* 0: until SIGTERM */
	int id;
	int busy_ms;
	int autocheckpoint;
	int note_bytes;
	bool grow; /* keep all transfers */
	bool shrink; /* now and then delete most of them, and vacuum */
} options = {
	.busy_ms = 10000,
	.autocheckpoint = 1000,
	.note_bytes = 40,
	.id = 1,
};

static struct {
	uint64_t commits;
	uint64_t errors;
	uint64_t vacuums;
	uint64_t busy; /* waits that outlasted the busy timeout */
	double slowest;
	char first_error[200];
} tally;

static volatile sig_atomic_t stopped, pausing;

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS account("
    "  id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS transfer("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  payer INTEGER NOT NULL REFERENCES account(id),"
    "  payee INTEGER NOT NULL REFERENCES account(id),"
    "  amount INTEGER NOT NULL, note TEXT);"
    "CREATE INDEX IF NOT EXISTS transfer_payer ON transfer(payer);"
    "CREATE TABLE IF NOT EXISTS writer("
    "  id INTEGER PRIMARY KEY, commits INTEGER NOT NULL);";

static void
on_signal(int signal)
{
	if (signal == SIGUSR1)
		pausing = 1;
	else
		stopped = 1;
}

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
sleep_until(double moment)
{
	double left = moment - now();

	if (left <= 0)
		return;
	struct timespec ts = { .tv_sec = (time_t)left,
		.tv_nsec = (long)((left - (double)(time_t)left) * 1e9) };
	(void)nanosleep(&ts, NULL);
}

/* Small and repeatable; nothing here needs better. */
static unsigned
chance(unsigned below)
{
	static uint64_t state;

	if (state == 0)
		state = 88172645463325252u + (uint64_t)options.id;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % below);
}

static bool
is_busy(int rc)
{
	return (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
}

/* Notes what SQLite refused. */
static bool
failed(sqlite3 *db, const char *what)
{
	if (is_busy(sqlite3_extended_errcode(db)))
		tally.busy++;
	tally.errors++;
	if (tally.errors == 1)
		(void)snprintf(tally.first_error, sizeof(tally.first_error),
		    "%s: %s (%d)", what, sqlite3_errmsg(db),
		    sqlite3_extended_errcode(db));
	return false;
}

static bool
execute(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       failed(db, sql);
}

static bool
set_up(sqlite3 *db)
{
	char sql[400];

	(void)sqlite3_busy_timeout(db, options.busy_ms);
	if (options.journal != NULL) {
		(void)snprintf(sql, sizeof(sql), "PRAGMA journal_mode=%s",
		    options.journal);
		if (!execute(db, sql))
			return false;
	}
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=%d;"
	    "BEGIN IMMEDIATE",
	    options.autocheckpoint);
	if (!execute(db, sql) || !execute(db, schema))
		return false;
	(void)snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS"
	    " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	    "INSERT OR IGNORE INTO account SELECT i, %d FROM n;"
	    "INSERT OR IGNORE INTO writer VALUES(%d, 0);"
	    "COMMIT",
	    ACCOUNTS, BALANCE, options.id);
	return execute(db, sql);
}

enum { PAY, RECEIVE, NOTE, FORGET, COUNT, STATEMENTS };

static bool
prepare(sqlite3 *db, sqlite3_stmt *ret_statements[STATEMENTS])
{
	static const char *const sql[STATEMENTS] = {
		[PAY] = "UPDATE account SET balance = balance - ?1"
			" WHERE id = ?2",
		[RECEIVE] = "UPDATE account SET balance = balance + ?1"
			    " WHERE id = ?3",
		[NOTE] = "INSERT INTO transfer(payer, payee, amount, note)"
			 " VALUES(?2, ?3, ?1, ?4)",
		[FORGET] = "DELETE FROM transfer WHERE id <="
			   " (SELECT max(id) - 2000 FROM transfer)",
		[COUNT] = "UPDATE writer SET commits = commits + 1"
			  " WHERE id = ?5",
	};

	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(db, sql[i], -1,
			SQLITE_PREPARE_PERSISTENT, &ret_statements[i],
			NULL) != SQLITE_OK)
			return failed(db, sql[i]);
	return true;
}

static bool
step(sqlite3 *db, sqlite3_stmt *statement)
{
	bool ok = sqlite3_step(statement) == SQLITE_DONE;

	if (!ok)
		(void)failed(db, sqlite3_sql(statement));
	(void)sqlite3_reset(statement);
	return ok;
}

/* Money leaves one account before it reaches the other. */
static bool
transfer(sqlite3 *db, sqlite3_stmt *statements[STATEMENTS])
{
	static char note[NOTE_MAX];
	int payer = 1 + (int)chance(ACCOUNTS),
	    payee = 1 + (int)chance(ACCOUNTS);
	int amount = 1 + (int)chance(50);

	for (int i = 0; i < options.note_bytes; i++)
		note[i] = (char)('a' + chance(26));
	(void)sqlite3_bind_int(statements[PAY], 1, amount);
	(void)sqlite3_bind_int(statements[PAY], 2, payer);
	(void)sqlite3_bind_int(statements[RECEIVE], 1, amount);
	(void)sqlite3_bind_int(statements[RECEIVE], 3, payee);
	(void)sqlite3_bind_int(statements[NOTE], 1, amount);
	(void)sqlite3_bind_int(statements[NOTE], 2, payer);
	(void)sqlite3_bind_int(statements[NOTE], 3, payee);
	(void)sqlite3_bind_text(
	    statements[NOTE], 4, note, options.note_bytes, SQLITE_STATIC);
	(void)sqlite3_bind_int(statements[COUNT], 5, options.id);

	double start = now();
	bool ok = execute(db, "BEGIN IMMEDIATE") && step(db, statements[PAY]) &&
		  step(db, statements[RECEIVE]) && step(db, statements[NOTE]) &&
		  (options.grow || step(db, statements[FORGET])) &&
		  step(db, statements[COUNT]) && execute(db, "COMMIT");
	double took = now() - start;

	if (!ok && sqlite3_get_autocommit(db) == 0)
		(void)execute(db, "ROLLBACK");
	tally.commits += ok;
	if (took > tally.slowest)
		tally.slowest = took;
	return ok;
}

/*
 * Deletes most of the history and gives the space back.  VACUUM may well meet
 * a reader that it cannot wait for; that is no error of anyone.
 */
static void
shrink(sqlite3 *db)
{
	(void)execute(db, "DELETE FROM transfer WHERE id <"
			  " (SELECT max(id) - 200 FROM transfer)");
	int rc = sqlite3_exec(db, "VACUUM", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		tally.vacuums++;
	else if (!is_busy(rc))
		(void)failed(db, "VACUUM");
}

static void
work(sqlite3 *db)
{
	sqlite3_stmt *statements[STATEMENTS] = { NULL };
	double start = now(), end = start + options.seconds;
	uint64_t turns = 0;

	for (bool ready = !prepare(db, statements);
	     !stopped && (options.seconds <= 0 || now() < end); turns++) {
		if (tally.errors > 1000)
			break;
		if (pausing) {
			pausing = 0;
			(void)raise(SIGSTOP);
		}
		if (transfer(db, statements) && !ready) {
			ready = true;
			(void)puts("ready");
			(void)fflush(stdout);
		}
		if (options.shrink && turns % 3000 == 2999)
			shrink(db);
		if (options.rate > 0)
			sleep_until(start + (double)(turns + 1) / options.rate);
	}
	double took = now() - start;
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(statements[i]);
	(void)printf("{\"commits\":%" PRIu64 ",\"commits_per_second\":%.1f,"
		     "\"slowest_ms\":%.1f,\"vacuums\":%" PRIu64
		     ",\"busy\":%" PRIu64 ",\"errors\":%" PRIu64 "}\n",
	    tally.commits, took > 0 ? (double)tally.commits / took : 0,
	    tally.slowest * 1000, tally.vacuums, tally.busy, tally.errors);
}

static int
usage(void)
{
	(void)fprintf(stderr,
	    "usage: writer DATABASE [--journal MODE] [--rate N] [--seconds S]\n"
	    "    [--id N] [--busy MS] [--autocheckpoint PAGES] [--note BYTES]\n"
	    "    [--grow] [--shrink]\n");
	return 2;
}

static bool
parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "journal", required_argument, NULL, 'j' },
		{ "rate", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 's' },
		{ "id", required_argument, NULL, 'i' },
		{ "busy", required_argument, NULL, 'b' },
		{ "autocheckpoint", required_argument, NULL, 'a' },
		{ "note", required_argument, NULL, 'n' },
		{ "grow", no_argument, NULL, 'g' },
		{ "shrink", no_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		switch (c) {
		case 'j':
			options.journal = optarg;
			break;
		case 'r':
			options.rate = atof(optarg);
			break;
		case 's':
			options.seconds = atof(optarg);
			break;
		case 'i':
			options.id = atoi(optarg);
			break;
		case 'b':
			options.busy_ms = atoi(optarg);
			break;
		case 'a':
			options.autocheckpoint = atoi(optarg);
			break;
		case 'n':
			options.note_bytes = atoi(optarg);
			break;
		case 'g':
			options.grow = true;
			break;
		case 'k':
			options.shrink = true;
			break;
		default:
			return false;
		}
	}
	if (optind + 1 != argc || options.note_bytes < 0 ||
	    options.note_bytes > NOTE_MAX)
		return false;
	options.database = argv[optind];
	return true;
}

int
main(int argc, char **argv)
{
	if (!parse(argc, argv))
		return usage();

	struct sigaction action = { .sa_handler = on_signal };
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGUSR1, &action, NULL);

	sqlite3 *db = NULL;
	if (sqlite3_open(options.database, &db) != SQLITE_OK)
		(void)failed(db, "open");
	else if (set_up(db))
		work(db);
	if (sqlite3_close(db) != SQLITE_OK)
		(void)failed(db, "close");
	if (tally.errors > 0)
		(void)fprintf(
		    stderr, "writer %d: %s\n", options.id, tally.first_error);
	return tally.errors > 0;
}
