/*
 * Everything that is looked at before anything is said: one database, as it was
 * seen from outside.  Gathering is separate from judging, so that each judgement
 * can be tried with facts that are made up.
 *
 * Nothing is written, no lock is taken, and SQLite never opens the database by
 * its name; a check goes through a read-only descriptor (database/image.h).
 */
#ifndef DOCTOR_FACTS_H
#define DOCTOR_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/work.h"
#include "database/family.h"
#include "database/findings.h"
#include "database/journal_file.h"
#include "database/locks.h"
#include "database/occupants.h"
#include "database/source.h"
#include "database/strays.h"
#include "database/wal_file.h"
#include "database/wal_marks.h"
#include "doctor/holdings.h"

enum facts_check { FACTS_CHECK_NONE, FACTS_CHECK_QUICK, FACTS_CHECK_FULL };

struct facts {
	struct source source;
	struct stat st[FAMILY_FILES]; /* in the order of family_suffix[] */
	bool there[FAMILY_FILES];
	mode_t folder_mode;

	/* who uses it; the error says why that is not known */
	struct locks locks;
	struct wal_marks marks;
	struct occupants occupants;
	struct occupants strays; /* use a file that had its name before */
	struct err locks_err;
	const struct holdings *holdings; /* of the last look at the locks */
	bool in_use; /* somebody has a lock, or has it open */
	bool wal_deleted; /* at every look: frames in use, and no -wal */

	/* its -wal, looked into only while nobody uses it */
	struct wal_file wal;
	bool fit_known;
	struct wal_fit fit;
	struct err wal_err;

	enum journal_state journal;
	bool hot_journal; /* it is open, and nobody is in the transaction */
	struct err hot_why; /* what it is then */
	struct err journal_err;
	bool tail_has_content; /* bytes behind the last page are not all 0 */

	/* SQLite's check of the main file; why there was none, if asked for */
	enum facts_check check;
	const char *not_checked; /* NULL: it was */
	struct findings findings;

	char twin[FAMILY_TWIN_MAX]; /* what a restore left; "" */
	const char *shared_filesystem; /* "NFS"; NULL: a local one */
	uint64_t free_bytes; /* for this user on its filesystem */
	bool would_lock_out; /* side files made by us now would */

	const char *linked_text; /* "3.40.1" */
	uint32_t linked; /* 3040001 */
};

struct facts_request {
	const char *path;
	/* Read all of it and let SQLite check it, when nobody uses it. */
	enum facts_check check;
	const struct work *work; /* may be NULL */
	struct holdings *holdings; /* from call to call, of one database */
};

/*
 * ERR_INPUT when there is no database that can be looked at, ERR_STOPPED when
 * `work` says so; what else cannot be found out is a fact, too.  If somebody
 * holds what would be worth a warning when it lasts, and that is not known yet,
 * the call takes as long as that, but at most FACTS_PATIENCE seconds.
 */
#define FACTS_PATIENCE 1.0
int facts_gather(const struct facts_request *request, struct facts *ret_facts,
    struct err *err);

/* Who holds the lock in this mode, after `previous` (NULL: the first). */
const struct lock_holder *facts_holder(const struct facts *facts,
    enum lock_name lock, bool exclusive, const struct lock_holder *previous);

#endif
