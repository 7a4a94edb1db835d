#include "tests/unit/shared/fresh.h"

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

const char *
fresh_base(void)
{
	const char *base = getenv("UNIT_FOLDER");

	return base == NULL ? "/tmp" : base;
}

void
fresh_folder(char ret_path[FRESH_BYTES])
{
	int len =
	    snprintf(ret_path, FRESH_BYTES, "%s/litesafe-XXXXXX", fresh_base());

	cr_assert_lt(len, FRESH_BYTES);
	cr_assert_not_null(mkdtemp(ret_path));
}
