/* What is noted of a pin, and when a missing checkpoint is worth a word. */
#include "backup/bill.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"

static const struct source live, still = { .frozen = true };

Test(bill, what_the_pin_found)
{
	const struct pin_facts facts = {
		.wal = true,
		.header = { .writer_version = 3040001 },
		.start_steady = clock_steady() - 2,
		.busy_retries = 4,
		.wal_frames = 700,
		.wal_not_checkpointed = 600,
	};
	struct manifest_database db = { .name = "a.db" };
	struct bill bill;

	bill_open(&bill, &live, &facts, &db);
	cr_expect(db.bill.known);
	cr_expect_eq(db.bill.busy_retries, 4);
	cr_expect_eq(db.bill.wal_frames_before, 700);
	cr_expect_eq(bill.owed, 600);
	cr_expect_eq(bill.writer, 3040001);
	bill_time(&bill, &db);
	cr_expect_geq(db.bill.pin_seconds, 2);
	cr_expect_eq(db.bill.stall_seconds, 0, "in WAL mode nobody waits");
}

Test(bill, without_a_wal_the_pin_is_a_stall)
{
	const struct pin_facts facts = { .start_steady = clock_steady() - 2 };
	struct manifest_database db = { .name = "a.db" };
	struct bill bill;

	bill_open(&bill, &live, &facts, &db);
	bill_time(&bill, &db);
	cr_expect_geq(db.bill.stall_seconds, 2);
	cr_expect_eq(db.bill.stall_seconds, db.bill.pin_seconds);

	bill_open(&bill, &still, &facts, &db);
	bill_time(&bill, &db);
	cr_expect_eq(db.bill.stall_seconds, 0, "nobody writes to it");
}

/* The file has gone: nobody is told of what nobody asked for. */
Test(bill, only_what_was_asked_for_is_missed)
{
	static const struct {
		enum checkpoint_mode mode;
		bool missed;
	} table[] = {
		{ CHECKPOINT_AUTO, false },
		{ CHECKPOINT_OFF, false },
		{ CHECKPOINT_PASSIVE, true },
		{ CHECKPOINT_TRUNCATE, true },
	};
	const struct source source = { .path = "/nonexistent/a.db" };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct manifest_database db = { .name = "a.db" };
		const struct bill bill = { .owed = 0 };

		cr_expect_eq(
		    bill_settle(&bill, &source, table[i].mode, 1, NULL, &db),
		    table[i].missed, "mode %d", table[i].mode);
		cr_expect_str_eq(db.bill.checkpoint_mode,
		    checkpoint_mode_name(table[i].mode));
		cr_expect_not(db.bill.checkpoint_done);
		cr_expect(db.bill.checkpoint_reason[0] != '\0');
	}
}
