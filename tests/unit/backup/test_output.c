/* What an archive may and may not take the place of. */
#include "backup/output.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/shared/fresh.h"

static char folder[FRESH_BYTES];
static struct source source;
static const struct source *const source_list[] = { &source };
static const struct output_sources sources = { .list = source_list,
	.count = 1 };

static void
put(const char *name, const char *content)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	cr_assert(fd >= 0);
	cr_assert_eq(
	    write(fd, content, strlen(content)), (ssize_t)strlen(content));
	(void)close(fd);
}

static void
make_folder(void)
{
	struct stat st;

	fresh_folder(folder);
	cr_assert_eq(chdir(folder), 0);
	put("app.db", "SQLite format 3");
	cr_assert_eq(stat("app.db", &st), 0);
	(void)snprintf(source.path, sizeof(source.path), "%s/app.db", folder);
	source.dev = st.st_dev;
	source.ino = st.st_ino;
}

static void
remove_folder(void)
{
	char command[FRESH_BYTES + 16];

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

static unsigned
files_in_folder(void)
{
	DIR *dir = opendir(".");
	unsigned count = 0;

	cr_assert(dir != NULL);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		count += e->d_name[0] != '.';
	(void)closedir(dir);
	return count;
}

static enum err_kind
refusal(const char *path, bool replace, const char *words)
{
	struct output output = OUTPUT_NONE;
	struct err err = { 0 };
	unsigned before = files_in_folder();

	cr_assert_eq(output_open_file(path, replace, sources, &output, &err),
	    -1, "'%s' was accepted", path);
	cr_expect(strstr(err.text, words) != NULL, "'%s': %s", path, err.text);
	cr_expect_eq(files_in_folder(), before, "'%s' left something", path);
	return err.kind;
}

static void
publish(const char *path, bool replace, const char *content)
{
	struct output output = OUTPUT_NONE;
	struct err err = { 0 };

	cr_assert_eq(output_open_file(path, replace, sources, &output, &err), 0,
	    "%s", err.text);
	cr_assert_eq(file_write(output.fd, content, strlen(content),
			 output.name, NULL, &err),
	    0);
	cr_assert_eq(output_publish(&output, &err), 0, "%s", err.text);
	output_auto(&output);
}

static void
expect_content(const char *path, const char *content)
{
	char text[100] = "";
	FILE *f = fopen(path, "r");

	cr_assert(f != NULL, "%s", path);
	(void)!fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	cr_expect_str_eq(text, content);
}

TestSuite(output, .init = make_folder, .fini = remove_folder);

Test(output, a_new_name_appears_at_the_end_with_mode_0600)
{
	struct output output = OUTPUT_NONE;
	struct err err = { 0 };
	struct stat st;

	(void)umask(0);
	cr_assert_eq(
	    output_open_file("new.tar.zst", false, sources, &output, &err), 0,
	    "%s", err.text);
	cr_expect_eq(access("new.tar.zst", F_OK), -1);
	cr_assert_eq(output_publish(&output, &err), 0, "%s", err.text);
	output_auto(&output);
	cr_assert_eq(stat("new.tar.zst", &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_expect_eq(files_in_folder(), 2);
}

Test(output, what_is_abandoned_leaves_nothing)
{
	struct output output = OUTPUT_NONE;
	struct err err = { 0 };

	cr_assert_eq(
	    output_open_file("new.tar.zst", false, sources, &output, &err), 0);
	output_auto(&output);
	cr_expect_eq(files_in_folder(), 1);
}

Test(output, existing_files_stay_without_force)
{
	put("old.tar.zst", "old");
	cr_expect_eq(refusal("old.tar.zst", false, "exists"), ERR_REFUSED);
	expect_content("old.tar.zst", "old");
}

Test(output, force_replaces_in_one_step)
{
	put("old.tar.zst", "old");
	publish("old.tar.zst", true, "new");
	expect_content("old.tar.zst", "new");
	cr_expect_eq(files_in_folder(), 2);
}

Test(output, a_file_that_appears_meanwhile_is_not_replaced)
{
	struct output output = OUTPUT_NONE;
	struct err err = { 0 };

	cr_assert_eq(
	    output_open_file("new.tar.zst", false, sources, &output, &err), 0);
	put("new.tar.zst", "somebody else's");
	cr_expect_eq(output_publish(&output, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	output_auto(&output);
	expect_content("new.tar.zst", "somebody else's");
}

Test(output, never_the_source_under_any_spelling)
{
	cr_assert_eq(symlink("app.db", "alias"), 0);
	cr_expect_eq(
	    refusal("app.db", true, "the database itself"), ERR_REFUSED);
	cr_expect_eq(refusal("./app.db", true, "itself"), ERR_REFUSED);
	cr_expect_eq(refusal("alias", true, "itself"), ERR_REFUSED);
}

Test(output, never_a_name_of_sqlite_beside_the_source)
{
	cr_expect_eq(refusal("app.db-wal", true, "SQLite uses"), ERR_REFUSED);
	cr_expect_eq(
	    refusal("./app.db-journal", true, "SQLite uses"), ERR_REFUSED);
	cr_expect_eq(refusal("app.db-shm", false, "SQLite uses"), ERR_REFUSED);
}

/* Its -wal holds commits, and what is put there SQLite deletes. */
Test(output, never_a_name_of_sqlite_beside_another_file)
{
	put("other.db", "");
	put("other.db-wal", "commits");
	cr_expect_eq(
	    refusal("other.db-wal", true, "beside 'other.db'"), ERR_REFUSED);
	cr_expect_eq(
	    refusal("./other.db-journal", false, "SQLite uses"), ERR_REFUSED);
	expect_content("other.db-wal", "commits");
	publish("nothing.db-wal", false, "new");
}

Test(output, force_never_replaces_a_log_that_lost_its_database)
{
	put("lost.db-wal", "\x37\x7f\x06\x82 commits");
	put("old.db-journal", "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 pages");
	cr_expect_eq(
	    refusal("lost.db-wal", true, "or the log of one"), ERR_REFUSED);
	cr_expect_eq(
	    refusal("old.db-journal", true, "or the log of one"), ERR_REFUSED);
}

Test(output, force_never_replaces_another_database)
{
	int fd = open("other.db", O_WRONLY | O_CREAT, 0644);

	cr_assert_eq(write(fd, "SQLite format 3\0tail", 20), 20);
	(void)close(fd);
	cr_expect_eq(
	    refusal("other.db", true, "is an SQLite database"), ERR_REFUSED);
}

/* Nor one that took the name while the archive was made. */
Test(output, force_never_replaces_what_became_a_database)
{
	static const char *const names[] = { "old.tar.zst", "new.tar.zst" };

	put("old.tar.zst", "old");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct output output = OUTPUT_NONE;
		struct err err = { 0 };

		cr_assert_eq(
		    output_open_file(names[i], true, sources, &output, &err), 0,
		    "%s", err.text);
		put(names[i], "\x37\x7f\x06\x82 commits");
		cr_expect_eq(output_publish(&output, &err), -1, "%s", names[i]);
		cr_expect_eq(err.kind, ERR_REFUSED);
		output_auto(&output);
		expect_content(names[i], "\x37\x7f\x06\x82 commits");
	}
	cr_expect_eq(files_in_folder(), 3);
}

Test(output, force_never_replaces_what_cannot_be_read)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
	put("secret", "SQLite format 3");
	cr_assert_eq(chmod("secret", 0600), 0);
	cr_assert_eq(chmod(".", 0777), 0);
	cr_assert_eq(seteuid(65534), 0);
	enum err_kind kind = refusal("secret", true, "cannot be read");
	cr_assert_eq(seteuid(0), 0);
	cr_expect_eq(kind, ERR_REFUSED);
}

Test(output, folders_pipes_and_dangling_links_are_told_apart)
{
	cr_assert_eq(mkdir("sub", 0755), 0);
	cr_assert_eq(mkfifo("fifo", 0644), 0);
	cr_assert_eq(symlink("nowhere", "dangling"), 0);
	cr_expect_eq(refusal("sub", true, "is a folder"), ERR_USAGE);
	cr_expect_eq(refusal("fifo", true, "not a regular file"), ERR_REFUSED);
	cr_expect_eq(refusal("dangling", true, "leads nowhere"), ERR_REFUSED);
	cr_expect_eq(refusal("missing/x", false, "missing"), ERR_FAILED);
	cr_expect_eq(refusal("sub/", false, "is a folder"), ERR_USAGE);
}

Test(output, a_link_is_followed_and_survives)
{
	struct stat st;

	put("real.tar.zst", "old");
	cr_assert_eq(symlink("real.tar.zst", "latest"), 0);
	publish("latest", true, "new");
	cr_assert_eq(lstat("latest", &st), 0);
	cr_expect(S_ISLNK(st.st_mode));
	expect_content("real.tar.zst", "new");
}
