/*
 * Order is everything here.
 *
 * Before SQLite opens the file: it must be a database with content (SQLite
 * deletes the -wal of an empty one), its -wal must be one that SQLite will
 * read (one with a spoiled header is ignored by SQLite, and what was committed
 * to it would be gone with it), and nobody may have it open.
 *
 * Then SQLite takes the exclusive lock, with the first read of the connection:
 * in exclusive locking mode a WAL needs no -shm and nobody else can even begin
 * to read.  A hot journal is rolled back by that read too, but by a connection
 * of its own, which deletes the journal by name when it closes; the connection
 * that is kept must never do that.  The checkpoint takes the WAL in and flushes
 * the main file; only then are the names of the side files removed, and the
 * folder flushed: a -wal that a power cut brings back beside the next database
 * of this name would be replayed into it.
 *
 * From the open to the end no descriptor of ours may touch the file, because
 * closing it would drop SQLite's locks (sqlite.org/howtocorrupt.html 2.2).
 */
#include "database/retire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/engine.h"
#include "database/family.h"
#include "database/occupants.h"
#include "database/sqlite_error.h"
#include "database/wal_file.h"

enum {
	magic_bytes = 16,
	least_bytes = 512,
};

struct retired {
	sqlite3 *db; /* in exclusive locking mode, with the lock */
	char path[PATH_MAX]; /* symlinks resolved */
};

static int
side_path(const struct retired *retired, const char *suffix,
    char ret_path[PATH_MAX], struct err *err)
{
	if (snprintf(ret_path, PATH_MAX, "%s%s", retired->path, suffix) >=
	    PATH_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
		    "path '%.100s...' is too long", retired->path);
	return 0;
}

/* Up to `len` bytes from the beginning; *ret_there is false without a file. */
static int
read_beginning(const char *path, uint8_t *buf, size_t len, size_t *ret_got,
    bool *ret_there, struct err *err)
{
	/* O_NONBLOCK: a FIFO under this name must not hold us. */
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*ret_there = fd >= 0;
	*ret_got = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : err_system(err, "open '%s'", path);
	return file_read_at(fd, buf, len, 0, path, ret_got, err);
}

static int
check_main(const char *path, struct err *err)
{
	uint8_t magic[magic_bytes];
	size_t got = 0;
	bool there = false;
	struct stat st;

	if (stat(path, &st) < 0)
		return err_system(err, "look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(
		    err, ERR_INPUT, 0, "'%s' is not a regular file", path);
	if (family_one_name("", path, &st, err) < 0)
		return -1;
	if (read_beginning(path, magic, sizeof(magic), &got, &there, err) < 0)
		return -1;
	if (st.st_size < least_bytes || got < sizeof(magic) ||
	    memcmp(magic, "SQLite format 3", sizeof(magic)) != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "'%s' is not an SQLite database", path);
	return 0;
}

/* A -wal shorter than its header never held a commit. */
static int
check_wal(const struct retired *retired, struct err *err)
{
	char path[PATH_MAX];
	uint8_t bytes[WAL_HEADER_BYTES];
	struct wal_header header;
	size_t got = 0;
	bool there = false;

	if (side_path(retired, "-wal", path, err) < 0 ||
	    read_beginning(path, bytes, sizeof(bytes), &got, &there, err) < 0)
		return -1;
	if (there && got == sizeof(bytes) && !wal_header_decode(bytes, &header))
		return err_set(err, ERR_DAMAGED, 0,
		    "'%s' does not begin as a WAL does, so SQLite would drop "
		    "what was committed to it",
		    path);
	return 0;
}

static int
busy(const char *path, const struct occupants *occupants, struct err *err)
{
	char who[OCCUPANTS_TEXT];

	occupants_text(occupants, who);
	(void)err_set(err, ERR_BUSY, 0, "'%s' is in use by %s", path,
	    occupants->count > 0 ? who : "another process");
	return err_hint(err, "stop what uses the database, then try again");
}

static int
check_unoccupied(const char *path, struct err *err)
{
	struct occupants occupants;

	if (occupants_find(path, &occupants, err) < 0)
		return -1;
	return occupants.count > 0 ? busy(path, &occupants, err) : 0;
}

/* SQLite's refusal; for a lock, with the name of who holds it. */
static int
refused(
    const struct retired *retired, int rc, const char *what, struct err *err)
{
	struct occupants occupants;

	(void)err_sqlite(err, retired->db, rc, "%s '%s'", what, retired->path);
	if (err->kind != ERR_BUSY)
		return -1;
	/* Where even this look fails, SQLite's own words have to do. */
	struct err ignored;
	if (occupants_find(retired->path, &occupants, &ignored) == 0)
		return busy(retired->path, &occupants, err);
	return err_hint(err, "stop what uses the database, then try again");
}

static int
exec(
    struct retired *retired, const char *sql, const char *what, struct err *err)
{
	int rc = sqlite3_exec(retired->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : refused(retired, rc, what, err);
}

/* Nothing here reads the file yet. */
static int
open_connection(struct retired *retired, struct err *err)
{
	int rc = sqlite3_open_v2(retired->path, &retired->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return refused(retired, rc, "open", err);
	if (sqlite3_db_readonly(retired->db, "main") == 1) {
		(void)err_set(err, ERR_INPUT, EACCES,
		    "'%s' cannot be written by this user, so it cannot be "
		    "locked and made whole",
		    retired->path);
		return err_hint(
		    err, "run as the owner of the file, or allow writing");
	}
	/* Closing must not touch names that are another file's by then. */
	rc = sqlite3_db_config(
	    retired->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(
		    retired->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	if (rc != SQLITE_OK)
		return refused(retired, rc, "open", err);
	return exec(retired, "PRAGMA locking_mode=EXCLUSIVE", "open", err);
}

/* In exclusive locking mode the lock stays after the transaction. */
static int
lock(struct retired *retired, struct err *err)
{
	return exec(retired, "BEGIN EXCLUSIVE; COMMIT", "lock", err);
}

/*
 * BEGIN, the checkpoint function and xSync, rather than pragmas that would
 * parse the schema: an old database with a broken schema can be kept too.
 */
static int
make_whole(struct retired *retired, struct err *err)
{
	sqlite3_file *file = NULL;
	int frames = -1;
	int done = -1;

	int rc = sqlite3_wal_checkpoint_v2(
	    retired->db, "main", SQLITE_CHECKPOINT_TRUNCATE, &frames, &done);
	if (rc != SQLITE_OK)
		return refused(retired, rc, "take the -wal into", err);
	if (frames != done)
		return err_set(err, ERR_FAILED, 0,
		    "take the -wal into '%s': SQLite left %d of %d frames out",
		    retired->path, frames - done, frames);

	rc = sqlite3_file_control(
	    retired->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (rc == SQLITE_OK)
		rc = file->pMethods->xSync(file, SQLITE_SYNC_FULL);
	if (rc != SQLITE_OK)
		return refused(retired, rc, "flush", err);
	return 0;
}

static int
remove_side_file(
    const struct retired *retired, const char *suffix, struct err *err)
{
	char path[PATH_MAX];

	if (side_path(retired, suffix, path, err) < 0)
		return -1;
	if (unlink(path) < 0 && errno != ENOENT)
		return err_system(err, "remove '%s'", path);
	return 0;
}

/* Empty after the checkpoint, whatever it was; anything else stays. */
static int
check_wal_is_empty(const struct retired *retired, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (side_path(retired, "-wal", path, err) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_system(err, "look at '%s'", path);
	if (st.st_size > 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "SQLite did not take '%s' into the database", path);
	return 0;
}

/*
 * SQLite has read the database, so a -journal that is still there is not hot,
 * and with the exclusive lock held nobody has a -shm in use.
 */
static int
remove_side_files(const struct retired *retired, struct err *err)
{
	AUTO(free) char *folder = NULL;

	if (check_wal_is_empty(retired, err) < 0 ||
	    remove_side_file(retired, "-wal", err) < 0 ||
	    remove_side_file(retired, "-shm", err) < 0 ||
	    remove_side_file(retired, "-journal", err) < 0 ||
	    file_folder_of(retired->path, &folder, err) < 0)
		return -1;
	return file_flush_folder(folder, err);
}

static int
retired_new(const char *path, struct retired **ret_retired, struct err *err)
{
	AUTO(retired) struct retired *retired = calloc(1, sizeof(*retired));

	if (retired == NULL)
		return err_system(err, "open '%s'", path);
	if (realpath(path, retired->path) == NULL)
		return err_system(err, "find '%s'", path);
	*ret_retired = take_ptr(&retired);
	return 0;
}

/*
 * A -journal may be hot.  In exclusive locking mode SQLite keeps the journal
 * open that it rolled back, and deletes it by its name when it closes, so this
 * is done and over before the connection that stays is made.
 */
static int
roll_back(struct retired *retired, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;

	if (side_path(retired, "-journal", path, err) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_system(err, "look at '%s'", path);
	if (open_connection(retired, err) < 0 || lock(retired, err) < 0)
		return -1;
	(void)sqlite3_close(retired->db); /* nothing in it is open */
	retired->db = NULL;
	return 0;
}

int
retire_open(const char *path, struct retired **ret_retired, struct err *err)
{
	AUTO(retired) struct retired *retired = NULL;

	if (engine_start(err) < 0 || retired_new(path, &retired, err) < 0)
		return -1;
	if (check_main(retired->path, err) < 0 ||
	    check_unoccupied(retired->path, err) < 0 ||
	    check_wal(retired, err) < 0)
		return -1;
	if (roll_back(retired, err) < 0 || open_connection(retired, err) < 0 ||
	    lock(retired, err) < 0 || make_whole(retired, err) < 0)
		return -1;
	/* Whoever opened it meanwhile, and is idle, holds no lock. */
	if (check_unoccupied(retired->path, err) < 0 ||
	    remove_side_files(retired, err) < 0)
		return -1;
	*ret_retired = take_ptr(&retired);
	return 0;
}

void
retire_close(struct retired *retired)
{
	if (retired == NULL)
		return;
	/* No statement and no transaction is open, so this cannot fail. */
	(void)sqlite3_close(retired->db);
	free(retired);
}

void
retired_auto(struct retired **place)
{
	retire_close(*place);
}
