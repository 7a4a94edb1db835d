/*
 * What a folder holds at every point in the life of a draft: with nameless
 * files, and, by making O_TMPFILE fail, with named ones.
 */
#include "base/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/auto.h"
#include "base/file.h"
#include "tests/unit/shared/folder.h"

TestSuite(draft, .init = folder_make, .fini = folder_remove);

/* ld --wrap: a filesystem without O_TMPFILE, and a disk that fails. */
static bool no_tmpfile;
static int fail_fsync_at; /* the Nth fsync; 0: never */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

int
__wrap_open(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode =
	    (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return __real_open(path, flags, mode);
}

int
__wrap_fsync(int fd)
{
	if (fail_fsync_at > 0 && --fail_fsync_at == 0) {
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

static void
begin(const char *path, const char *text, struct draft *ret_draft)
{
	struct err err = { 0 };

	cr_assert_eq(draft_open(path, ret_draft, &err), 0, "%s", err.text);
	cr_assert_eq(
	    file_write(ret_draft->fd, text, strlen(text), path, NULL, &err), 0,
	    "%s", err.text);
}

Test(draft, published_under_its_name_and_private)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	const char *path = folder_path("file");
	struct err err = { 0 };
	struct stat st;

	(void)umask(0);
	begin(path, "content", &draft);
	cr_assert_eq(folder_count(), 0, "a draft has no name");
	cr_assert_eq(
	    draft_publish(&draft, DRAFT_REFUSE, &err), 0, "%s", err.text);
	cr_assert_eq(draft.fd, -1);
	cr_assert_str_eq(folder_read(path), "content");
	cr_assert_eq(folder_count(), 1);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
}

Test(draft, renamed_before_it_has_a_name)
{
	for (int named = 0; named <= 1; named++) {
		AUTO(draft) struct draft draft = DRAFT_NONE;
		char path[200];
		struct err err = { 0 };

		no_tmpfile = named;
		(void)snprintf(
		    path, sizeof(path), "%s-%d", folder_path("file"), named);
		begin(folder_path("for now"), "content", &draft);
		cr_assert_eq(draft_rename(&draft, path, &err), 0);
		cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), 0, "%s",
		    err.text);
		cr_assert_str_eq(folder_read(path), "content");
		cr_assert_eq(folder_count(), (unsigned)named + 1);
	}
}

Test(draft, a_narrow_umask_changes_nothing)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	const char *path = folder_path("file");
	struct err err = { 0 };
	struct stat st;

	(void)umask(0777);
	begin(path, "content", &draft);
	cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
}

static void
abandon(void)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;

	begin(folder_path("file"), "content", &draft);
}

Test(draft, abandoned_leaves_nothing)
{
	abandon();
	cr_assert_eq(folder_count(), 0);
	no_tmpfile = true;
	abandon();
	cr_assert_eq(folder_count(), 0);
}

Test(draft, a_name_taken_meanwhile_stays_whose_it_is)
{
	const char *path = folder_path("file");

	for (int named = 0; named <= 1; named++) {
		AUTO(draft) struct draft draft = DRAFT_NONE;
		struct err err = { 0 };

		no_tmpfile = named;
		begin(path, "ours", &draft);
		folder_write(path, "theirs");
		cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), -1);
		cr_assert_eq(err.kind, ERR_REFUSED);
		cr_assert_str_neq(err.hint, "");
		cr_assert_str_eq(folder_read(path), "theirs");
		draft_auto(&draft);
		cr_assert_eq(folder_count(), 1);
	}
}

Test(draft, a_dangling_link_is_a_name_too)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	const char *path = folder_path("file");
	struct err err = { 0 };

	cr_assert_eq(symlink("nowhere", path), 0);
	begin(path, "ours", &draft);
	cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), -1);
	cr_assert_eq(err.kind, ERR_REFUSED);
	cr_assert_eq(folder_count(), 1);
}

Test(draft, replacing_is_one_step)
{
	const char *path = folder_path("file");

	for (int named = 0; named <= 1; named++) {
		AUTO(draft) struct draft draft = DRAFT_NONE;
		struct err err = { 0 };

		no_tmpfile = named;
		folder_write(path, "old");
		begin(path, "new", &draft);
		cr_assert_str_eq(folder_read(path), "old");
		cr_assert_eq(draft_publish(&draft, DRAFT_REPLACE, &err), 0,
		    "%s", err.text);
		cr_assert_str_eq(folder_read(path), "new");
		cr_assert_eq(folder_count(), 1);
	}
}

Test(draft, without_tmpfile_it_has_a_telling_name_meanwhile)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	const char *path = folder_path("file");
	struct err err = { 0 };

	no_tmpfile = true;
	begin(path, "content", &draft);
	cr_assert_not_null(draft.temp);
	cr_assert_not_null(strstr(draft.temp, "/file.litesafe-"));
	cr_assert_eq(folder_count(), 1);
	cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), 0);
	cr_assert_eq(folder_count(), 1);
	cr_assert_str_eq(folder_read(path), "content");
}

/* The name of the draft is longer, and there is no room for that. */
Test(draft, the_longest_name_is_published_all_ways)
{
	char name[NAME_MAX + 1] = "";
	struct err err = { 0 };

	memset(name, 'x', NAME_MAX);
	cr_assert_eq(chdir(folder), 0);
	for (int way = 0; way < 4; way++) {
		AUTO(draft) struct draft draft = DRAFT_NONE;

		no_tmpfile = way & 1;
		begin(name, "content", &draft);
		cr_expect_eq(draft_publish(&draft,
				 way & 2 ? DRAFT_REPLACE : DRAFT_REFUSE, &err),
		    0, "%s", err.text);
		cr_expect_eq(folder_count(), 1);
		cr_expect_eq(unlink(name), 0);
	}
}

Test(draft, content_that_is_not_durable_gets_no_name)
{
	const char *path = folder_path("file");

	for (int named = 0; named <= 1; named++) {
		AUTO(draft) struct draft draft = DRAFT_NONE;
		struct err err = { 0 };

		no_tmpfile = named;
		begin(path, "content", &draft);
		fail_fsync_at = 1;
		cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), -1);
		cr_assert_eq(err.code, EIO);
		draft_auto(&draft);
		cr_assert_eq(folder_count(), 0);
	}
}

Test(draft, a_folder_that_is_not_flushed_is_said_and_the_file_stays)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	const char *path = folder_path("file");
	struct err err = { 0 };

	begin(path, "content", &draft);
	fail_fsync_at = 2;
	cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), -1);
	cr_assert_not_null(strstr(err.text, "is complete, but"));
	draft_auto(&draft);
	cr_assert_str_eq(folder_read(path), "content");
	cr_assert_eq(folder_count(), 1);
}

Test(draft, a_missing_folder_is_named)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	struct err err = { 0 };

	cr_assert_eq(draft_open(folder_path("none/file"), &draft, &err), -1);
	cr_assert_eq(err.code, ENOENT);
	cr_assert_not_null(strstr(err.text, folder_path("none")));
	cr_assert_eq(draft.fd, -1, "nothing to abandon");
}

Test(draft, a_bare_name_lies_in_the_current_folder)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	struct err err = { 0 };

	cr_assert_eq(chdir(folder), 0);
	begin("bare", "content", &draft);
	cr_assert_eq(draft_publish(&draft, DRAFT_REFUSE, &err), 0);
	cr_assert_str_eq(folder_read("bare"), "content");
}

/* For what is proved when it is read: no flush, but never half a name. */
Test(draft, unflushed_in_place_of_the_old_one)
{
	for (int named = 0; named < 2; named++) {
		const char *path = folder_path("file");
		AUTO(draft) struct draft draft = DRAFT_NONE;
		char text[16] = "";
		struct err err = { 0 };

		no_tmpfile = named;
		begin(path, named ? "two" : "one", &draft);
		fail_fsync_at = 1; /* nothing may ask for it */
		cr_assert_eq(
		    draft_publish_unflushed(&draft, &err), 0, "%s", err.text);
		cr_expect_eq(draft.fd, -1);
		cr_expect_eq(fail_fsync_at, 1);
		cr_expect_eq(folder_count(), 1);
		FILE *file = fopen(path, "r");
		cr_assert_not_null(fgets(text, sizeof(text), file));
		(void)fclose(file);
		cr_expect_str_eq(text, named ? "two" : "one");
	}
}

/* Whose folder it is may put a link to another one of ours in its place. */
static void
swap_the_folder(bool nameless)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;
	char hers[PATH_MAX], away[PATH_MAX], ours[PATH_MAX], path[PATH_MAX + 8];
	struct err err = { 0 };

	no_tmpfile = !nameless;
	(void)strcpy(hers, folder_path("hers"));
	(void)strcpy(away, folder_path("away"));
	(void)strcpy(ours, folder_path("ours"));
	cr_assert_eq(mkdir(hers, 0700), 0);
	cr_assert_eq(mkdir(ours, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/new", hers);
	begin(path, "text", &draft);
	cr_assert_eq(rename(hers, away), 0);
	cr_assert_eq(symlink(ours, hers), 0);
	cr_expect_eq(draft_publish(&draft, DRAFT_REFUSE, &err), -1);
	cr_expect_not_null(strstr(err.text, "replaced"), "%s", err.text);
	cr_expect_eq(draft_publish(&draft, DRAFT_REPLACE, &err), -1);
	cr_expect_eq(draft_publish_unflushed(&draft, &err), -1);
	cr_expect_neq(access(path, F_OK), 0, "it is in the other folder");
	draft_auto(&draft);
	cr_expect_eq(rmdir(away), 0, "something is left");
	cr_expect_eq(unlink(hers), 0);
	cr_expect_eq(rmdir(ours), 0, "something is left there");
}

Test(draft, the_folder_is_replaced)
{
	swap_the_folder(true);
}

Test(draft, the_folder_of_a_named_draft_is_replaced)
{
	swap_the_folder(false);
}
