/* Where a new file may get its name, whatever it will hold. */
#include "database/place.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

static const struct place_words words = { "output", "-o", "NAME.tar.zst",
	"take another" };
static struct err err;
static char real[PATH_MAX];

static void
begin(void)
{
	live_begin();
	cr_assert_eq(chdir(live_folder), 0);
	live_sql("CREATE TABLE t(a)");
}

TestSuite(place, .init = begin, .fini = live_end);

static int
find(const char *path)
{
	err = (struct err){ 0 };
	return place_find(&words, path, real, &err);
}

static void
refuse(const char *path, enum err_kind kind, const char *text, const char *hint)
{
	cr_assert_eq(find(path), -1, "'%s' was accepted", path);
	cr_expect_eq(err.kind, kind, "'%s': %s", path, err.text);
	cr_expect_str_eq(err.text, text);
	cr_expect_str_eq(err.hint, hint, "'%s': %s", path, err.hint);
}

Test(place, a_path_stays_as_it_was_given)
{
	cr_expect_eq(find("./new"), 0);
	cr_expect_str_eq(real, "./new");
	cr_expect_eq(find("app.db"), 0, "what has the name is not asked");
}

Test(place, a_link_is_followed)
{
	cr_assert_eq(symlink("app.db", "link"), 0);
	cr_expect_eq(find("link"), 0, "%s", err.text);
	cr_expect_str_eq(real, live_db);
	cr_assert_eq(symlink("nowhere", "dangling"), 0);
	refuse("dangling", ERR_REFUSED,
	    "the output 'dangling' is a symlink that leads nowhere",
	    "remove the link, or name the file that it means");
	/* There is a pipe behind it, which has no name. */
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	cr_assert_geq(dup2(ends[1], 99), 0);
	refuse("/proc/self/fd/99", ERR_REFUSED,
	    "the output '/proc/self/fd/99' is not a regular file",
	    "take another");
	cr_assert_eq(symlink("loop", "loop"), 0);
	cr_expect_eq(find("loop"), -1);
	cr_expect_eq(err.code, ELOOP);
}

Test(place, folders_and_no_names_are_usage)
{
	cr_assert_eq(mkdir("d", 0755), 0);
	refuse("d//", ERR_USAGE, "the output 'd//' is a folder",
	    "name a file in it: -o 'd/NAME.tar.zst'");
	refuse("", ERR_USAGE, "the output '' names no file", "");
	refuse("new/", ERR_USAGE, "the output 'new/' names no file", "");

	char name[PATH_MAX + 1];
	memset(name, 'x', PATH_MAX);
	name[PATH_MAX] = '\0';
	cr_expect_eq(find(name), -1);
	cr_expect_eq(err.code, ENAMETOOLONG, "%s", err.text);
}

Test(place, its_folder_must_exist)
{
	refuse("none/new", ERR_FAILED,
	    "the folder of the output, 'none': No such file or directory",
	    "make the folder first");
	refuse("app.db/new", ERR_FAILED,
	    "'app.db', where the output would be, is not a folder", "");
}

Test(place, what_sqlite_takes_for_its_own_is_refused)
{
	cr_assert_eq(symlink("unmounted", "far.db"), 0);
	live_sql_and_die("PRAGMA journal_mode = WAL; CREATE TABLE u(a)");
	cr_assert_eq(symlink("app.db-wal", "sly"), 0);
	cr_assert_eq(mkdir("folder", 0755), 0);
	refuse("app.db-wal", ERR_REFUSED,
	    "the output 'app.db-wal' is a name that SQLite uses beside "
	    "'app.db'",
	    "choose another name for -o");
	cr_expect_eq(find("./app.db-shm"), -1);
	cr_expect_eq(find("app.db-journal"), -1);
	cr_expect_eq(find("far.db-wal"), -1);
	cr_expect_eq(find("sly"), -1, "a way around by a link");
	cr_expect_eq(find("folder-wal"), 0);
	cr_expect_eq(find("other.db-wal"), 0);
	cr_expect_eq(find("-wal"), 0);
}

Test(place, only_a_regular_file_can_be_replaced)
{
	cr_expect_eq(place_takes_file(&words, "x", S_IFREG | 0600, &err), 0);
	cr_expect_eq(place_takes_file(&words, "x", S_IFIFO | 0600, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect_str_eq(err.text, "the output 'x' is not a regular file");
	cr_expect_eq(place_takes_file(&words, "x", S_IFCHR | 0600, &err), -1);
}
