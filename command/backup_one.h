/*
 * One backup, of one database or of a set, from the options of this run to its
 * report.
 */
#ifndef COMMAND_BACKUP_ONE_H
#define COMMAND_BACKUP_ONE_H

#include <limits.h>

#include "backup/backup.h"
#include "base/err.h"
#include "command/command.h"
#include "repository/repository.h"

/* What came of one backup, for who asks. */
struct backup_story {
	const char *set;
	const struct backup_result *result; /* NULL: it was only looked at */
	const struct err *err; /* NULL: it went well */
};

/* Where all backups of this run go.  It stays where it is: it points to
 * itself. */
struct backup_place {
	struct repository repository; /* where one was named */
	char state[PATH_MAX];
	struct backup_repository into; /* .repository NULL: a file or a pipe */
	/* Called after each backup, and each preview; may be NULL. */
	void (*told)(void *ctx, const struct backup_story *story);
	void *told_ctx;
};

/* Opens the repository, where one was named.  Without a state folder there is
 * a warning, and nothing is remembered. */
int backup_place_open(
    struct session *session, struct backup_place *ret_place, struct err *err);

/*
 * Runs it, reports what it did, and counts it; a failure is only returned,
 * with its notices told.  `set` NULL: the file's name.
 */
int backup_one(struct session *session, const struct backup_place *place,
    const char *database, const char *set, struct err *err);

/* The same as backup_one() for several databases in one archive. */
int backup_set(struct session *session, const struct backup_place *place,
    const char *const *databases, size_t count, const char *set,
    struct err *err);

/* Says what backup_set() would store, and refuses what that would refuse before
 * the pin; makes nothing. */
int backup_preview(struct session *session, const struct backup_place *place,
    const char *const *databases, size_t count, const char *set,
    struct err *err);

#endif
