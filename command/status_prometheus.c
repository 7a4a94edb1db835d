/*
 * A table of metrics, each with the function that finds its value in a set: all
 * samples of a metric have to stand together.
 *
 * What is not known has no sample, never a zero: an age computed from it would
 * be wrong.
 */
#include "command/status_prometheus.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/draft.h"
#include "base/file.h"
#include "base/text.h"

/* A value, or NAN: there is none. */
typedef double value_of(const struct status_one *one);

struct metric {
	const char *name; /* without "litesafe_" */
	const char *help;
	value_of *value;
};

/* --- values ------------------------------------------------------------- */

static double
moment(int64_t ms)
{
	return ms == STATUS_NEVER ? (double)NAN : (double)ms / 1000;
}

static double
limit(int64_t ms)
{
	return ms <= 0 ? (double)NAN : (double)ms / 1000;
}

static double
severity(const struct status_one *one)
{
	const struct verdict verdict = status_judge(&one->facts, &one->limits);

	return (double)verdict_worst(&verdict);
}

static double
last_snapshot(const struct status_one *one)
{
	return moment(one->facts.newest_ms);
}

static double
last_backup(const struct status_one *one)
{
	return moment(one->facts.seen_ms);
}

static double
last_verify(const struct status_one *one)
{
	return moment(one->facts.verified_ms);
}

static double
last_drill(const struct status_one *one)
{
	return moment(status_drilled_ms(&one->facts, &one->limits));
}

static double
next_backup(const struct status_one *one)
{
	return moment(status_next_ms(&one->facts, &one->limits));
}

static double
max_age(const struct status_one *one)
{
	return limit(status_limit_ms(&one->limits));
}

static double
max_verify_age(const struct status_one *one)
{
	return limit(one->limits.max_verify_age_ms);
}

static double
snapshots(const struct status_one *one)
{
	return (double)one->facts.snapshots;
}

static double
damaged(const struct status_one *one)
{
	return (double)(one->facts.faulty + one->facts.damaged);
}

static double
stored(const struct status_one *one)
{
	return (double)one->facts.bytes;
}

static double
stored_week(const struct status_one *one)
{
	return (double)one->facts.week_bytes;
}

static double
stored_month(const struct status_one *one)
{
	return (double)one->facts.month_bytes;
}

static double
database(const struct status_one *one)
{
	return one->facts.newest_ms == STATUS_NEVER
		   ? (double)NAN
		   : (double)one->facts.database_bytes;
}

/* Of all of its databases, if each can be seen. */
static double
live(const struct status_one *one)
{
	const struct status_facts *facts = &one->facts;
	double bytes = 0;

	for (size_t i = 0; i < facts->database_count; i++) {
		if (facts->databases[i].live.state != LIVE_THERE)
			return (double)NAN;
		bytes += (double)facts->databases[i].live.bytes;
	}
	return facts->database_count == 0 ? (double)NAN : bytes;
}

static const struct metric metrics[] = {
	{ "set_severity",
	    "The worst finding: 0 none or info, 1 warning, 2 error, 3 damage.",
	    severity },
	{ "last_snapshot_timestamp_seconds",
	    "The time of the newest good snapshot.", last_snapshot },
	{ "last_backup_timestamp_seconds",
	    "When the newest good snapshot was last found to be the state of "
	    "the database.",
	    last_backup },
	{ "last_verify_timestamp_seconds",
	    "When a snapshot of the set last passed a check.", last_verify },
	{ "last_drill_timestamp_seconds",
	    "When a snapshot of the set was last restored to be checked.",
	    last_drill },
	{ "next_backup_timestamp_seconds",
	    "When the next backup is to be expected.", next_backup },
	{ "max_age_seconds", "How old the newest state may be.", max_age },
	{ "max_verify_age_seconds",
	    "How long ago the last check that passed may be.", max_verify_age },
	{ "snapshots", "Snapshots that are listed.", snapshots },
	{ "damaged_snapshots",
	    "Snapshots that cannot be restored, as far as is known.", damaged },
	{ "stored_bytes", "Bytes of the archives that are listed.", stored },
	{ "stored_7d_bytes", "Bytes of them from the last 7 days.",
	    stored_week },
	{ "stored_30d_bytes", "Bytes of them from the last 30 days.",
	    stored_month },
	{ "database_bytes",
	    "Size of the databases in the newest good snapshot.", database },
	{ "live_database_bytes",
	    "Size of the databases and their WALs as they are now.", live },
};

/* --- the format --------------------------------------------------------- */

static void
put_head(FILE *out, const char *name, const char *help)
{
	(void)fprintf(out, "# HELP litesafe_%s %s\n# TYPE litesafe_%s gauge\n",
	    name, help, name);
}

/* NAME="VALUE", and what has a meaning there behind a backslash. */
static void
put_label(FILE *out, const char *name, const char *value)
{
	char text[3 * PATH_MAX];

	text_printable(value, text, sizeof(text));
	(void)fprintf(out, "%s=\"", name);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\' || *p == '"')
			(void)putc('\\', out);
		(void)putc(*p, out);
	}
	(void)putc('"', out);
}

static void
put_labels(
    FILE *out, const struct status_round *round, const struct status_one *one)
{
	put_label(out, "repository", round->places[one->place].path);
	(void)putc(',', out);
	put_label(out, "set", one->facts.set);
	if (one->job != NULL) {
		(void)putc(',', out);
		put_label(out, "job_name", one->job);
	}
}

/* Whole numbers exactly; times to the millisecond. */
static void
put_value(FILE *out, double value)
{
	if (value == floor(value))
		(void)fprintf(out, " %.0f\n", value);
	else
		(void)fprintf(out, " %.3f\n", value);
}

static void
put_metric(
    FILE *out, const struct status_round *round, const struct metric *metric)
{
	bool headed = false;

	for (size_t i = 0; i < round->count; i++) {
		double value = metric->value(&round->list[i]);

		if (isnan(value))
			continue;
		if (!headed)
			put_head(out, metric->name, metric->help);
		headed = true;
		(void)fprintf(out, "litesafe_%s{", metric->name);
		put_labels(out, round, &round->list[i]);
		(void)putc('}', out);
		put_value(out, value);
	}
}

static void
put_findings(FILE *out, const struct status_round *round)
{
	bool headed = false;

	for (size_t i = 0; i < round->count; i++) {
		const struct status_one *one = &round->list[i];
		const struct verdict verdict =
		    status_judge(&one->facts, &one->limits);

		for (unsigned f = 0; f < verdict.count; f++) {
			const struct status_finding *found = &verdict.list[f];

			if (!headed)
				put_head(out, "finding",
				    "Something was found: always 1.");
			headed = true;
			(void)fprintf(out, "litesafe_finding{");
			put_labels(out, round, one);
			(void)fprintf(out,
			    ",finding=\"%s\",severity=\"%s\"} 1\n",
			    status_id_names[found->id],
			    status_severity_names[found->severity]);
		}
	}
}

/* The same repository may be one of several jobs. */
static bool
is_repeated(const struct status_round *round, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (strcmp(round->places[i].path, round->places[place].path) ==
		    0)
			return true;
	return false;
}

static bool
is_readable(const struct status_round *round, size_t place)
{
	for (size_t i = place; i < round->place_count; i++)
		if (!round->places[i].readable &&
		    strcmp(round->places[i].path, round->places[place].path) ==
			0)
			return false;
	return true;
}

static void
put_places(FILE *out, const struct status_round *round)
{
	if (round->place_count > 0)
		put_head(out, "repository_readable",
		    "1 if the repository and all that was asked for in it "
		    "could be read.");
	for (size_t i = 0; i < round->place_count; i++) {
		if (is_repeated(round, i))
			continue;
		(void)fprintf(out, "litesafe_repository_readable{");
		put_label(out, "repository", round->places[i].path);
		(void)fprintf(out, "} %d\n", is_readable(round, i) ? 1 : 0);
	}
}

void
prometheus_put(FILE *out, const struct status_round *round)
{
	put_head(out, "status_timestamp_seconds", "When this was looked at.");
	(void)fprintf(out, "litesafe_status_timestamp_seconds");
	put_value(out, (double)round->now_ms / 1000);
	put_places(out, round);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		put_metric(out, round, &metrics[i]);
	put_findings(out, round);
}

/* --- the file ----------------------------------------------------------- */

static int
name_another(struct err *err)
{
	return err_hint(err,
	    "name a file NAME.prom in the folder that the textfile collector "
	    "reads");
}

/* A rename would take the place of a device, too; '-' is no file elsewhere. */
static int
check_name(const char *path, struct err *err)
{
	struct stat st;

	if (strcmp(path, "-") != 0 &&
	    (lstat(path, &st) < 0 || S_ISREG(st.st_mode)))
		return 0;
	(void)err_set(err, ERR_REFUSED, 0,
	    "metrics cannot be written to '%s': it is not a file", path);
	return name_another(err);
}

static int
open_draft(const char *path, struct draft *ret_draft, struct err *err)
{
	if (draft_open(path, ret_draft, err) == 0)
		return 0;
	(void)err_within(err, "metrics cannot be written to '%s'", path);
	return err->code == ENOENT || err->code == ENOTDIR ? name_another(err)
							   : -1;
}

static int
write_text(const char *path, const char *text, size_t len, struct err *err)
{
	AUTO(draft) struct draft draft = DRAFT_NONE;

	if (check_name(path, err) < 0 || open_draft(path, &draft, err) < 0 ||
	    file_write(draft.fd, text, len, path, NULL, err) < 0)
		return -1;
	if (fchmod(draft.fd, 0644) < 0)
		return err_system(err, "set the mode of '%s'", path);
	return draft_publish_unflushed(&draft, err);
}

int
prometheus_write(
    const char *path, const struct status_round *round, struct err *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return err_system(err, "write the metrics");
	prometheus_put(out, round);
	bool complete = ferror(out) == 0;
	complete = fclose(out) == 0 && complete;
	AUTO(free) char *own = text;
	if (!complete) {
		errno = ENOMEM;
		return err_system(err, "write the metrics");
	}
	return write_text(path, own, len, err);
}
