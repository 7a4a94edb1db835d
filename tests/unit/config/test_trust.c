/* Who may write a file, and who reads it. */
#include "config/trust.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void
expect(uid_t uid, gid_t gid, mode_t mode, const char *fault)
{
	const struct stat status = {
		.st_uid = uid,
		.st_gid = gid,
		.st_mode = S_IFREG | mode,
	};
	struct err err = { .kind = ERR_NONE };
	int rc = trust_check(&status, "x.conf", &err);

	if (fault == NULL) {
		cr_expect_eq(rc, 0, "%u:%u %o: %s", uid, gid, mode, err.text);
		return;
	}
	cr_assert_eq(rc, -1, "%u:%u %o", uid, gid, mode);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.text, fault) != NULL, "%s", err.text);
	cr_expect(err.hint[0] != '\0');
}

Test(trust, as_root)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
	expect(0, 0, 0644, NULL);
	expect(0, 0, 0664, "by its group");
	expect(0, 50, 0640, NULL);
	expect(0, 50, 0660, "by its group");
	expect(0, 0, 0666, "by everybody");
	expect(1000, 1000, 0600, "belongs to user 1000");
	expect(1000, 0, 0444, "belongs to user 1000");
}

Test(trust, as_another_user)
{
	bool root = geteuid() == 0;

	if (root)
		cr_assert_eq(seteuid(65534), 0);
	expect(0, 0, 0644, NULL);
	expect(1000, 1000, 0664, NULL);
	expect(65534, 65534, 0602, "by everybody");
	if (root)
		cr_assert_eq(seteuid(0), 0);
	/* Or a leak sanitizer cannot look at it. */
	(void)prctl(PR_SET_DUMPABLE, 1);
}
