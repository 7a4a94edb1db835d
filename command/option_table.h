/*
 * The options of all commands, as one table, and the struct that they fill.
 */
#ifndef COMMAND_OPTION_TABLE_H
#define COMMAND_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which commands take an option; each command has one of these bits. */
enum {
	FOR_INIT = 1 << 0,
	FOR_BACKUP = 1 << 1,
	FOR_LIST = 1 << 2,
	FOR_SHOW = 1 << 3,
	FOR_RESTORE = 1 << 4,
	FOR_VERIFY = 1 << 5,
	FOR_PRUNE = 1 << 6,
	FOR_PIN = 1 << 7,
	FOR_UNPIN = 1 << 8,
	FOR_EXPORT = 1 << 9,
	FOR_DOCTOR = 1 << 10,
	FOR_DISCARD = 1 << 11,
	FOR_RUN = 1 << 12,
	FOR_STATUS = 1 << 13,
	FOR_CONFIG = 1 << 14,
	FOR_OTHERS = 1 << 15,
	FOR_ALL = (1 << 16) - 1,
};

enum option_kind {
	OPTION_FLAG, /* bool */
	OPTION_TEXT, /* const char *, lives as long as what was read */
	OPTION_TEXTS, /* struct texts: each time one more */
	OPTION_CHOICE, /* int: index into `choices` */
	OPTION_INTEGER, /* int64_t, min to max */
	OPTION_DURATION, /* double, seconds, at most max */
	OPTION_SIZE, /* uint64_t, bytes */
};

struct option {
	const char *name; /* without "--" */
	char letter; /* 0: none */
	enum option_kind kind;
	unsigned commands; /* FOR_...; 0: a key of the configuration alone */
	unsigned sections; /* CONFIG_...; 0: no key */
	size_t field; /* offset in struct options */
	const char *fallback; /* default, as it would be typed; may be NULL */
	const char *environment; /* variable; may be NULL */
	const char *value; /* what its value is called; see below */
	const char *bare; /* what it means without "=VALUE"; NULL: needs one */
	const char *choices; /* "none|quick|full" */
	int64_t min, max;
	bool secret; /* its value is in no message and no report */
	const char *help; /* one sentence without a full stop */
};

enum { OPTIONS_MAX = 96 };

/* What may be given several times, in the order in which it was. */
enum { TEXTS_MAX = 1000 };
struct texts {
	const char **list; /* the texts live as long as what was read */
	size_t count;
};

/* The table; it ends with a NULL name. */
extern const struct option option_table[OPTIONS_MAX];

/* The option that is that key of the configuration; NULL: there is none. */
const struct option *option_table_key(const char *name);

/* "FILE", "none|quick|full"; NULL for a flag. */
const char *option_value_name(const struct option *option);

/* In the order of their choices in the table. */
enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };
enum prove { PROVE_NONE, PROVE_STORED, PROVE_RESTORE };

struct options {
	/* all commands */
	bool json, quiet, verbose, help, version;
	int color, progress; /* enum when */

	/* several commands */
	const char *repository; /* see where.h; NULL: none */
	const char *state; /* NULL: state_default_folder() */
	int64_t threads; /* 0: pool_default_threads() */
	const char *scratch; /* NULL: file_scratch_folder() */
	bool dry_run;

	/* init */
	bool if_missing;

	/* backup and export */
	const char *output; /* NULL: not given */
	int prove; /* enum prove */
	bool force;
	int64_t level;

	/* backup */
	const char *set;
	bool recursive, one_filesystem;
	bool full, skip_unchanged, no_instant, frozen;
	double full_every; /* 0: by the size of the chain alone */
	bool image_sha256;
	double max_pin, busy_timeout;
	uint64_t max_wal_growth, min_free;
	double max_stall;
	int checkpoint; /* enum checkpoint_mode */
	double checkpoint_budget;

	/* restore */
	const char *target;
	const char *at; /* for when_parse() */
	const char *snapshot, *database;
	int restore_check; /* enum restore_check */
	bool replace, fallback;

	/* verify */
	bool all;
	int verify_level; /* enum verify_level */
	int verify_check; /* enum integrity_level */

	struct texts check_sql; /* also of a job's drill */

	/* verify and doctor */
	bool strict;

	/* doctor */
	double watch; /* seconds; 0: look once */
	int doctor_check; /* enum facts_check */

	/* prune: 0 is "not asked for" */
	int64_t keep_last, keep_hourly, keep_daily, keep_weekly, keep_monthly,
	    keep_yearly;
	double keep_within, grace;

	/* run, status, config: see command/job.h */
	const char *config; /* NULL: the default */
	bool no_config;
	bool wait;
	double max_age, max_verify_age; /* also keys of a job; 0: not asked */
	bool nagios;
	const char *prometheus;
	bool origin;

	/* keys of a job alone */
	struct texts databases;
	int several; /* enum job_several */
	double drill; /* 0: none */
	int drill_check; /* enum integrity_level */
	double
	    every; /* how often it is run, as a hint to `status`; 0: unknown */
	int64_t nice;
	int io_class; /* enum job_io */
	struct texts before, after, on_failure;
	bool hook_shell;
	double hook_timeout;
	const char *ping_url;
	double ping_timeout;

	/* logs, all commands */
	const char *log_file;
	bool syslog;

	/* backup */
	uint64_t rate; /* bytes of the database in a second; 0: no limit */

	/* what is no option, without the command's name */
	char **operands;
	unsigned operand_count;

	bool given[OPTIONS_MAX]; /* on the command line; index in the table */
};

#endif
