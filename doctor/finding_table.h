/*
 * Everything that can be found, as a table: the name by which programs know it
 * (it never changes its meaning), what it means in general, and what to do.
 * litesafe-doctor(1) lists the same names.
 */
#ifndef DOCTOR_FINDING_TABLE_H
#define DOCTOR_FINDING_TABLE_H

/* In the order of the table, of the manual, and of a diagnosis. */
enum finding_id {
	/* how it stands */
	FOUND_STATE,
	FOUND_IN_USE,
	FOUND_SQLITE_VERSION,
	/* who holds what */
	FOUND_WRITE_LOCK,
	FOUND_CHECKPOINT_STARVED,
	FOUND_READING,
	FOUND_CHECKPOINT_RUNNING,
	FOUND_EXCLUSIVE_LOCK,
	FOUND_UNSEEN_PROCESS,
	FOUND_LOCKS_UNKNOWN,
	/* whether the files belong together */
	FOUND_TORN_COPY,
	FOUND_DAMAGED,
	FOUND_CHECKED,
	FOUND_WAL_ABSENT,
	FOUND_WAL_DELETED,
	FOUND_FILE_REPLACED,
	FOUND_STALE_WAL,
	FOUND_WAL_IGNORED,
	FOUND_DEAD_WAL,
	FOUND_WAL_UNREADABLE,
	FOUND_HOT_JOURNAL,
	FOUND_JOURNAL_UNREADABLE,
	FOUND_JOURNAL_LEFT,
	FOUND_JOURNAL_ABSENT,
	/* the size of things */
	FOUND_WAL_LARGE,
	FOUND_WAL_BEHIND,
	FOUND_SPACE_LOW,
	/* where it lies */
	FOUND_HARD_LINK,
	FOUND_RESTORE_TWIN,
	FOUND_SHARED_FILESYSTEM,
	FOUND_SIDE_FILE_OWNER,
	FOUND_OWNERSHIP_TRAP,
	FOUND_FOLDER_OPEN,
	/* known faults */
	FOUND_WAL_RESET_BUG,
	FINDING_IDS,
};

struct finding_row {
	const char *name; /* "write-lock" */
	const char *meaning; /* a sentence without a full stop */
	const char *advice; /* DATABASE stands for the path; "": nothing */
};

extern const struct finding_row finding_table[FINDING_IDS];

#endif
