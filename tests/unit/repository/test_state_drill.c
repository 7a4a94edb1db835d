/* When a set passed its last drill, and what is no answer to that. */
#include "repository/state_drill.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/shared/folder.h"

static struct state state;
static struct err err;

static void
open_state(const char *path)
{
	(void)snprintf(state.folder, sizeof(state.folder), "%s", path);
	state.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(state.fd, 0);
}

static void
begin(void)
{
	folder_make();
	open_state(folder);
}

static void
end(void)
{
	state_auto(&state);
	folder_remove();
}

TestSuite(state_drill, .init = begin, .fini = end);

Test(state_drill, comes_back)
{
	struct stat st;

	cr_expect_eq(state_drill_last(&state), 0);
	cr_assert_eq(
	    state_drill_passed(&state, 1795784400123, &err), 0, "%s", err.text);
	cr_expect_eq(state_drill_last(&state), 1795784400123);
	cr_assert_eq(state_drill_passed(&state, 1795784500000, &err), 0);
	cr_expect_eq(state_drill_last(&state), 1795784500000);
	cr_assert_eq(stat(folder_path("drill"), &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
}

Test(state_drill, a_failure_until_one_is_passed)
{
	cr_expect_eq(state_drill_failure(&state), 0);
	cr_assert_eq(state_drill_failed(&state, 1795784400123, &err), 0);
	cr_expect_eq(state_drill_failure(&state), 1795784400123);
	cr_expect_eq(state_drill_last(&state), 0);
	cr_assert_eq(state_drill_passed(&state, 1795784500000, &err), 0);
	cr_expect_eq(state_drill_failure(&state), 0);
}

Test(state_drill, what_is_no_time_is_never)
{
	static const char *const texts[] = { "", "\n", "2026",
		"never ever at all, say I", "2026-11-27T02:00:00" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		folder_write(folder_path("drill"), texts[i]);
		cr_expect_eq(state_drill_last(&state), 0, "'%s'", texts[i]);
	}
	(void)unlink(folder_path("drill"));
	folder_write(folder_path("other"), "2026-11-27T02:00:00.000Z\n");
	cr_assert_eq(symlink("other", folder_path("drill")), 0);
	cr_expect_eq(state_drill_last(&state), 0);
}

Test(state_drill, a_folder_that_is_gone)
{
	const char *gone = folder_path("none");

	cr_assert_eq(mkdir(gone, 0700), 0);
	open_state(gone);
	cr_assert_eq(rmdir(gone), 0);
	cr_expect_eq(state_drill_last(&state), 0);
	cr_expect_eq(state_drill_passed(&state, 1, &err), -1);
}
