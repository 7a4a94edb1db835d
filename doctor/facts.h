/*
 * Everything that is looked at before anything is said: one database, as it was
 * seen from outside.  Gathering is separate from judging, so that each judgement
 * can be tried with facts that are made up.
 *
 * No SQLite connection is ever opened, nothing is written, no lock is taken.
 */
#ifndef DOCTOR_FACTS_H
#define DOCTOR_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/work.h"
#include "database/family.h"
#include "database/journal_file.h"
#include "database/locks.h"
#include "database/occupants.h"
#include "database/source.h"
#include "database/strays.h"
#include "database/wal_file.h"
#include "database/wal_marks.h"
#include "doctor/holdings.h"

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
	struct err journal_err;
	bool tail_has_content; /* bytes behind the last page are not all 0 */

	char twin[FAMILY_TWIN_MAX]; /* what a restore left; "" */
	const char *shared_filesystem; /* "NFS"; NULL: a local one */
	uint64_t free_bytes; /* for this user on its filesystem */
	bool would_lock_out; /* side files made by us now would */

	const char *linked_text; /* "3.40.1" */
	uint32_t linked; /* 3040001 */
};

/*
 * ERR_INPUT when there is no database at `path` that can be looked at,
 * ERR_STOPPED when `work` says so; what else cannot be found out is a fact,
 * too.  `holdings` remembers from call to call, for one database; if somebody
 * holds what would be worth a warning when it lasts, the call takes as long as
 * that, but at most FACTS_PATIENCE seconds.
 */
#define FACTS_PATIENCE 1.0
int facts_gather(const char *path, const struct work *work,
    struct holdings *holdings, struct facts *ret_facts, struct err *err);

/* Who holds the lock in this mode, after `previous` (NULL: the first). */
const struct lock_holder *facts_holder(const struct facts *facts,
    enum lock_name lock, bool exclusive, const struct lock_holder *previous);

#endif
