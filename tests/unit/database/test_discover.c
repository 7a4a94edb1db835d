/* A tree with everything in it that is no database, and some that are. */
#include "database/discover.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/shared/folder.h"

static const char magic[16] = "SQLite format 3";

/* What was found and what was not readable, " below" each. */
static char found_text[8192], fault_text[8192];
static unsigned found_most; /* found() ends the walk after so many */
static struct err last_fault;

static void
begin(void)
{
	folder_make();
	found_text[0] = fault_text[0] = '\0';
	found_most = 1000;
}

TestSuite(discover, .init = begin, .fini = folder_remove, .timeout = 60);

/* Writes so many bytes, which begin as a database does. */
static void
database(const char *name, size_t bytes)
{
	char content[1024] = "";
	int fd = open(folder_path(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	cr_assert(fd >= 0, "%s: %s", name, strerror(errno));
	memcpy(content, magic, sizeof(magic));
	cr_assert_eq(write(fd, content, bytes), (ssize_t)bytes);
	(void)close(fd);
}

static void
make(const char *name)
{
	cr_assert_eq(mkdir(folder_path(name), 0700), 0, "%s", name);
}

static void
put(char *text, const char *word)
{
	size_t len = strlen(text);

	(void)snprintf(text + len, 8192 - len, " %s", word);
}

static int
by_text(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Words in order: the walk promises none. */
static const char *
sorted(const char *text)
{
	static char out[8192];
	char copy[8192], *rest = copy, *word, *words[512];
	size_t count = 0;

	(void)strcpy(copy, text);
	while ((word = strsep(&rest, " ")) != NULL)
		if (word[0] != '\0')
			words[count++] = word;
	qsort(words, count, sizeof(words[0]), by_text);
	out[0] = '\0';
	for (size_t i = 0; i < count; i++)
		put(out, words[i]);
	return out;
}

static int
found(void *ctx, const char *path, const char *below, const struct stat *st,
    struct err *err)
{
	char expected[PATH_MAX * 2];
	struct stat now;

	(void)snprintf(expected, sizeof(expected), "%s%s%s", (char *)ctx,
	    strcmp(ctx, "/") == 0 ? "" : "/", below);
	cr_expect_str_eq(path, expected);
	cr_expect_eq(lstat(path, &now), 0);
	cr_expect_eq(now.st_ino, st->st_ino);
	put(found_text, below);
	if (--found_most == 0)
		return err_set(err, ERR_FAILED, 0, "enough");
	return 0;
}

static int
fault(void *ctx, const char *path, struct err *one, struct err *err)
{
	(void)err;
	cr_expect_eq(one->kind, ERR_INPUT);
	put(fault_text, path + strlen(ctx));
	last_fault = *one;
	return 0;
}

static struct discover_options
options_for(char *at)
{
	return (struct discover_options){
		.folder = at,
		.not_in = "not-in-here",
		.found = found,
		.fault = fault,
		.ctx = at,
	};
}

static void
expect(const char *databases, const char *faults)
{
	const struct discover_options options = options_for(folder);
	struct err err = { 0 };

	found_text[0] = fault_text[0] = '\0';
	cr_assert_eq(discover(&options, &err), 0, "%s", err.text);
	cr_expect_str_eq(sorted(found_text), databases);
	cr_expect_str_eq(sorted(fault_text), faults);
}

Test(discover, by_header_and_not_by_name)
{
	make("x");
	make("x/y");
	database("a.db", 1024);
	database("x/no-suffix", 1024);
	database("x/y/.hidden", 512);
	database("x/y/cut-off.db", sizeof(magic));
	database("x/y/too-short.db", sizeof(magic) - 1);
	folder_write(folder_path("x/text.db"), "this is no database at all\n");
	folder_write(folder_path("empty.db"), "");
	expect(" a.db x/no-suffix x/y/.hidden x/y/cut-off.db", "");
}

Test(discover, links_pipes_sockets_and_devices_are_passed_over)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	make("real");
	database("real/a.db", 1024);
	cr_assert_eq(symlink("real/a.db", folder_path("link.db")), 0);
	cr_assert_eq(symlink("real", folder_path("current")), 0);
	cr_assert_eq(symlink("nowhere", folder_path("dangling")), 0);
	cr_assert_eq(symlink(".", folder_path("real/loop")), 0);
	/* To open it would wait for ever. */
	cr_assert_eq(mkfifo(folder_path("fifo"), 0600), 0);
	(void)snprintf(
	    name.sun_path, sizeof(name.sun_path), "%s", folder_path("socket"));
	cr_assert_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	if (geteuid() == 0)
		(void)mknod(folder_path("device"), S_IFCHR | 0600, 0);
	expect(" real/a.db", "");
	(void)close(fd);
}

Test(discover, side_files_and_our_own_are_never_opened)
{
	static const char *const ours[] = { "a.db-wal", "a.db-shm",
		"a.db-journal", "a.db.before-20261121T015800Z",
		"a.db.before-20261121T015800Z.2",
		"a.db.before-20261121T015800Z-wal", "a.db.litesafe-0123ab" };
	static const char *const others[] = { "wal", "-wal", "a.db.before-",
		"a.db.before-yesterday", "a.db.litesafe-0123abc",
		"a.db.litesafe-0123ag", "litesafe-0123ab" };

	folder_write(folder_path("a.db"), "what they would be of");
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		database(ours[i], 1024);
	expect("", "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		database(others[i], 1024);
	expect(" -wal a.db.before- a.db.before-yesterday "
	       "a.db.litesafe-0123abc a.db.litesafe-0123ag litesafe-0123ab "
	       "wal",
	    "");
}

/* The name of a folder says nothing, nor that of a file without its main one. */
Test(discover, names_that_only_look_like_ours)
{
	static const char *const folders[] = { "travel-journal", "x-wal",
		"a.before-20261121T015800Z", "a.litesafe-0123ab" };
	char name[64];
	struct stat st;
	struct err err;
	bool is = false;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		make(folders[i]);
		(void)snprintf(name, sizeof(name), "%s/db", folders[i]);
		database(name, 1024);
	}
	database("ops-journal", 1024);
	folder_write(folder_path("gone-wal"), "not a database, but a -wal");
	expect(" a.before-20261121T015800Z/db a.litesafe-0123ab/db ops-journal "
	       "travel-journal/db x-wal/db",
	    "");
	cr_expect_eq(
	    discover_is_database(folder_path("ops-journal"), &is, &st, &err),
	    0);
	cr_expect(is);
	database("ops", 1024);
	cr_expect_eq(
	    discover_is_database(folder_path("ops-journal"), &is, &st, &err),
	    0);
	cr_expect_not(is);
}

/* To open it would delete the -wal: source_inspect() says so. */
Test(discover, an_empty_file_with_a_wal_is_not_passed_over)
{
	folder_write(folder_path("empty.db"), "");
	folder_write(folder_path("empty.db-wal"), "");
	expect("", "");
	folder_write(folder_path("empty.db-wal"), "something");
	expect(" empty.db", "");
	cr_assert_eq(unlink(folder_path("empty.db-wal")), 0);
	cr_assert_eq(symlink("empty.db", folder_path("empty.db-wal")), 0);
	expect("", "");
}

Test(discover, marked_folders_and_lost_found_are_not_entered)
{
	make("repository");
	make("repository/set");
	make("lost+found");
	database("a.db", 1024);
	database("repository/set/b.db", 1024);
	database("lost+found/#12", 1024);
	expect(" a.db repository/set/b.db", "");
	folder_write(folder_path("repository/not-in-here"), "");
	expect(" a.db", "");
	folder_write(folder_path("not-in-here"), "");
	expect("", "");
}

Test(discover, what_cannot_be_read_is_a_fault_and_the_rest_goes_on)
{
	make("closed");
	make("listed");
	make("open");
	database("open/a.db", 1024);
	database("closed/b.db", 1024);
	database("listed/c.db", 1024);
	database("secret.db", 1024);
	/* The test itself removes it as root again. */
	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(chmod(folder_path("open"), 0755), 0);
	cr_assert_eq(chmod(folder_path("open/a.db"), 0644), 0);
	cr_assert_eq(chmod(folder_path("listed"), 0744), 0);
	cr_assert_eq(seteuid(65534), 0);
	expect(" open/a.db", " /closed /listed /secret.db");
	cr_expect_not_null(strstr(last_fault.hint, "as a user that may"));
	cr_assert_eq(seteuid(0), 0);
}

Test(discover, no_folder_is_a_fault)
{
	const char *const none[] = { "none", "file" };

	folder_write(folder_path("file"), "");
	for (size_t i = 0; i < 2; i++) {
		char at[PATH_MAX];
		struct err err = { 0 };
		struct discover_options options = options_for(at);

		(void)strcpy(at, folder_path(none[i]));
		options.ctx = folder;
		cr_expect_eq(discover(&options, &err), 0);
	}
	cr_expect_str_eq(fault_text, " /none /file");
}

Test(discover, a_slash_at_the_end_and_a_link_to_the_folder)
{
	char at[PATH_MAX];
	struct err err = { 0 };
	struct discover_options options = options_for(at);

	make("x");
	database("x/a.db", 1024);
	cr_assert_eq(symlink("x", folder_path("link")), 0);
	(void)strcpy(at, folder_path("link"));
	cr_expect_eq(discover(&options, &err), 0);
	cr_expect_str_eq(found_text, " a.db");
}

/* As deep as it goes, and one folder that is too deep: that one is told. */
Test(discover, depth_is_bounded)
{
	char at[PATH_MAX];
	int fd = open(folder, O_RDONLY | O_DIRECTORY);

	for (int depth = 1; depth <= DISCOVER_DEPTH_MAX + 3; depth++) {
		cr_assert_eq(mkdirat(fd, "d", 0700), 0);
		int next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		(void)close(fd);
		fd = next;
		if (depth != DISCOVER_DEPTH_MAX - 1 &&
		    depth != DISCOVER_DEPTH_MAX)
			continue;
		int file = openat(fd, "a.db", O_WRONLY | O_CREAT, 0600);
		cr_assert_eq(write(file, magic, sizeof(magic)), 16);
		(void)close(file);
	}
	(void)close(fd);
	const struct discover_options options = options_for(folder);
	struct err err = { 0 };
	cr_assert_eq(discover(&options, &err), 0);
	at[0] = '\0';
	for (int depth = 1; depth < DISCOVER_DEPTH_MAX; depth++)
		(void)strcat(at, "d/");
	cr_expect_eq(strlen(found_text), strlen(at) + 1 + 4);
	cr_expect_eq(strlen(fault_text), strlen(at) + 2 + 1);
	cr_expect_not_null(strstr(last_fault.text, "is not searched"));
}

Test(discover, nasty_names_go_through_as_they_are)
{
	static const char *const names[] = { "\xff\xfe.db", "new\nline.db",
		"-rf", "*.db", "%s%n" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		database(names[i], 1024);
	expect(" %s%n *.db -rf new\nline.db \xff\xfe.db", "");
}

Test(discover, found_can_end_it_and_so_can_a_signal)
{
	struct discover_options options = options_for(folder);
	struct work work = { .stop = 0 };
	struct err err = { 0 };

	database("a.db", 1024);
	database("b.db", 1024);
	found_most = 1;
	cr_expect_eq(discover(&options, &err), -1);
	cr_expect_str_eq(err.text, "enough");
	found_most = 1000;
	work.stop = 15;
	options.work = &work;
	cr_expect_eq(discover(&options, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
}

Test(discover, the_kernel_is_not_searched)
{
	char at[] = "/proc";
	struct discover_options options = options_for(at);
	struct err err = { 0 };

	cr_expect_eq(discover(&options, &err), 0);
	cr_expect_str_eq(found_text, "");
	cr_expect_str_eq(fault_text, "");
}

/* The access time of a file that is not ours to look at stays. */
Test(discover, times_of_access_stay)
{
	const struct timespec old[2] = { { .tv_sec = 1000 },
		{ .tv_sec = 2000 } };
	struct stat st;

	database("a.db", 1024);
	cr_assert_eq(utimensat(AT_FDCWD, folder_path("a.db"), old, 0), 0);
	expect(" a.db", "");
	cr_assert_eq(stat(folder_path("a.db"), &st), 0);
	cr_expect_eq(st.st_atim.tv_sec, 1000);
}

Test(discover, one_file_that_was_named)
{
	struct err err = { 0 };
	struct stat st;
	bool is = false;

	database("a.db", 1024);
	folder_write(folder_path("text"), "this is no database at all\n");
	cr_assert_eq(symlink("a.db", folder_path("link")), 0);
	cr_assert_eq(mkfifo(folder_path("fifo"), 0600), 0);
	cr_expect_eq(
	    discover_is_database(folder_path("link"), &is, &st, &err), 0);
	cr_expect(is && S_ISREG(st.st_mode));
	cr_expect_eq(
	    discover_is_database(folder_path("text"), &is, &st, &err), 0);
	cr_expect_not(is);
	cr_expect_eq(
	    discover_is_database(folder_path("fifo"), &is, &st, &err), 0);
	cr_expect_not(is);
	cr_expect_eq(discover_is_database(folder, &is, &st, &err), 0);
	cr_expect(!is && S_ISDIR(st.st_mode));
	/* A -journal goes with each commit. */
	folder_write(folder_path("text-db"), "of which that is one");
	is = true;
	cr_expect_eq(discover_is_database(
			 folder_path("text-db-journal"), &is, &st, &err),
	    0);
	cr_expect_not(is);
	cr_expect_eq(st.st_mode, 0);
	cr_expect_eq(discover_is_database("/none", &is, &st, &err), -1);
	cr_expect_eq(err.code, ENOENT);
}
