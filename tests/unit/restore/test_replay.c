/* Roots along chains and across them, without a page. */
#include "restore/replay.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "history.h"

static struct catalog catalog;
static struct replay replay;
static struct err err;

/* 0 - 1 - 2, 1 - 3 beside it, which is shorter; 4 on 3, which grows again. */
static void
begin(void)
{
	history_begin();
	history_chain();
	history_sql("delete from fill where id>100; vacuum");
	(void)history_increment(1);
	history_sql("insert into fill select id+2000, randomblob(600) "
		    "from fill where id<90");
	(void)history_increment(3);
	catalog = history_catalog();
	cr_assert_eq(replay_begin(&catalog, ".", &replay, &err), 0);
}

static void
end(void)
{
	replay_auto(&replay);
	catalog_done(&catalog);
	history_end();
}

TestSuite(replay, .init = begin, .fini = end);

Test(replay, any_order_gives_the_right_roots)
{
	static const size_t order[] = { 0, 1, 2, 3, 4, 2, 0, 4, 3, 1, 1 };
	uint8_t root[SHA256_BYTES];

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		size_t at = history_at(&catalog, order[i]);

		cr_assert_eq(
		    replay_state(&replay, at, root, &err), 0, "%s", err.text);
		cr_expect_arr_eq(
		    root, catalog.list[at].state, SHA256_BYTES, "%zu", i);
	}
}

Test(replay, damage_is_told_and_does_not_stay)
{
	uint8_t root[SHA256_BYTES];
	size_t at = history_at(&catalog, 2);
	const char *path = history_path(1, SNAPSHOT_ARCHIVE);
	size_t len = 0;
	uint8_t *bytes = world_get(path, &len);

	world_put(path, bytes, 200);
	cr_expect_eq(replay_state(&replay, at, root, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	world_put(path, bytes, len);
	free(bytes);
	cr_expect_eq(replay_state(&replay, at, root, &err), 0, "%s", err.text);
	cr_expect_arr_eq(root, catalog.list[at].state, SHA256_BYTES);
}
