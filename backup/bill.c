/*
 * The debt is that of the pin alone: frames that others had left unwritten
 * before it began are theirs.
 */
#include "backup/bill.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

void
bill_open(struct bill *ret_bill, const struct source *source,
    const struct pin_facts *facts, struct manifest_database *db)
{
	*ret_bill = (struct bill){
		.stalls = !facts->wal && !source->frozen,
		.start = facts->start_steady,
		.writer = facts->header.writer_version,
		.owed = facts->wal_not_checkpointed,
	};
	db->bill.known = true;
	db->bill.busy_retries = facts->busy_retries;
	db->bill.wal_frames_before = facts->wal_frames;
}

void
bill_close(const struct pin *pin, const struct source *source,
    struct manifest_database *db)
{
	pin_wal_state(
	    pin, &db->bill.wal_frames_after, &db->frames_not_checkpointed);
	db->wal_bytes_after = source_wal_bytes(source);
}

void
bill_time(const struct bill *bill, struct manifest_database *db)
{
	db->bill.pin_seconds = clock_steady() - bill->start;
	db->bill.stall_seconds = bill->stalls ? db->bill.pin_seconds : 0;
}

bool
bill_settle(const struct bill *bill, const struct source *source,
    enum checkpoint_mode mode, double budget_seconds, const struct work *work,
    struct manifest_database *db)
{
	const struct checkpoint_options options = {
		.mode = mode,
		.budget_seconds = budget_seconds,
		.writer = bill->writer,
		.owed_before = bill->owed,
		.owed_after = db->frames_not_checkpointed,
		.work = work,
	};
	struct checkpoint_result result;

	checkpoint_run(source, &options, &result);
	(void)snprintf(db->bill.checkpoint_mode,
	    sizeof(db->bill.checkpoint_mode), "%s", checkpoint_mode_name(mode));
	db->bill.checkpoint_done = result.done;
	text_printable(result.reason, db->bill.checkpoint_reason,
	    sizeof(db->bill.checkpoint_reason));
	return result.missed;
}
