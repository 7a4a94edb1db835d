#include "database/findings.h"

#include <criterion/criterion.h>
#include <string.h>

Test(findings, counts_and_lists)
{
	static struct findings findings;

	findings_add(&findings, FINDING_DAMAGED, "t\n", "row %d\t", 3);
	findings_add(&findings, FINDING_UNVERIFIABLE, "", "why");
	findings_add(&findings, FINDING_NOTE, "u", "fact");
	cr_assert_eq(findings.damaged, 1);
	cr_assert_eq(findings.unverifiable, 1);
	cr_assert_eq(findings.notes, 1);
	cr_assert_eq(findings.listed, 3);
	cr_assert_str_eq(findings.list[0].object, "t\xef\xbf\xbd");
	cr_assert_str_eq(findings.list[0].text, "row 3\xef\xbf\xbd");
}

Test(findings, damage_is_never_crowded_out)
{
	static struct findings findings;

	for (unsigned i = 0; i < FINDINGS_MAX + 50; i++)
		findings_add(&findings,
		    i % 2 == 0 ? FINDING_NOTE : FINDING_UNVERIFIABLE, "t", "%u",
		    i);
	for (unsigned i = 0; i < FINDINGS_MAX; i++)
		findings_add(&findings, FINDING_DAMAGED, "t", "bad %u", i);
	cr_assert_eq(findings.listed, FINDINGS_MAX);
	cr_assert_eq(findings.damaged, FINDINGS_MAX);
	cr_assert_eq(findings.unverifiable, (FINDINGS_MAX + 50) / 2);
	cr_assert_eq(findings.notes, (FINDINGS_MAX + 50) / 2);
	for (unsigned i = 0; i < FINDINGS_MAX; i++)
		cr_assert_eq(findings.list[i].kind, FINDING_DAMAGED);
	findings_add(&findings, FINDING_DAMAGED, "t", "one more");
	cr_assert_eq(findings.damaged, FINDINGS_MAX + 1);
}

Test(findings, long_text_is_cut)
{
	static struct findings findings;
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	findings_add(&findings, FINDING_DAMAGED, text, "%s", text);
	cr_assert_eq(strlen(findings.list[0].object),
	    sizeof(findings.list[0].object) - 1);
	cr_assert_eq(
	    strlen(findings.list[0].text), sizeof(findings.list[0].text) - 1);
}
