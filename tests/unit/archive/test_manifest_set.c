/* A manifest of several databases. */
#include "archive/manifest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/archive/manifests.h"
#include "tests/unit/archive/sample.h"

Test(manifest_set, one_of_several_databases_is_copied_and_given_away_whole)
{
	struct manifest m = sample_full(), copy = { 0 };
	struct err err = { 0 };

	cr_expect_eq(manifest_count(&m), 1);
	cr_assert_eq(manifest_grow(&m, MANIFEST_DATABASES_MAX, &err), 0);
	for (size_t i = 0; i < manifest_count(&m); i++)
		manifest_edit(&m, i)->page_count = 100 + (uint32_t)i;
	cr_assert_eq(manifest_copy(&m, &copy, &err), 0);
	manifest_edit(&m, 5)->page_count = 1;

	struct manifest taken = manifest_take(&copy);
	cr_expect_eq(manifest_count(&copy), 1);
	manifest_done(&copy);
	cr_assert_eq(manifest_count(&taken), MANIFEST_DATABASES_MAX);
	for (size_t i = 0; i < manifest_count(&taken); i++)
		cr_expect_eq(manifest_at(&taken, i)->page_count, 100 + i);
	manifest_done(&taken);
	manifest_done(&m);
	cr_expect_eq(manifest_count(&m), 1);
}

/* A full one and two more, or an increment in which the second is full. */
static struct manifest
sample_set(bool increment)
{
	struct manifest m = increment ? sample_increment() : sample_full();
	struct err err = { 0 };

	cr_assert_eq(manifest_grow(&m, 3, &err), 0);
	m.has_parent_state = increment;
	memset(m.parent_state, 0x77, SHA256_BYTES);
	for (size_t i = 1; i < 3; i++) {
		uint64_t start = manifest_end(&m, manifest_at(&m, i - 1));
		struct manifest_database *db = manifest_edit(&m, i);

		*db = m.database;
		memset(db->name, 0, sizeof(db->name));
		(void)snprintf(db->name, sizeof(db->name), "%zu.db", 3 - i);
		db->whole = increment && i == 1;
		if (db->whole) {
			memset(db->parent_root, 0, SHA256_BYTES);
			db->pages_stored = 700;
		}
		db->root[0] = (uint8_t)i;
		db->pages_offset = start + 2048;
		db->sums_offset =
		    db->pages_offset + db->pages_stored * 4096 + 512;
	}
	return m;
}

static void
comes_back(struct manifest m)
{
	struct manifest out = { 0 };
	char *json = manifests_encode(&m);
	struct err err = { 0 };

	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_assert_eq(manifest_count(&out), 3);
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(memcmp(manifest_at(&out, i), manifest_at(&m, i),
				 sizeof(m.database)),
		    0, "%zu", i);
	cr_expect_eq(memcmp(out.parent_state, m.parent_state, SHA256_BYTES), 0);
	manifest_done(&out);
	manifest_done(&m);
	free(json);
}

Test(manifest_set, a_set_comes_back)
{
	struct manifest full = sample_set(false);

	memset(full.parent_state, 0, SHA256_BYTES);
	comes_back(full);
	comes_back(sample_set(true));
}

static void
set_refused(bool increment, const char *from, const char *to, const char *says)
{
	struct manifest m = sample_set(increment);

	manifests_refused(&m, from, to, ERR_DAMAGED, says);
	manifest_done(&m);
}

Test(manifest_set, what_no_set_can_say_is_damage)
{
	set_refused(false, "\"1.db\"", "\"2.db\"", "two databases");
	set_refused(false, "\"1.db\"", "\"2.db.pages\"", "two databases");
	set_refused(false, "\"1.db\"", "\"2.db.pages.2\"", "two databases");
	set_refused(false, "\"1.db\"", "\"p\xc3\xb6ge.db\"", "two databases");
	set_refused(false, "\"name\": \"2.db\"",
	    "\"name\": \"2.db\", \"kind\": \"full\"", "'kind'");
	set_refused(
	    true, "\"kind\": \"full\"", "\"kind\": \"increment\"", "'kind'");
	set_refused(true, "\"parent_state\"", "\"parent_stat\"",
	    "'parent_state' is missing");
}

/* Places in the tar stream follow each other from database to database. */
Test(manifest_set, the_second_lies_behind_the_first)
{
	struct manifest m = sample_set(false);
	char *json = NULL;
	size_t len = 0;
	struct err err = { 0 };

	m.more[0].pages_offset = 512;
	cr_expect_eq(manifest_encode(&m, &json, &len, &err), -1);
	cr_expect(strstr(err.text, "image_offset") != NULL, "%s", err.text);
	manifest_done(&m);
}

Test(manifest_set, an_increment_has_a_database_that_is_one)
{
	struct manifest m = sample_set(true);
	char *json = NULL;
	size_t len = 0;
	struct err err = { 0 };

	for (size_t i = 0; i < 3; i++) {
		struct manifest_database *db = manifest_edit(&m, i);
		uint64_t start =
		    i == 0 ? 0 : manifest_end(&m, manifest_at(&m, i - 1));

		db->whole = true;
		db->pages_stored = 700;
		db->pages_offset = start + 512;
		db->sums_offset = start + 512 + 700 * 4096 + 512;
	}
	cr_expect_eq(manifest_encode(&m, &json, &len, &err), -1);
	cr_expect(strstr(err.text, "stored full") != NULL, "%s", err.text);
	manifest_done(&m);
}

/* As many as an archive may hold can be told, and not one more. */
Test(manifest_set, there_is_a_bound_to_a_set)
{
	struct manifest m = sample_full(), out = { 0 };
	struct err err = { 0 };

	cr_assert_eq(manifest_grow(&m, MANIFEST_DATABASES_MAX, &err), 0);
	for (size_t i = 1; i < MANIFEST_DATABASES_MAX; i++) {
		uint64_t start = manifest_end(&m, manifest_at(&m, i - 1));
		struct manifest_database *db = manifest_edit(&m, i);

		*db = m.database;
		(void)snprintf(db->name, sizeof(db->name), "%zu.db", i);
		memset(db->path, 'p', sizeof(db->path) - 1);
		db->pages_offset = start + 512;
		db->sums_offset = db->pages_offset + 700 * 4096 + 512;
	}
	char *json = manifests_encode(&m);
	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect_eq(manifest_count(&out), MANIFEST_DATABASES_MAX);
	char *more =
	    manifests_swap(json, "\"databases\": [", "\"databases\": [{}, ");
	cr_expect_eq(manifests_decode(more, &out, &err), -1);
	cr_expect(strstr(err.text, "more databases") != NULL, "%s", err.text);
	manifest_done(&out);
	manifest_done(&m);
	free(json);
	free(more);
}

/* The state of a set: in whatever order its databases lie in the archive. */
Test(manifest_set, the_state_of_a_set_follows_from_names_and_roots)
{
	struct manifest one = sample_full(), m = sample_set(false), n = { 0 };
	uint8_t state[SHA256_BYTES], other[SHA256_BYTES];
	struct err err = { 0 };

	cr_assert_eq(manifest_state(&one, state, &err), 0);
	cr_expect_eq(memcmp(state, one.database.root, SHA256_BYTES), 0);

	cr_assert_eq(manifest_copy(&m, &n, &err), 0);
	n.more[0] = m.more[1];
	n.more[1] = m.more[0];
	cr_assert_eq(manifest_state(&m, state, &err), 0);
	cr_assert_eq(manifest_state(&n, other, &err), 0);
	cr_expect_eq(memcmp(state, other, SHA256_BYTES), 0);
	n.more[1].root[31] ^= 1;
	cr_assert_eq(manifest_state(&n, other, &err), 0);
	cr_expect_neq(memcmp(state, other, SHA256_BYTES), 0);
	n.more[1].root[31] ^= 1;
	n.more[1].name[0] = 'x';
	cr_assert_eq(manifest_state(&n, other, &err), 0);
	cr_expect_neq(memcmp(state, other, SHA256_BYTES), 0);
	manifest_done(&m);
	manifest_done(&n);
}
