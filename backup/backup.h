/*
 * The recipe: a live database becomes one proven archive, as a file of its own
 * or as a snapshot in a repository.
 *
 * In:  the path of a database, and where the archive goes.
 * Out: the archive under its name, whole and durable, or nothing there; what
 *      it cost, as data.
 * Always true: FILE either does not exist, is what it was, or is a complete
 *      archive that was read back as asked.  A repository has one snapshot
 *      more, or is as it was.  The application's folder is as SQLite alone
 *      would have left it.
 * next: database/source.h
 */
#ifndef BACKUP_BACKUP_H
#define BACKUP_BACKUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "archive/detached.h"
#include "archive/manifest.h"
#include "base/err.h"
#include "base/work.h"
#include "database/checkpoint_rule.h"
#include "repository/repository.h"
#include "repository/state.h"

/* A snapshot in a repository: an increment where that is possible. */
struct backup_repository {
	const struct repository *repository;
	const char *state; /* folder of this machine's state; NULL: none */
	bool full; /* a full in any case */
	double full_every; /* seconds after which a full is due; 0: never */
	bool skip_unchanged; /* store nothing when nothing changed */
};

struct backup_options {
	const char *const *databases; /* paths of the sources */
	size_t database_count; /* at least 1; up to MANIFEST_DATABASES_MAX */
	bool no_instant; /* several: one after the other */
	bool frozen; /* nobody writes to them: source_inspect_frozen() */
	/* One of three: */
	const struct backup_repository *repository;
	const char *output; /* path of the archive */
	int pipe_fd; /* a stream, when both are NULL */
	const char *set; /* NULL: the file's name; of several: needed */
	const char *tool; /* "litesafe 0.1.0", for the manifest */
	bool replace; /* an existing archive FILE is replaced */
	int level; /* zstd, 1 to 19 */
	unsigned threads; /* at least 1 */
	bool image_sha256;
	unsigned busy_timeout_ms;
	double max_pin_seconds; /* 0: no limit */
	uint64_t max_wal_growth; /* bytes; 0: no limit */
	double max_stall_seconds; /* writers stopped, rollback; 0: no limit */
	uint64_t rate; /* bytes read in a second; 0: no limit (part.h) */
	uint64_t min_free; /* bytes left beside the database; 0: no limit */
	enum checkpoint_mode checkpoint; /* after the pin */
	double checkpoint_budget; /* seconds; 0: none */
	struct work *work; /* may be NULL */

	/*
	 * Reads the finished bytes back from `fd` before they get their name;
	 * -1 and ERR_DAMAGED when they are not what was meant.  NULL: no proof
	 * was asked for.  Not called for a stream.
	 */
	int (*prove)(void *ctx, int fd, const char *name,
	    const struct manifest *manifest, struct err *err);
	void *prove_ctx;
	enum state_level prove_level; /* what it proves */
};

/* A few of the backup, and one of each database. */
enum { BACKUP_NOTICES_MAX = 4 + MANIFEST_DATABASES_MAX };

struct backup_result {
	struct manifest manifest;
	struct stored_file file; /* the archive */
	char archive[PATH_MAX]; /* in a repository: its path */
	bool unchanged; /* nothing was stored: the parent is this state */
	/* How it is known that nothing changed: "wal", "stat" or "scan"; NULL
	 * when something did, or was stored after a scan. */
	const char *evidence;
	const char *scan_because; /* why the database was read although what it
				   * was is remembered; NULL: it is not */
	char full_because[400]; /* in a repository, of a full: the reason */
	bool full_surprises; /* an increment might have been expected, and no
			      * notice tells why it is none */
	bool proved; /* prove() ran and agreed */
	bool spooled; /* rollback-journal mode: captured to a spool */
	unsigned busy_retries;
	bool instant; /* several, at one instant: what that cost */
	double lock_seconds; /* how long nobody could commit */
	unsigned lock_tries;
	uint32_t pages_summed; /* of increments: not known by their tag */
	double seconds; /* all of it */

	/* Nothing was remembered on this machine, and why; else ERR_NONE. */
	struct err forgot;

	/* What the operator should hear although nothing failed. */
	unsigned notices;
	char notice[BACKUP_NOTICES_MAX][700];
};

/*
 * After a failure, too, *ret_result has the set's name and the notices, and is
 * freed with backup_result_done().
 */
int backup_run(const struct backup_options *options,
    struct backup_result *ret_result, struct err *err);
void backup_result_done(struct backup_result *result);

/* What is known of a backup into a repository before anything is pinned. */
struct backup_forecast {
	const char *set;
	const struct source *const *sources; /* of each database */
	size_t count;
	const char *parent; /* id of the snapshot before it, or NULL: none */
	const char *full_because; /* NULL: it will be an increment */
	const char *change; /* who joins the set or leaves it; "": nobody */
};

/*
 * Looks at all that backup_run() looks at before the pin, and refuses what it
 * would refuse; makes nothing.  What is told is there only while `tell` runs.
 */
int backup_foresee(const struct backup_options *options,
    void (*tell)(void *ctx, const struct backup_forecast *forecast), void *ctx,
    struct err *err);

#endif
