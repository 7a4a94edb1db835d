/*
 * The order of the questions is their point: nothing is opened before stat()
 * says that it is a file (a FIFO would block us, a device may do anything),
 * and SQLite's rules are asked only about what is a database.
 */
#include "database/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/quote.h"
#include "database/engine.h"
#include "database/family.h"
#include "database/side_files.h"

/* Enough to tell what a file looks like that is not a database. */
enum { look_bytes = 4096 };

static int
not_found(const char *path, int reason, struct err *err)
{
	char target[512];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (reason == ENOENT && len > 0) {
		target[len] = '\0';
		(void)err_set(err, ERR_INPUT, reason,
		    "'%s' is a symbolic link to '%s', which does not exist",
		    path, target);
		return err_hint(
		    err, "is the disk mounted that the database is on?");
	}
	if (reason == ENOENT) {
		(void)err_set(
		    err, ERR_INPUT, reason, "'%s' does not exist", path);
		return err_hint(err,
		    "look at the path, and whether its disk is mounted; if the "
		    "database is lost, stop its application, and see 'litesafe "
		    "status' or 'litesafe restore --help'");
	}
	(void)err_set(err, ERR_INPUT, reason, "'%s' cannot be reached: %s",
	    path, strerror(reason));
	if (reason == EACCES)
		(void)err_hint(err,
		    "run litesafe as a user that may enter every folder of "
		    "the path");
	return -1;
}

static int
check_kind(const char *path, mode_t mode, struct err *err)
{
	const char *kind = "a special file";

	if (S_ISREG(mode))
		return 0;
	if (S_ISDIR(mode)) {
		(void)err_set(err, ERR_INPUT, EISDIR, "'%s' is a folder", path);
		return err_hint(err,
		    "name the database file in it; 'litesafe backup "
		    "--recursive' finds all below it");
	}
	if (S_ISFIFO(mode))
		kind = "a named pipe";
	else if (S_ISSOCK(mode))
		kind = "a socket";
	else if (S_ISCHR(mode) || S_ISBLK(mode))
		kind = "a device";
	(void)err_set(
	    err, ERR_INPUT, 0, "'%s' is %s, not a database file", path, kind);
	return err_hint(err, "name the database file itself");
}

/* SQLite keeps room for "-journal" behind a path of limited length. */
static int
check_length(const char *path, struct err *err)
{
	size_t max = (size_t)sqlite3_vfs_find(NULL)->mxPathname - 8;

	if (strlen(path) <= max)
		return 0;
	(void)err_set(err, ERR_INPUT, ENAMETOOLONG,
	    "the path of '%.200s...' has %zu bytes; SQLite opens paths of at "
	    "most %zu",
	    path, strlen(path), max);
	return err_hint(
	    err, "give the folder a shorter path, by a bind mount for example");
}

static int
resolve(const char *path, struct source *source, struct stat *ret_st,
    struct err *err)
{
	AUTO(free) char *real = NULL;

	if (stat(path, ret_st) < 0)
		return not_found(path, errno, err);
	if (check_kind(path, ret_st->st_mode, err) < 0)
		return -1;
	real = realpath(path, NULL);
	if (real == NULL)
		return not_found(path, errno, err);
	if (check_length(real, err) < 0)
		return -1;
	(void)snprintf(source->path, sizeof(source->path), "%s", real);
	source->dev = ret_st->st_dev;
	source->ino = ret_st->st_ino;
	source->uid = ret_st->st_uid;
	source->gid = ret_st->st_gid;
	source->mode = ret_st->st_mode & 07777;
	source->bytes = (uint64_t)ret_st->st_size;
	return 0;
}

static int
check_not_empty(const struct source *source, struct err *err)
{
	if (source->bytes != 0)
		return 0;
	(void)err_set(err, ERR_INPUT, 0, "'%s' is empty", source->path);
	if (source->wal_bytes > 0 || source->journal_bytes > 0)
		return err_hint(err,
		    "the data may be in its %s of %" PRIu64
		    " bytes, which is deleted when anything opens the empty "
		    "file: copy it away first",
		    source->wal_bytes > 0 ? "-wal" : "-journal",
		    source->wal_bytes > 0 ? source->wal_bytes
					  : source->journal_bytes);
	return err_hint(err,
	    "is it the right file, and has the application written to it yet?");
}

static int
check_permission(const struct source *source, struct err *err)
{
	char who[SIDE_FILES_WHO];

	if (faccessat(AT_FDCWD, source->path, R_OK, AT_EACCESS) == 0)
		return 0;
	(void)err_set(err, ERR_INPUT, errno, "'%s' cannot be read: %s",
	    source->path, strerror(errno));
	side_files_rightful(source->uid, who);
	return err_hint(err, "run litesafe as %s", who);
}

/*
 * The descriptor is closed before SQLite gets near the file; see the header.
 * Without O_NONBLOCK a FIFO that took the name meanwhile would block us.
 */
static int
read_beginning(const struct source *source, uint8_t *buf, size_t size,
    size_t *ret_got, struct err *err)
{
	AUTO(fd)
	int fd =
	    open(source->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return not_found(source->path, errno, err);
	if (fstat(fd, &st) < 0)
		return err_system(err, "look at '%s'", source->path);
	if (st.st_dev != source->dev || st.st_ino != source->ino)
		return err_set(err, ERR_INPUT, 0,
		    "'%s' was replaced by another file while we looked",
		    source->path);
	return file_read_at(fd, buf, size, 0, source->path, ret_got, err);
}

static int
check_content(struct source *source, struct err *err)
{
	uint8_t bytes[look_bytes];
	size_t got = 0;

	if (read_beginning(source, bytes, sizeof(bytes), &got, err) < 0)
		return -1;
	if (header_decode(bytes, got, &source->header, err) < 0)
		return err_within(err, "'%s'", source->path);
	if (source->bytes >= HEADER_DATABASE_MIN)
		return 0;
	(void)err_set(err, ERR_INPUT, 0,
	    "'%s' is cut off: a database of %" PRIu64
	    " bytes, and a page alone has %" PRIu32,
	    source->path, source->bytes, source->header.page_size);
	return err_hint(err, "is the disk full, or was the file copied badly?");
}

static int
look_closer(struct source *source, struct err *err)
{
	if (side_files_look(source, err) < 0 ||
	    check_not_empty(source, err) < 0 ||
	    check_permission(source, err) < 0 || check_content(source, err) < 0)
		return -1;

	/* Now the header is known, which the rules for WAL mode need. */
	return side_files_look(source, err);
}

int
source_look(const char *path, struct source *ret_source, struct err *err)
{
	struct source source = { .path = "" };
	struct stat st;

	if (engine_start(err) < 0 || resolve(path, &source, &st, err) < 0 ||
	    look_closer(&source, err) < 0)
		return -1;
	*ret_source = source;
	return 0;
}

static int
inspect(
    const char *path, bool frozen, struct source *ret_source, struct err *err)
{
	struct source source = { .frozen = frozen };
	struct stat st;

	if (engine_start(err) < 0 || resolve(path, &source, &st, err) < 0 ||
	    family_one_name("", source.path, &st, err) < 0 ||
	    look_closer(&source, err) < 0 || side_files_check(&source, err) < 0)
		return -1;
	*ret_source = source;
	return 0;
}

int
source_inspect(const char *path, struct source *ret_source, struct err *err)
{
	return inspect(path, false, ret_source, err);
}

int
source_inspect_frozen(
    const char *path, struct source *ret_source, struct err *err)
{
	return inspect(path, true, ret_source, err);
}

int
source_unmoved(const struct source *source, struct err *err)
{
	struct stat st;

	if (stat(source->path, &st) == 0) {
		if (st.st_dev == source->dev && st.st_ino == source->ino)
			return 0;
		(void)err_set(err, ERR_INPUT, 0,
		    "'%s' was replaced by another file meanwhile",
		    source->path);
	} else if (errno == ENOENT) {
		(void)err_set(err, ERR_INPUT, ENOENT,
		    "'%s' was renamed or deleted meanwhile", source->path);
	} else {
		return err_system(err, "look at '%s' again", source->path);
	}
	return err_hint(err,
	    "do not move a database while programs have it open "
	    "(sqlite.org/howtocorrupt.html 2.4)");
}

int
source_hint_cut_off(const struct source *source, struct err *err)
{
	return err_hint(err,
	    "is the disk full, or was the file copied badly? what is left can "
	    "be had with: sqlite3 %s .recover",
	    quote_word(source->path, "DATABASE").text);
}

uint64_t
source_wal_bytes(const struct source *source)
{
	char path[sizeof(source->path) + sizeof("-wal")];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s-wal", source->path);
	return stat(path, &st) < 0 ? 0 : (uint64_t)st.st_size;
}
