/*
 * What is to be said of a set, as data: findings, each with a name that stays,
 * how bad it is, and what it is in words.
 */
#ifndef STATUS_VERDICT_H
#define STATUS_VERDICT_H

enum status_severity {
	STATUS_INFO, /* nothing that has to be done */
	STATUS_WARNING, /* look at it */
	STATUS_ERROR, /* it is not as it was asked to be */
	STATUS_DAMAGE, /* what is stored cannot be restored, or is broken */
	STATUS_SEVERITIES,
};

/* In the order in which they are told; litesafe-status(1) lists the names. */
enum status_id {
	STATUS_FAULTY,
	STATUS_DAMAGED,
	STATUS_ILL,
	STATUS_UNREADABLE,
	STATUS_MISSING,
	STATUS_OTHER,
	STATUS_STALE,
	STATUS_LATE,
	STATUS_STOPPED,
	STATUS_FUTURE,
	STATUS_VANISHED,
	STATUS_LEFT,
	STATUS_SHRANK,
	STATUS_UNSEEN,
	STATUS_UNVERIFIED,
	STATUS_VERIFY_OLD,
	STATUS_DRILL_FAILED,
	STATUS_DRILL_OLD,
	STATUS_FORGOTTEN,
	STATUS_IDS,
};

/* "missing", "verify-old" */
extern const char *const status_id_names[STATUS_IDS];

/* "info", "warning", "error", "damage" */
extern const char *const status_severity_names[STATUS_SEVERITIES];

struct status_finding {
	enum status_id id;
	enum status_severity severity;
	char text[600]; /* printable, no full stop */
};

/* All zeros is the empty one.  Each id is found once at most. */
struct verdict {
	unsigned count;
	struct status_finding list[STATUS_IDS];
};

void verdict_add(struct verdict *verdict, enum status_id id,
    enum status_severity severity, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* STATUS_INFO when nothing was found. */
enum status_severity verdict_worst(const struct verdict *verdict);

/* The first of the worst ones; NULL when nothing was found. */
const struct status_finding *verdict_first(const struct verdict *verdict);

/*
 * The set in one word: "damaged", else the name of the first error;
 * "fresh" when there is none.
 */
const char *verdict_word(const struct verdict *verdict);

#endif
