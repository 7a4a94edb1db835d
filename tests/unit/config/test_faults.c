/* All are counted, the first ones kept. */
#include "config/faults.h"

#include <criterion/criterion.h>

#include "base/auto.h"

Test(faults, none)
{
	const struct faults faults = FAULTS_NONE;
	struct err err = { .kind = ERR_NONE };

	cr_expect_eq(faults_first(&faults, &err), 0);
	cr_expect_eq(err.kind, ERR_NONE);
}

Test(faults, more_than_are_kept)
{
	AUTO(faults) struct faults faults = FAULTS_NONE;
	struct err err;

	for (int i = 0; i < FAULTS_MAX + 20; i++) {
		(void)err_set(&err, ERR_USAGE, i, "fault %d", i);
		faults_add(&faults, &err);
	}
	cr_expect_eq(faults.count, FAULTS_MAX);
	cr_expect_eq(faults.all, FAULTS_MAX + 20);
	for (int i = 0; i < FAULTS_MAX; i++)
		cr_expect_eq(faults.list[i].code, i);
	cr_expect_eq(faults_first(&faults, &err), -1);
	cr_expect_str_eq(err.text, "fault 0");
}
