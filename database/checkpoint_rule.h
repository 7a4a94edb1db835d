/*
 * Whether and how to checkpoint somebody else's database: a decision made of
 * facts alone, so that each case of it can be written down in a table.
 *
 * The danger (sqlite.org/wal.html, "the WAL reset bug"): in SQLite 3.7.0 to
 * 3.51.2 a passive checkpoint that meets a writer who starts the WAL over can
 * mark frames as written back that never were.  A checkpoint of ours must not
 * suffer it, and unasked it must not bring another's program nearer to it.
 */
#ifndef DATABASE_CHECKPOINT_RULE_H
#define DATABASE_CHECKPOINT_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of the choices of --checkpoint. */
enum checkpoint_mode {
	CHECKPOINT_AUTO,
	CHECKPOINT_OFF,
	CHECKPOINT_PASSIVE,
	CHECKPOINT_FULL,
	CHECKPOINT_RESTART,
	CHECKPOINT_TRUNCATE,
};

/* What an application that sets nothing else checkpoints after, in frames. */
enum { CHECKPOINT_AUTOMATIC_FRAMES = 1000 };

struct checkpoint_facts {
	enum checkpoint_mode mode; /* what was asked for */
	double budget_seconds; /* 0: none was given */
	bool wal; /* the database is in WAL mode, with frames in its -wal */
	bool writable; /* this process may write it */
	uint32_t linked; /* 3040001: the SQLite that would do it */
	uint32_t writer; /* that of the last writer; 0: unknown */
	/* Frames not checkpointed, when the pin began and when it ended. */
	uint64_t owed_before;
	uint64_t owed_after;
	/*
	 * Who would be waited for: the text that names him, or NULL.  Asked
	 * for modes that block only.
	 */
	const char *in_the_way;
};

enum checkpoint_step {
	CHECKPOINT_NONE, /* `reason` says why */
	CHECKPOINT_PLAIN, /* as SQLite does it */
	CHECKPOINT_GUARDED, /* while another connection of ours holds the write
			     * lock: no writer can start the WAL over */
};

enum { CHECKPOINT_REASON_MAX = 400 };

struct checkpoint_decision {
	enum checkpoint_step step;
	bool missed; /* it was asked for by name, and there will be none */
	char reason[CHECKPOINT_REASON_MAX]; /* of "none", "guarded" */
};

/* "auto", "off", ... */
const char *checkpoint_mode_name(enum checkpoint_mode mode);

/* Full, restart and truncate: writers are stopped while they wait and work. */
bool checkpoint_mode_blocks(enum checkpoint_mode mode);

/*
 * A version number as sqlite3_libversion_number() has it is without the bug:
 * 3.44.6 and 3.50.7 or later of these lines, 3.51.3 or later.
 */
bool checkpoint_version_is_safe(uint32_t version);

void checkpoint_decide(const struct checkpoint_facts *facts,
    struct checkpoint_decision *ret_decision);

#endif
