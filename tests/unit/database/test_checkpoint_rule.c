/* The decision, as a table: versions, modes and findings. */
#include "database/checkpoint_rule.h"

#include <criterion/criterion.h>
#include <string.h>

enum { OLD = 3040001, NEW = 3051003 };

Test(checkpoint_rule, versions)
{
	static const struct {
		uint32_t version;
		bool safe;
	} table[] = {
		{ 0, false }, /* unknown */
		{ 3006023, false }, /* before there was a WAL */
		{ 3007000, false },
		{ 3040001, false },
		{ 3043002, false },
		{ 3044005, false },
		{ 3044006, true },
		{ 3044999, true },
		{ 3045000, false }, /* a later line without the repair */
		{ 3049002, false },
		{ 3050006, false },
		{ 3050007, true },
		{ 3051000, false },
		{ 3051002, false },
		{ 3051003, true },
		{ 3052000, true },
		{ 3053002, true },
		{ 4000000, true },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(checkpoint_version_is_safe(table[i].version),
		    table[i].safe, "%u", table[i].version);
}

static const char reader[] = "process 4711 (app) keeps 1200 frames";

static const struct {
	struct checkpoint_facts facts;
	enum checkpoint_step step;
	bool missed;
	const char *reason; /* part of it */
} table[] = {
	/* Nothing asked, nothing to do, nothing allowed. */
	{ { CHECKPOINT_OFF, 1, true, true, NEW, NEW, 0, 9000, NULL },
	    CHECKPOINT_NONE, false, "--checkpoint off" },
	{ { CHECKPOINT_AUTO, 0, false, true, NEW, NEW, 0, 0, NULL },
	    CHECKPOINT_NONE, false, "nothing in a WAL" },
	{ { CHECKPOINT_TRUNCATE, 1, false, true, NEW, NEW, 0, 0, NULL },
	    CHECKPOINT_NONE, false, "nothing in a WAL" },
	{ { CHECKPOINT_AUTO, 0, true, false, NEW, NEW, 0, 9000, NULL },
	    CHECKPOINT_NONE, false, "may not write" },
	{ { CHECKPOINT_PASSIVE, 0, true, false, NEW, NEW, 0, 9000, NULL },
	    CHECKPOINT_NONE, true, "may not write" },
	{ { CHECKPOINT_FULL, 1, true, false, OLD, OLD, 0, 9000, NULL },
	    CHECKPOINT_NONE, true, "may not write" },

	/* Automatically: our own debt only, beyond the automatic checkpoint. */
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 0, 9000, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 0, 1001, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 0, 1000, NULL },
	    CHECKPOINT_NONE, false, "not needed" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 9000, 9000, NULL },
	    CHECKPOINT_NONE, false, "not needed" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 1000, 1001, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 1001, 1002, NULL },
	    CHECKPOINT_NONE, false, "not needed" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 9000, 10000, NULL },
	    CHECKPOINT_NONE, false, "not needed" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 9000, 10001, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, NEW, 9000, 2000, NULL },
	    CHECKPOINT_NONE, false, "not needed" },

	/* ... and only where it is safe, on both sides. */
	{ { CHECKPOINT_AUTO, 0, true, true, OLD, NEW, 0, 9000, NULL },
	    CHECKPOINT_NONE, false, "litesafe runs with SQLite 3.40.1" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, OLD, 0, 9000, NULL },
	    CHECKPOINT_NONE, false,
	    "the application writes with SQLite 3.40.1" },
	{ { CHECKPOINT_AUTO, 0, true, true, NEW, 0, 0, 9000, NULL },
	    CHECKPOINT_NONE, false, "an unknown SQLite" },
	{ { CHECKPOINT_AUTO, 0, true, true, 3050007, 3044006, 0, 9000, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	/* A budget makes nothing of it more than it is. */
	{ { CHECKPOINT_AUTO, 5, true, true, OLD, OLD, 0, 9000, NULL },
	    CHECKPOINT_NONE, false, "left to the application" },

	/* Passive, asked for: whatever is owed, with a guard where needed. */
	{ { CHECKPOINT_PASSIVE, 0, true, true, NEW, OLD, 0, 1, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_PASSIVE, 0, true, true, OLD, NEW, 0, 1, NULL },
	    CHECKPOINT_GUARDED, false, "SQLite 3.40.1" },
	{ { CHECKPOINT_PASSIVE, 0, true, true, OLD, OLD, 0, 1, reader },
	    CHECKPOINT_GUARDED, false, "" },

	/* Blocking: with a budget, and with nobody to be waited for. */
	{ { CHECKPOINT_FULL, 0, true, true, NEW, NEW, 0, 1, NULL },
	    CHECKPOINT_NONE, true, "--checkpoint-budget" },
	{ { CHECKPOINT_FULL, 0.05, true, true, NEW, NEW, 0, 1, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_FULL, 0.05, true, true, OLD, OLD, 0, 1, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_FULL, 0.05, true, true, OLD, OLD, 0, 1, reader },
	    CHECKPOINT_NONE, true, "process 4711 (app)" },
	{ { CHECKPOINT_RESTART, 0.05, true, true, NEW, NEW, 0, 1, reader },
	    CHECKPOINT_NONE, true, "process 4711 (app)" },
	{ { CHECKPOINT_RESTART, 0.05, true, true, NEW, NEW, 0, 1, NULL },
	    CHECKPOINT_PLAIN, false, "" },
	{ { CHECKPOINT_TRUNCATE, 0, true, true, NEW, NEW, 0, 1, reader },
	    CHECKPOINT_NONE, true, "--checkpoint-budget" },
	{ { CHECKPOINT_TRUNCATE, 0.05, true, true, OLD, OLD, 0, 1, NULL },
	    CHECKPOINT_PLAIN, false, "" },
};

Test(checkpoint_rule, decisions)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct checkpoint_decision decision;

		checkpoint_decide(&table[i].facts, &decision);
		cr_expect_eq(decision.step, table[i].step, "row %zu: %s", i,
		    decision.reason);
		cr_expect_eq(decision.missed, table[i].missed, "row %zu", i);
		cr_expect(strstr(decision.reason, table[i].reason) != NULL,
		    "row %zu: %s", i, decision.reason);
		if (decision.step == CHECKPOINT_NONE)
			cr_expect(decision.reason[0] != '\0', "row %zu", i);
	}
}

Test(checkpoint_rule, names_are_those_of_the_option)
{
	cr_expect_str_eq(checkpoint_mode_name(CHECKPOINT_AUTO), "auto");
	cr_expect_str_eq(checkpoint_mode_name(CHECKPOINT_TRUNCATE), "truncate");
	cr_expect_not(checkpoint_mode_blocks(CHECKPOINT_PASSIVE));
	cr_expect(checkpoint_mode_blocks(CHECKPOINT_FULL));
}
