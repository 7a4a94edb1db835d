#include "database/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "database/side_files.h"
#include "tests/unit/database/live.h"

TestSuite(source, .init = live_begin, .fini = live_end);

static struct source source;

static void
accept_it(void)
{
	struct err err = { 0 };

	cr_assert_eq(source_inspect(live_db, &source, &err), 0, "%s", err.text);
}

static void
refuse_path(
    const char *path, enum err_kind kind, const char *words, const char *hint)
{
	struct err err = { 0 };

	cr_assert_eq(source_inspect(path, &source, &err), -1, "%s", words);
	cr_assert_eq(err.kind, kind, "%s", err.text);
	cr_assert_not_null(strstr(err.text, words), "%s", err.text);
	cr_assert_not_null(strstr(err.hint, hint), "%s", err.hint);
}

static void
refuse(enum err_kind kind, const char *words, const char *hint)
{
	refuse_path(live_db, kind, words, hint);
}

static void
write_file(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, len, file), len);
	cr_assert_eq(fclose(file), 0);
}

Test(source, a_rollback_database)
{
	struct stat st;

	live_sql("PRAGMA page_size = 1024; CREATE TABLE t(a)");
	cr_assert_eq(chmod(live_db, 0640), 0);
	cr_assert_eq(stat(live_db, &st), 0);
	accept_it();
	cr_assert_str_eq(source.path, live_db);
	cr_assert_eq(source.ino, st.st_ino);
	cr_assert_eq(source.uid, geteuid());
	cr_assert_eq(source.mode, 0640);
	cr_assert_eq(source.bytes, 2048);
	cr_assert_eq(source.header.page_size, 1024);
	cr_assert_not(source.header.wal);
	cr_assert_not(source.through_wal);
	cr_assert_not(source.has_wal);
	cr_assert(source.writable);
	cr_assert(source.folder_writable);
}

Test(source, a_wal_database)
{
	live_sql(live_wal_sql);
	const char *before = live_listing();
	accept_it();
	cr_assert(source.through_wal);
	cr_assert_not(source.has_wal);
	cr_assert_not(source.has_shm);
	cr_assert_str_eq(live_listing(), before);

	pid_t other = live_holder("INSERT INTO t(b) VALUES (1)");
	accept_it();
	cr_assert(source.has_wal);
	cr_assert(source.has_shm);
	cr_assert_gt(source.wal_bytes, 0);
	cr_assert_eq(source_wal_bytes(&source), source.wal_bytes);
	live_dismiss(other);
	cr_assert_eq(source_wal_bytes(&source), 0);
}

/* SQLite goes by the -wal alone. */
Test(source, a_wal_beside_a_rollback_database)
{
	live_sql("CREATE TABLE t(a)");
	write_file(live_path("-wal"), "", 0);
	accept_it();
	cr_assert_not(source.through_wal);
	write_file(live_path("-wal"), "x", 1);
	accept_it();
	cr_assert_not(source.header.wal);
	cr_assert(source.through_wal);
}

Test(source, through_a_symbolic_link)
{
	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(symlink("app.db", live_path(".link")), 0);
	struct err err = { 0 };
	cr_assert_eq(source_inspect(live_path(".link"), &source, &err), 0);
	cr_assert_str_eq(source.path, live_db);
}

Test(source, what_is_not_there)
{
	refuse(ERR_INPUT, "does not exist", "is lost");
	refuse_path("", ERR_INPUT, "does not exist", "");
	refuse_path(live_path("/x"), ERR_INPUT, "does not exist", "is lost");
	cr_assert_eq(symlink("/nowhere/x.db", live_db), 0);
	refuse(ERR_INPUT,
	    "is a symbolic link to '/nowhere/x.db', which does not exist",
	    "mounted");
	cr_assert_eq(unlink(live_db), 0);
	cr_assert_eq(symlink("app.db", live_db), 0);
	refuse(ERR_INPUT, "cannot be reached: Too many levels", "");
	cr_assert_eq(unlink(live_db), 0);
	write_file(live_db, "x", 1);
	refuse_path(live_path("/x"), ERR_INPUT,
	    "cannot be reached: Not a directory", "");
}

Test(source, what_is_no_file)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	refuse_path(live_folder, ERR_INPUT, "is a folder", "in it");
	refuse_path("/dev/null", ERR_INPUT, "is a device", "");
	cr_assert_eq(mkfifo(live_db, 0600), 0);
	refuse(ERR_INPUT, "is a named pipe", "");
	cr_assert_eq(unlink(live_db), 0);
	(void)strcpy(address.sun_path, live_db);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	refuse(ERR_INPUT, "is a socket", "");
	(void)close(fd);
}

Test(source, what_is_no_database)
{
	uint8_t noise[8192];

	write_file(live_db, "", 0);
	refuse(ERR_INPUT, "is empty", "right file");
	write_file(live_path("-wal"), "12345", 5);
	refuse(ERR_INPUT, "is empty", "its -wal of 5 bytes");
	cr_assert_eq(unlink(live_path("-wal")), 0);
	write_file(live_path("-journal"), "123456", 6);
	refuse(ERR_INPUT, "is empty", "its -journal of 6 bytes");
	write_file(live_db, "CREATE TABLE", 12);
	refuse(ERR_INPUT, "not a SQLite database: it looks like text", "");
	cr_assert_eq(getrandom(noise, sizeof(noise), 0), sizeof(noise));
	noise[0] = 'x';
	write_file(live_db, noise, sizeof(noise));
	refuse(ERR_INPUT, "looks encrypted", "");
	write_file(live_db, "SQLite format 3", 16);
	refuse(ERR_INPUT, "its header of 100 bytes ends after 16", "");
	cr_assert_eq(unlink(live_db), 0);
	cr_assert_eq(unlink(live_path("-journal")), 0);
	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(truncate(live_db, 511), 0);
	refuse(ERR_INPUT, "is cut off", "");
}

Test(source, two_names)
{
	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(link(live_db, live_path(".second")), 0);
	refuse(ERR_REFUSED, "has 2 hard links", "-inum");
}

Test(source, a_path_too_long_for_sqlite)
{
	char path[900];

	(void)snprintf(path, sizeof(path), "%s", live_folder);
	for (int i = 0; i < 3; i++) {
		size_t len = strlen(path);

		path[len++] = '/';
		memset(path + len, 'f', 180);
		path[len + 180] = '\0';
		cr_assert_eq(mkdir(path, 0755), 0);
	}
	live_sql("CREATE TABLE t(a)");
	(void)strcat(path, "/app.db");
	cr_assert_eq(rename(live_db, path), 0);
	refuse_path(path, ERR_INPUT, "opens paths of at most", "bind mount");
}

Test(source, side_files_that_are_none)
{
	live_sql(live_wal_sql);
	cr_assert_eq(mkdir(live_path("-wal"), 0755), 0);
	refuse(ERR_INPUT, "app.db-wal' is not a regular file", "");
	cr_assert_eq(rmdir(live_path("-wal")), 0);
	cr_assert_eq(symlink("app.db", live_path("-shm")), 0);
	refuse(ERR_INPUT, "app.db-shm' is not a regular file", "");
}

/* The rest is about rights, which root does not lack. */
Test(source, unreadable)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(chmod(live_db, 0600), 0);
	live_become(live_nobody);
	refuse(ERR_INPUT, "cannot be read: Permission denied",
	    "run litesafe as root");
	cr_assert_eq(
	    source_inspect("/root/x/y.db", &source, &(struct err){ 0 }), -1);
}

Test(source, unreadable_side_files)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA wal_autocheckpoint = 0;"
			 "INSERT INTO t(b) VALUES (1)");
	cr_assert_eq(chmod(live_db, 0644), 0);
	cr_assert_eq(chmod(live_path("-wal"), 0600), 0);
	cr_assert_eq(chmod(live_path("-shm"), 0644), 0);
	live_become(live_nobody);
	refuse(ERR_INPUT, "app.db-wal' cannot be read", "run litesafe as");
}

Test(source, side_files_that_cannot_be_made)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chmod(live_db, 0644), 0);
	cr_assert_eq(chmod(live_folder, 0755), 0);
	live_become(live_nobody);
	refuse(ERR_INPUT, "its -wal and -shm are missing and cannot be made",
	    "run litesafe as root");
	live_return();
	live_sql_and_die("INSERT INTO t(b) VALUES (1)");
	cr_assert_eq(unlink(live_path("-shm")), 0);
	live_become(live_nobody);
	refuse(ERR_INPUT, "its -shm is missing and cannot be made",
	    "run litesafe as root");
	live_return();
	cr_assert_eq(chmod(live_folder, 0777), 0);
}

Test(source, side_files_that_would_lock_the_owner_out)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chmod(live_db, 0666), 0);
	live_become(live_nobody);
	const char *before = live_listing();
	refuse(ERR_REFUSED, "could not write to its database any more",
	    "run litesafe as user 'root'");
	cr_assert_str_eq(live_listing(), before);
}

Test(source, files_of_a_living_application_are_used_by_anybody)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chmod(live_db, 0644), 0);
	pid_t other = live_holder("INSERT INTO t(b) VALUES (1)");
	live_become(live_nobody);
	accept_it();
	cr_assert_not(source.writable);
	live_return();
	live_dismiss(other);
}

Test(source, root_without_the_right_to_give_files_away)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chown(live_db, live_nobody, live_nobody), 0);
	accept_it();

	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	cr_assert_eq(syscall(SYS_capget, &header, data), 0);
	data[0].effective &= ~(1U << CAP_CHOWN);
	cr_assert_eq(syscall(SYS_capset, &header, data), 0);
	refuse(ERR_REFUSED, "could not write to its database any more",
	    "run litesafe as user 'nobody' or give it CAP_CHOWN");
}

Test(source, an_owner_who_may_not_write)
{
	if (live_not_root())
		cr_skip_test("needs root");
	live_sql(live_wal_sql);
	cr_assert_eq(chown(live_db, live_nobody, live_nobody), 0);
	cr_assert_eq(chmod(live_db, 0444), 0);
	live_become(live_nobody);
	refuse(ERR_REFUSED, "could not be removed again",
	    "right to write to the database");
}

Test(source, unmoved)
{
	struct err err = { 0 };

	live_sql("CREATE TABLE t(a)");
	accept_it();
	cr_assert_eq(source_unmoved(&source, &err), 0);
	cr_assert_eq(rename(live_db, live_path(".old")), 0);
	cr_assert_eq(source_unmoved(&source, &err), -1);
	cr_assert_eq(err.kind, ERR_INPUT);
	cr_assert_not_null(strstr(err.text, "renamed or deleted"));
	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(source_unmoved(&source, &err), -1);
	cr_assert_not_null(strstr(err.text, "replaced by another file"));
	cr_assert_eq(rename(live_path(".old"), live_db), 0);
	cr_assert_eq(source_unmoved(&source, &err), 0);
}

Test(side_files, users)
{
	char text[SIDE_FILES_WHO];

	side_files_user(0, text);
	cr_assert_str_eq(text, "user 'root'");
	side_files_user(3999999999, text);
	cr_assert_str_eq(text, "uid 3999999999");
	side_files_rightful(0, text);
	cr_assert_str_eq(text, "root");
	side_files_rightful(3999999999, text);
	cr_assert_str_eq(text, "uid 3999999999 or root");
}
