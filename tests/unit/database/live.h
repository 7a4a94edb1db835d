/*
 * For tests of live databases: a folder of its own, other processes that use a
 * database in it and live or die, and a listing of what the folder holds.
 */
#ifndef TESTS_UNIT_DATABASE_LIVE_H
#define TESTS_UNIT_DATABASE_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

extern char live_folder[64];
extern char live_db[96]; /* FOLDER/app.db, absent at first */

/* Criterion's .init and .fini; the folder may be used by everybody. */
void live_begin(void);
void live_end(void);

/* "FOLDER/app.dbSUFFIX"; good until the fourth call after this one. */
const char *live_path(const char *suffix);

/* Another process runs the statements and closes. */
void live_sql(const char *sql);

/* Another process runs the statements and dies without closing. */
void live_sql_and_die(const char *sql);

/*
 * Another process, which calls itself "ot\nher", runs the statements, keeps the
 * connection, and stays.
 */
pid_t live_holder(const char *sql);
/*
 * Another process writes to live_wal_sql's tables at full speed, in large and
 * small transactions that keep count.c equal to the sum of t.a, now and then
 * with a checkpoint of each kind or a VACUUM.
 */
pid_t live_writer(void);
/* It closes and ends; or it is killed. */
void live_dismiss(pid_t holder);
void live_kill(pid_t holder);

/* Becomes another user, effectively, and itself again; needs root. */
bool live_not_root(void);
enum { live_nobody = 65534 };
void live_become(uid_t uid);
void live_return(void);

/*
 * One line for each file: name, size, owner, mode, sum of the content (not of
 * a -shm, which every reader writes to).
 */
const char *live_listing(void);

/* The file's content; the caller frees it. */
uint8_t *live_content(const char *path, size_t *ret_len);

/* Writes over the database's bytes, past SQLite. */
void live_spoil(long offset, const void *bytes, size_t len);

/* A database of some hundred pages with tables and index, in WAL mode. */
extern const char live_wal_sql[];

#endif
