/*
 * From facts to findings.  Each function judges one side of a database, in the
 * order of the table; none looks at anything but the facts.
 *
 * For this room only.
 */
#ifndef DOCTOR_JUDGE_H
#define DOCTOR_JUDGE_H

#include "doctor/diagnosis.h"
#include "doctor/facts.h"

/* How it stands, and the known faults of SQLite's versions. */
void judge_state(const struct facts *facts, struct diagnosis *diagnosis);

/* Who holds what, who waits for whom. */
void judge_locks(const struct facts *facts, struct diagnosis *diagnosis);

/* Whether the main file, its -wal and its -journal are one database. */
void judge_files(const struct facts *facts, struct diagnosis *diagnosis);

/* Where it lies: names, filesystem, owners, room. */
void judge_place(const struct facts *facts, struct diagnosis *diagnosis);

#endif
