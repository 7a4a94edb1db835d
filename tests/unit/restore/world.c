#include "world.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive/archive_write.h"
#include "base/bytes.h"
#include "base/file.h"
#include "database/engine.h"
#include "tests/unit/shared/fresh.h"

static char folder[256];

void
world_begin_in(const char *base)
{
	struct err err = { 0 };

	/* It must come before the tests' own use of SQLite. */
	cr_assert_eq(engine_start(&err), 0, "%s", err.text);
	(void)snprintf(
	    folder, sizeof(folder), "%s/litesafe-restore-XXXXXX", base);
	cr_assert(mkdtemp(folder) != NULL);
	cr_assert_eq(chdir(folder), 0);
}

void
world_begin(void)
{
	world_begin_in(fresh_base());
}

void
world_end(void)
{
	char command[300];

	cr_assert_eq(chdir("/"), 0);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	cr_assert_eq(system(command), 0);
}

static void
run(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_OK,
	    "%s: %s", sql, why);
}

void
world_database(const char *path, const char *mode, const char *tag)
{
	sqlite3 *db = NULL;
	char sql[400];

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql),
	    "pragma journal_mode=%s;"
	    "create table note(tag text);"
	    "create table fill(id integer primary key, body blob);"
	    "with n(i) as (select 1 union all select i+1 from n where i<400)"
	    " insert into fill select i, randomblob(500) from n;"
	    "insert into note values('%s');",
	    mode, tag);
	run(db, sql);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

static const char *
ask(const char *path, const char *sql)
{
	static char text[200];
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;

	text[0] = '\0';
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) ==
		SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		(void)snprintf(text, sizeof(text), "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return text;
}

const char *
world_tag(const char *path)
{
	return ask(path, "select tag from note order by rowid desc");
}

const char *
world_integrity(const char *path)
{
	return ask(path, "pragma integrity_check");
}

static uint32_t
page_size_of(const uint8_t *image)
{
	uint32_t size = get_be16(image + 16);

	return size == 1 ? 65536 : size;
}

struct manifest
world_manifest(const uint8_t *image, size_t len, unsigned mode)
{
	struct manifest m = { .pin_start_ms = 1700000000000 };
	struct err err = { 0 };

	cr_assert_eq(manifest_new_id(m.id, &err), 0);
	(void)snprintf(m.set, sizeof(m.set), "app.db");
	(void)snprintf(m.kind, sizeof(m.kind), "full");
	(void)snprintf(m.host, sizeof(m.host), "host");
	(void)snprintf(m.tool, sizeof(m.tool), "litesafe test");
	(void)snprintf(m.sqlite, sizeof(m.sqlite), "3.40.1");
	m.pin_end_ms = m.finished_ms = m.pin_start_ms;
	(void)snprintf(m.database.name, sizeof(m.database.name), "app.db");
	(void)snprintf(m.database.path, sizeof(m.database.path), "/srv/app.db");
	m.database.page_size = page_size_of(image);
	m.database.page_count = (uint32_t)(len / m.database.page_size);
	(void)snprintf(
	    m.database.encoding, sizeof(m.database.encoding), "UTF-8");
	(void)snprintf(m.database.journal_mode, sizeof(m.database.journal_mode),
	    "%s", image[18] == 2 ? "wal" : "rollback");
	m.database.uid = getuid();
	m.database.gid = getgid();
	m.database.mode = mode;
	return m;
}

struct archive_write_options
world_writer(int fd, const char *archive, const struct manifest *m)
{
	return (struct archive_write_options){
		.fd = fd,
		.name = archive,
		.scratch = "/tmp",
		.level = 1,
		.threads = 2,
		.member = m->database.name,
		.page_size = m->database.page_size,
		.page_count = m->database.page_count,
		.uid = m->database.uid,
		.gid = m->database.gid,
		.mode = m->database.mode,
	};
}

struct stored_file
world_write(const char *archive, const uint8_t *image, struct manifest *m)
{
	struct err err = { 0 };
	struct archive_writer *writer = NULL;
	struct stored_file file = { 0 };
	uint32_t page_size = m->database.page_size;
	int fd = open(archive, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert(fd >= 0);
	const struct archive_write_options options =
	    world_writer(fd, archive, m);
	cr_assert_eq(
	    archive_writer_new(&options, &writer, &err), 0, "%s", err.text);
	for (uint32_t i = 0; i < m->database.page_count; i++)
		cr_assert_eq(archive_writer_page(
				 writer, image + (size_t)i * page_size, &err),
		    0, "%s", err.text);
	cr_assert_eq(
	    archive_writer_seal(writer, &m->database, &err), 0, "%s", err.text);
	cr_assert_eq(
	    archive_writer_finish(writer, m, &file, &err), 0, "%s", err.text);
	archive_writer_free(writer);
	cr_assert_eq(close(fd), 0);
	return file;
}

void
world_archive(const char *database, const char *archive, unsigned mode)
{
	size_t len = 0;
	uint8_t *image = world_get(database, &len);
	struct manifest m = world_manifest(image, len, mode);

	(void)world_write(archive, image, &m);
	free(image);
}

void
world_put(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
	cr_assert_eq(close(fd), 0);
}

uint8_t *
world_get(const char *path, size_t *ret_len)
{
	struct stat st;
	struct err err = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert(fd >= 0, "no '%s'", path);
	cr_assert_eq(fstat(fd, &st), 0);
	uint8_t *bytes = malloc((size_t)st.st_size + 1);
	cr_assert(bytes != NULL);
	cr_assert_eq(
	    file_read_at(fd, bytes, (size_t)st.st_size, 0, path, ret_len, &err),
	    0);
	(void)close(fd);
	return bytes;
}

bool
world_same(const char *path, const uint8_t *bytes, size_t len)
{
	size_t got = 0;
	uint8_t *now = world_get(path, &got);
	bool same = got == len && memcmp(now, bytes, len) == 0;

	free(now);
	return same;
}

void
world_copy(const char *from, const char *to)
{
	size_t len = 0;
	uint8_t *bytes = world_get(from, &len);

	world_put(to, bytes, len);
	free(bytes);
}

void
world_flip(const char *path, size_t at)
{
	size_t len = 0;
	uint8_t *bytes = world_get(path, &len);

	cr_assert_lt(at, len);
	bytes[at] ^= 0x10;
	world_put(path, bytes, len);
	free(bytes);
}

bool
world_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

ino_t
world_inode(const char *path)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0, "no '%s'", path);
	return st.st_ino;
}

static unsigned
look(const char *begin, char *ret_name, size_t size)
{
	DIR *dir = opendir(".");
	unsigned count = 0;

	cr_assert(dir != NULL);
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    strncmp(e->d_name, begin, strlen(begin)) != 0)
			continue;
		(void)snprintf(ret_name, size, "%s", e->d_name);
		count++;
	}
	(void)closedir(dir);
	return count;
}

unsigned
world_count(const char *begin)
{
	char name[300];

	return look(begin, name, sizeof(name));
}

const char *
world_name(const char *begin)
{
	static char name[300];

	cr_assert_eq(
	    look(begin, name, sizeof(name)), 1, "not one '%s...'", begin);
	return name;
}

static void
occupant(const char *path, const char *sql, int ready)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) !=
		SQLITE_OK ||
	    sqlite3_exec(db, "select count(*) from note", NULL, NULL, NULL) !=
		SQLITE_OK ||
	    (sql != NULL &&
		sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK))
		_exit(1);
	(void)!write(ready, "x", 1);
	for (;;)
		(void)pause();
}

pid_t
world_occupy(const char *path, const char *sql)
{
	int pipes[2];
	char byte;

	cr_assert_eq(pipe(pipes), 0);
	pid_t pid = fork();
	cr_assert(pid >= 0);
	if (pid == 0) {
		(void)close(pipes[0]);
		occupant(path, sql, pipes[1]);
	}
	(void)close(pipes[1]);
	cr_assert_eq(read(pipes[0], &byte, 1), 1, "the occupant failed");
	(void)close(pipes[0]);
	return pid;
}

void
world_stop(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

int
world_restore(const char *archive, const char *target, bool replace,
    struct restore_result *result, struct err *err)
{
	int fd = open(archive, O_RDONLY | O_CLOEXEC);

	cr_assert(fd >= 0);
	const struct lineage_archive one = { .fd = fd, .name = archive };
	const struct lineage lineage = { .archives = &one, .count = 1 };
	const struct restore_options options = {
		.lineage = &lineage,
		.target = target,
		.replace = replace,
		.check = RESTORE_CHECK_QUICK,
		.threads = 2,
	};
	int rc = restore_run(&options, result, err);
	(void)close(fd);
	return rc;
}
