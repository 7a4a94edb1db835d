/*
 * A WAL database needs a -wal and a -shm, and SQLite makes those that are
 * missing, even for a connection that only reads.  Made by the wrong user they
 * lock the application out of its own database for good; so they may only come
 * into being where they get the owner of the database and can be removed
 * afterwards.  SQLite gives them that owner itself when it runs as root
 * (robustFchown() in its os_unix.c), and silently fails to where root lacks
 * the right.
 */
#include "database/side_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/filesystem.h"

enum { suffix_max = sizeof("-journal") };

struct side_file {
	char path[sizeof(((struct source *)0)->path) + suffix_max];
	struct stat st; /* all zeros when there is none */
};

static int
look_at(const struct source *source, const char *suffix,
    struct side_file *ret_file, struct err *err)
{
	struct side_file *file = ret_file;

	*file = (struct side_file){ .path = "" };
	(void)snprintf(
	    file->path, sizeof(file->path), "%s%s", source->path, suffix);
	if (lstat(file->path, &file->st) < 0) {
		file->st = (struct stat){ 0 };
		return errno == ENOENT
			   ? 0
			   : err_system(err, "look at '%s'", file->path);
	}
	if (!S_ISREG(file->st.st_mode)) {
		(void)err_set(err, ERR_INPUT, 0,
		    "'%s' is not a regular file, and SQLite needs that name",
		    file->path);
		return err_hint(err, "find out what put it there");
	}
	return 0;
}

static bool
has_cap_chown(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & (1U << CAP_CHOWN)) != 0;
}

/* Side files that SQLite makes will belong to the database's owner. */
static bool
owner_is_kept(const struct source *source)
{
	uid_t me = geteuid();

	return me == source->uid || (me == 0 && has_cap_chown());
}

int
side_files_look(struct source *source, struct err *err)
{
	struct side_file wal, shm, journal;
	AUTO(free) char *folder = NULL;

	if (look_at(source, "-wal", &wal, err) < 0 ||
	    look_at(source, "-shm", &shm, err) < 0 ||
	    look_at(source, "-journal", &journal, err) < 0 ||
	    file_folder_of(source->path, &folder, err) < 0)
		return -1;
	source->has_wal = wal.st.st_ino != 0;
	source->wal_ino = wal.st.st_ino;
	source->wal_bytes = (uint64_t)wal.st.st_size;
	source->has_shm = shm.st.st_ino != 0;
	source->shm_ino = shm.st.st_ino;
	source->journal_bytes = (uint64_t)journal.st.st_size;

	/*
	 * A -wal alone makes SQLite use it, whatever the header says; to
	 * SQLite, one of no bytes does not exist (unixAccess() in os_unix.c).
	 */
	source->through_wal = source->header.wal || source->wal_bytes > 0;
	source->guest = !owner_is_kept(source);
	source->writable =
	    !source->guest && !source->frozen &&
	    faccessat(AT_FDCWD, source->path, W_OK, AT_EACCESS) == 0;
	source->folder_writable =
	    faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
	return 0;
}

void
side_files_user(uid_t uid, char ret_text[SIDE_FILES_WHO])
{
	char buf[4096];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, buf, sizeof(buf), &found) == 0 &&
	    found != NULL)
		(void)snprintf(
		    ret_text, SIDE_FILES_WHO, "user '%.60s'", found->pw_name);
	else
		(void)snprintf(
		    ret_text, SIDE_FILES_WHO, "uid %u", (unsigned)uid);
}

void
side_files_rightful(uid_t uid, char ret_text[SIDE_FILES_WHO])
{
	side_files_user(uid, ret_text);
	if (uid == 0)
		(void)strcpy(ret_text, "root");
	else
		(void)strcat(ret_text, " or root");
}

static int
check_filesystem(const struct source *source, struct err *err)
{
	const char *name = NULL;

	if (filesystem_shared(source->path, &name, err) < 0)
		return -1;
	if (name == NULL)
		return 0;
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' is in WAL mode on %s, which does not promise the shared "
	    "memory that a WAL needs",
	    source->path, name);
	return err_hint(err,
	    "run litesafe on the machine that has the disk, with the path that "
	    "the application uses there (sqlite.org/wal.html)");
}

static int
check_readable(const struct source *source, bool present, const char *suffix,
    struct err *err)
{
	char path[sizeof(source->path) + suffix_max];
	char who[SIDE_FILES_WHO];

	if (!present)
		return 0;
	(void)snprintf(path, sizeof(path), "%s%s", source->path, suffix);
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 || errno == ENOENT)
		return 0;
	(void)err_set(err, ERR_INPUT, errno,
	    "'%s' cannot be read, and part of the database is in it: %s", path,
	    strerror(errno));
	side_files_rightful(source->uid, who);
	return err_hint(err, "run litesafe as %s", who);
}

static const char *
missing_ones(const struct source *source)
{
	if (!source->has_wal && !source->has_shm)
		return "its -wal and -shm are";
	return source->has_wal ? "its -shm is" : "its -wal is";
}

static int
cannot_be_made(const struct source *source, struct err *err)
{
	AUTO(free) char *folder = NULL;
	char who[SIDE_FILES_WHO];

	if (file_folder_of(source->path, &folder, err) < 0)
		return -1;
	int reason = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) < 0
			 ? errno
			 : EACCES;
	(void)err_set(err, ERR_INPUT, reason,
	    "'%s' is in WAL mode, %s missing and cannot be made here: %s",
	    source->path, missing_ones(source), strerror(reason));
	if (reason == EROFS)
		return err_hint(err,
		    "if nobody writes to it (a snapshot of a filesystem, a "
		    "copy of a stopped application), back it up with --frozen");
	side_files_rightful(source->uid, who);
	return err_hint(err,
	    "run litesafe as %s, or while the application has the database "
	    "open; with --frozen if nobody ever writes to it",
	    who);
}

static int
would_lock_out(const struct source *source, struct err *err)
{
	char owner[SIDE_FILES_WHO], me[SIDE_FILES_WHO];

	side_files_user(source->uid, owner);
	side_files_user(geteuid(), me);
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' is in WAL mode and %s missing; made now, they would belong "
	    "to %s, and the application, as %s, could not write to its "
	    "database any more",
	    source->path, missing_ones(source), me, owner);
	return err_hint(err,
	    "run litesafe as %s%s, or while the application has the database "
	    "open; with --frozen if nobody ever writes to it",
	    owner, geteuid() == 0 ? " or give it CAP_CHOWN" : "");
}

static int
would_leave_files(const struct source *source, struct err *err)
{
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' is in WAL mode and %s missing; made now, they could not be "
	    "removed again, because the database itself cannot be written",
	    source->path, missing_ones(source));
	return err_hint(err,
	    "run litesafe with the right to write to the database, or while "
	    "the application has it open; with --frozen if nobody ever writes "
	    "to it");
}

bool
side_files_would_lock_out(const struct source *source)
{
	return source->through_wal && !(source->has_wal && source->has_shm) &&
	       source->folder_writable && source->guest;
}

int
side_files_check(const struct source *source, struct err *err)
{
	if (!source->through_wal)
		return 0;
	if (source->frozen) /* read without a -shm and without making files */
		return check_readable(source, source->has_wal, "-wal", err);
	if (check_filesystem(source, err) < 0 ||
	    check_readable(source, source->has_wal, "-wal", err) < 0 ||
	    check_readable(source, source->has_shm, "-shm", err) < 0)
		return -1;
	if (source->has_wal && source->has_shm)
		return 0; /* nothing will be made */
	if (!source->folder_writable)
		return cannot_be_made(source, err);
	if (side_files_would_lock_out(source))
		return would_lock_out(source, err);
	if (!source->writable)
		return would_leave_files(source, err);
	return 0;
}
