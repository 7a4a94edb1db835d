#include "tests/unit/archive/manifests.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *
manifests_encode(const struct manifest *m)
{
	struct err err = { 0 };
	char *json = NULL;
	size_t len = 0;

	cr_assert_eq(manifest_encode(m, &json, &len, &err), 0, "%s", err.text);
	cr_assert_eq(strlen(json), len);
	return json;
}

int
manifests_decode(const char *json, struct manifest *ret, struct err *err)
{
	memset(err, 0, sizeof(*err));
	return manifest_decode(json, strlen(json), ret, err);
}

char *
manifests_swap(const char *json, const char *from, const char *to)
{
	const char *at = strstr(json, from);
	char *changed = NULL;

	cr_assert(at != NULL, "no %s in %s", from, json);
	cr_assert(asprintf(&changed, "%.*s%s%s", (int)(at - json), json, to,
		      at + strlen(from)) >= 0);
	return changed;
}

void
manifests_refused(const struct manifest *m, const char *from, const char *to,
    enum err_kind kind, const char *says)
{
	struct manifest before, out;
	char *json = manifests_encode(m);
	char *changed = manifests_swap(json, from, to);
	struct err err;

	memset(&out, 0x5a, sizeof(out));
	before = out;
	cr_assert_eq(manifests_decode(changed, &out, &err), -1, "%s taken", to);
	cr_expect_eq(err.kind, kind, "%s: kind %d", err.text, err.kind);
	cr_expect(
	    strstr(err.text, says) != NULL, "'%s' not in: %s", says, err.text);
	cr_expect_eq(memcmp(&out, &before, sizeof(out)), 0, "%s wrote", to);
	if (kind == ERR_FAILED)
		cr_expect(strstr(err.hint, "upgrade") != NULL);
	free(changed);
	free(json);
}
