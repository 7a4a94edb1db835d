#include "tests/unit/doctor/made_up.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct facts made_up;
struct holdings made_up_holdings;
struct diagnosis found;

void
made_up_begin(void)
{
	memset(&made_up, 0, sizeof(made_up));
	memset(&made_up_holdings, 0, sizeof(made_up_holdings));
	memset(&found, 0, sizeof(found));
	(void)strcpy(made_up.source.path, "/srv/app.db");
	made_up.source.bytes = 40960;
	made_up.source.through_wal = true;
	made_up.source.header = (struct header){
		.page_size = 4096,
		.wal = true,
		.change_counter = 9,
		.page_count = 10,
		.page_count_valid = true,
		.schema_cookie = 3,
		.writer_version = 3053002,
	};
	made_up.there[0] = true;
	made_up.st[0].st_nlink = 1;
	made_up.st[0].st_uid = 1000;
	made_up.st[0].st_gid = 1000;
	made_up.folder_mode = 0755;
	made_up.holdings = &made_up_holdings;
	made_up.free_bytes = UINT64_MAX;
	made_up.linked_text = "3.53.2";
	made_up.linked = 3053002;
}

void
made_up_in_use(void)
{
	made_up.in_use = true;
	made_up.source.has_wal = made_up.source.has_shm = true;
	made_up.there[1] = made_up.there[3] = true;
	made_up.st[1].st_uid = made_up.st[3].st_uid = 1000;
	made_up.st[1].st_mode = made_up.st[3].st_mode = 0600;
	made_up.source.wal_bytes = 4120032;
	made_up.marks = (struct wal_marks){
		.known = true,
		.page_size = 4096,
		.frames = 1000,
		.pages = 10,
		.backfilled = 1000,
	};
}

void
made_up_hold(pid_t pid, enum lock_name lock, bool exclusive, double seconds)
{
	struct holdings *holdings = &made_up_holdings;

	locks_add(&made_up.locks, pid, lock, exclusive);
	holdings->now = 100;
	holdings->list[holdings->turn][holdings->count++] = (struct holding){
		.pid = pid,
		.lock = lock,
		.since = 100 - seconds,
	};
}

const struct diagnosed *
finding(enum finding_id id)
{
	for (unsigned i = 0; i < found.count; i++)
		if (found.list[i].id == id)
			return &found.list[i];
	return NULL;
}

void
expect_finding(enum finding_id id, enum severity severity, pid_t pid)
{
	const struct diagnosed *one = finding(id);

	cr_assert_not_null(one, "no '%s'", finding_table[id].name);
	cr_assert_eq(one->severity, severity, "%s: %s", finding_table[id].name,
	    one->text);
	cr_assert_eq(one->processes_listed, pid == 0 ? 0 : 1);
	if (pid != 0)
		cr_assert_eq(one->process[0].process.pid, pid);
}
