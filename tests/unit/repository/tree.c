#include "tests/unit/repository/tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "repository/set_folder.h"
#include "tests/unit/shared/fresh.h"

struct repository tree;
char tree_folder[PATH_MAX];

void
tree_make(void)
{
	char path[PATH_MAX + 8];
	struct err err = { 0 };
	bool made = false;

	fresh_folder(tree_folder);
	(void)snprintf(path, sizeof(path), "%s/r", tree_folder);
	cr_assert_eq(repository_init(path, false, &tree, &made, &err), 0, "%s",
	    err.text);
	cr_assert_eq(
	    repository_make_set(&tree, "app.db", &err), 0, "%s", err.text);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

void
tree_remove(void)
{
	cr_expect_eq(
	    nftw(tree_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *
tree_path(const char *fmt, ...)
{
	static char paths[8][PATH_MAX + 512];
	static unsigned turn;
	char *path = paths[turn++ % 8];
	va_list args;

	int len = snprintf(path, sizeof(paths[0]), "%s/", tree.path);
	va_start(args, fmt);
	(void)vsnprintf(path + len, sizeof(paths[0]) - (size_t)len, fmt, args);
	va_end(args);
	return path;
}

bool
tree_has(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

void
tree_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file, "%s", path);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
}

char *
tree_read(const char *path, size_t *ret_len)
{
	char *text = calloc(1, DETACHED_MAX);
	FILE *file = fopen(path, "r");

	cr_assert_not_null(file, "%s", path);
	*ret_len = fread(text, 1, DETACHED_MAX - 1, file);
	(void)fclose(file);
	return text;
}

struct manifest
tree_manifest(char id, char parent, int minute)
{
	struct manifest m = {
		.set = "app.db",
		.kind = MANIFEST_FULL,
		.pin_start_ms = TREE_START_MS + minute * 60000LL,
		.pin_end_ms = TREE_START_MS + minute * 60000LL + 10,
		.finished_ms = TREE_START_MS + minute * 60000LL + 20,
		.pin_seconds = 0.01,
		.host = "db1",
		.tool = "litesafe test",
		.sqlite = "3.40.1",
		.stored_bytes = 5,
		.database = {
			.name = "app.db",
			.path = "/srv/app.db",
			.page_size = 4096,
			.page_count = 7,
			.pages_stored = 7,
			.encoding = "UTF-8",
			.journal_mode = "wal",
			.mode = 0640,
			.pages_offset = 512,
			.sums_offset = 512 + 7 * 4096 + 512,
		},
	};

	memset(m.id, id, SNAPSHOT_ID_BYTES - 1);
	memset(m.database.root, id, SHA256_BYTES);
	if (parent != 0) {
		(void)strcpy(m.kind, MANIFEST_INCREMENT);
		memset(m.parent, parent, SNAPSHOT_ID_BYTES - 1);
		memset(m.database.parent_root, parent, SHA256_BYTES);
		m.database.pages_stored = 1;
		m.database.pages_offset = 2048;
		m.database.sums_offset = 2048 + 4096 + 512;
	}
	return m;
}

const char *
tree_name(const struct manifest *manifest)
{
	static char names[16][SNAPSHOT_NAME_BYTES];
	static unsigned turn;
	char *name = names[turn++ % 16];

	snapshot_name(manifest, name);
	return name;
}

static const char archive[] = "the archive's bytes";

const char *
tree_store(const struct manifest *manifest)
{
	const struct stored_file file = { .bytes = sizeof(archive) - 1 };
	const char *name = tree_name(manifest);
	struct err err = { 0 };
	char *text = NULL;
	size_t len = 0;

	cr_assert_eq(detached_encode(manifest, &file, &text, &len, &err), 0,
	    "%s", err.text);
	tree_write(tree_path("%s/%s.tar.zst", manifest->set, name), archive);
	tree_write(tree_path("%s/%s.json", manifest->set, name), text);
	free(text);
	return name;
}

const char *
tree_snapshot(char id, char parent, int minute)
{
	struct manifest manifest = tree_manifest(id, parent, minute);

	return tree_store(&manifest);
}

void
tree_age(const char *path, long seconds)
{
	struct timespec times[2];

	(void)clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec -= seconds;
	times[0] = times[1];
	cr_assert_eq(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0,
	    "%s", path);
}

static unsigned files;

static int
count_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)path;
	(void)st;
	files += type != FTW_D && walk->level == 1;
	return 0;
}

unsigned
tree_count(void)
{
	files = 0;
	(void)nftw(tree_path("app.db"), count_one, 16, FTW_PHYS);
	return files;
}
