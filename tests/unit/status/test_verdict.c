/* The worst of what was found, and the set in one word. */
#include "status/verdict.h"

#include <criterion/criterion.h>

Test(verdict, names)
{
	for (int i = 0; i < STATUS_IDS; i++)
		cr_expect_not_null(status_id_names[i], "%d", i);
	for (int i = 0; i < STATUS_SEVERITIES; i++)
		cr_expect_not_null(status_severity_names[i], "%d", i);
}

Test(verdict, the_worst)
{
	struct verdict verdict = { .count = 0 };

	cr_expect_null(verdict_first(&verdict));
	cr_expect_eq(verdict_worst(&verdict), STATUS_INFO);
	cr_expect_str_eq(verdict_word(&verdict), "fresh");
	verdict_add(&verdict, STATUS_UNSEEN, STATUS_INFO, "x");
	verdict_add(&verdict, STATUS_SHRANK, STATUS_WARNING, "%d", 1);
	cr_expect_eq(verdict_worst(&verdict), STATUS_WARNING);
	cr_expect_str_eq(verdict_word(&verdict), "fresh");
	verdict_add(&verdict, STATUS_STALE, STATUS_ERROR, "%d", 2);
	verdict_add(&verdict, STATUS_VANISHED, STATUS_ERROR, "%d", 3);
	cr_expect_str_eq(verdict_first(&verdict)->text, "2");
	cr_expect_str_eq(verdict_word(&verdict), "stale");
	verdict_add(&verdict, STATUS_FAULTY, STATUS_DAMAGE, "4");
	cr_expect_str_eq(verdict_first(&verdict)->text, "4");
	cr_expect_str_eq(verdict_word(&verdict), "damaged");
}
