/*
 * The catalog is walked once, the checks once; two manifests are read, of the
 * newest snapshot and of the one that it is compared with.
 *
 * That one is the largest of the day before the newest, else the one before it:
 * so of a database that is backed up each minute it is told for a day that it
 * shrank, and not only until the next snapshot.
 */
#include "status/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/host.h"
#include "base/text.h"
#include "repository/catalog.h"
#include "repository/state.h"
#include "repository/state_drill.h"

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

struct known {
	const struct snapshot *snapshot;
};

/* What the gathering of one set works with. */
struct gathering {
	const struct status_request *request;
	struct status_facts *facts;
	struct catalog catalog;
	struct known *by_id; /* good ones */
	size_t by_id_count;
	size_t newest; /* good, and not of the future; or SNAPSHOT_NONE */
};

static void
gathering_auto(struct gathering *gathering)
{
	catalog_done(&gathering->catalog);
	free(gathering->by_id);
}

static bool
counts(const struct gathering *gathering, const struct snapshot *snapshot)
{
	return snapshot->faults == SNAPSHOT_GOOD &&
	       snapshot->time_ms <= gathering->facts->now_ms + STATUS_SKEW_MS;
}

/* --- what is listed ----------------------------------------------------- */

static void
list_fault(struct gathering *gathering, const struct snapshot *snapshot)
{
	struct status_facts *facts = gathering->facts;
	const char *words = catalog_fault_words(snapshot->faults);
	struct err err = { .kind = ERR_DAMAGED };
	char text[STATUS_TEXT_BYTES];

	if ((snapshot->faults & SNAPSHOT_BAD_MANIFEST) != 0)
		(void)catalog_bad_manifest(&gathering->catalog, snapshot, &err);
	(void)snprintf(
	    text, sizeof(text), "snapshot '%s' %s", snapshot->name, words);
	if (err.kind != ERR_DAMAGED) {
		if (facts->unreadable++ == 0)
			text_printable(err.text, facts->unreadable_text,
			    sizeof(facts->unreadable_text));
	} else if (facts->faulty++ == 0) {
		text_printable(
		    text, facts->faulty_text, sizeof(facts->faulty_text));
	}
}

static void
list_one(struct gathering *gathering, size_t at)
{
	const struct snapshot *snapshot = &gathering->catalog.list[at];
	struct status_facts *facts = gathering->facts;
	int64_t age = facts->now_ms - snapshot->time_ms;

	facts->bytes += snapshot->archive_bytes;
	if (age <= 7 * day_ms)
		facts->week_bytes += snapshot->archive_bytes;
	if (age <= 30 * day_ms)
		facts->month_bytes += snapshot->archive_bytes;
	if (snapshot->faults != SNAPSHOT_GOOD) {
		list_fault(gathering, snapshot);
	} else if (!counts(gathering, snapshot)) {
		facts->future++;
		facts->latest_ms = snapshot->time_ms;
	} else {
		if (facts->oldest_ms == STATUS_NEVER)
			facts->oldest_ms = snapshot->time_ms;
		facts->newest_ms = snapshot->time_ms;
		gathering->newest = at;
	}
}

static int
find_rhythm(struct gathering *gathering, struct err *err)
{
	const struct catalog *catalog = &gathering->catalog;
	AUTO(free)
	int64_t *times = calloc(catalog->count + 1, sizeof(*times));
	size_t count = 0;

	if (times == NULL)
		return err_system(err, "list the times of '%s'", catalog->set);
	for (size_t i = 0; i < catalog->count; i++)
		if (counts(gathering, &catalog->list[i]))
			times[count++] = catalog->list[i].time_ms;
	gathering->facts->rhythm = rhythm_of(times, count);
	return 0;
}

/* What the newest is compared with, or SNAPSHOT_NONE. */
static size_t
find_before(const struct gathering *gathering)
{
	const struct snapshot *list = gathering->catalog.list;
	size_t best = SNAPSHOT_NONE;

	for (size_t i = gathering->newest; i > 0; i--) {
		const struct snapshot *one = &list[i - 1];

		if (!counts(gathering, one))
			continue;
		if (best == SNAPSHOT_NONE)
			best = i - 1;
		if (one->time_ms <
		    list[gathering->newest].time_ms - STATUS_BEFORE_MS)
			break;
		if (one->image_bytes > list[best].image_bytes)
			best = i - 1;
	}
	return best;
}

/* --- its databases ------------------------------------------------------ */

static uint64_t
bytes_of(const struct manifest_database *database)
{
	return (uint64_t)database->page_size * database->page_count;
}

/* The same one in the other snapshot; one that is alone may be renamed. */
static const struct manifest_database *
same_database(const struct manifest *newest, const struct manifest *before,
    const char *name)
{
	size_t at = 0;

	if (before == NULL)
		return NULL;
	return manifest_count(newest) == 1 ? manifest_match(before, name, &at)
					   : manifest_find(before, name, &at);
}

static int
fill_database(const struct gathering *gathering, const struct manifest *newest,
    const struct manifest *before, size_t at, struct status_database *database,
    struct err *err)
{
	const struct manifest_database *now = manifest_at(newest, at);
	const struct manifest_database *then =
	    same_database(newest, before, now->name);
	char host[sizeof(newest->host)];

	(void)snprintf(database->name, sizeof(database->name), "%s", now->name);
	database->bytes = bytes_of(now);
	database->before_bytes = then == NULL ? 0 : bytes_of(then);
	host_name(host, sizeof(host));
	if (strcmp(host, newest->host) != 0)
		return 0;
	database->path = strdup(now->path);
	if (database->path == NULL)
		return err_system(err, "look at '%s'", now->path);
	if (gathering->request->look)
		live_look(now->path, &database->live);
	return 0;
}

/* A set of one database has another name for it, at most. */
static void
find_left(const struct manifest *newest, const struct manifest *before,
    struct status_facts *facts)
{
	size_t count = manifest_count(before), found = 0;

	for (size_t i = 0; i < count && count > 1; i++) {
		const char *name = manifest_at(before, i)->name;

		if (manifest_find(newest, name, &found) != NULL)
			continue;
		(void)snprintf(facts->left, sizeof(facts->left), "%s", name);
		return;
	}
}

/* As membership.h decides, which refuses a backup then: by the path alone. */
static void
find_other(const struct status_request *request, const struct manifest *newest,
    struct status_facts *facts)
{
	char *wanted = facts->wanted_text;

	if (request->database == NULL)
		return;
	text_printable(request->database, wanted, sizeof(facts->wanted_text));
	for (size_t i = 0; i < manifest_count(newest); i++) {
		text_printable(manifest_at(newest, i)->path, facts->held_text,
		    sizeof(facts->held_text));
		if (strcmp(facts->held_text, wanted) == 0)
			return;
	}
	text_printable(manifest_at(newest, 0)->path, facts->held_text,
	    sizeof(facts->held_text));
	facts->other = true;
}

static int
gather_databases(struct gathering *gathering, struct err *err)
{
	struct status_facts *facts = gathering->facts;
	const struct catalog *catalog = &gathering->catalog;
	AUTO(manifest) struct manifest newest = { 0 };
	AUTO(manifest) struct manifest before = { 0 };
	struct stored_file file;
	struct err ignored;

	if (gathering->newest == SNAPSHOT_NONE)
		return 0;
	const struct snapshot *now = &catalog->list[gathering->newest];
	size_t at = find_before(gathering);
	(void)snprintf(facts->newest, sizeof(facts->newest), "%s", now->id);
	facts->database_bytes = now->image_bytes;
	if (catalog_manifest(catalog, now, &newest, &file, err) < 0)
		return -1;
	find_other(gathering->request, &newest, facts);
	bool compare =
	    at != SNAPSHOT_NONE && catalog_manifest(catalog, &catalog->list[at],
				       &before, &file, &ignored) == 0;
	if (compare) {
		facts->before_bytes = catalog->list[at].image_bytes;
		(void)snprintf(facts->before, sizeof(facts->before), "%s",
		    catalog->list[at].id);
		find_left(&newest, &before, facts);
	}
	size_t count = manifest_count(&newest);
	facts->databases = calloc(count, sizeof(*facts->databases));
	if (facts->databases == NULL)
		return err_system(
		    err, "list the databases of '%s'", catalog->set);
	facts->database_count = count;
	for (size_t i = 0; i < count; i++)
		if (fill_database(gathering, &newest, compare ? &before : NULL,
			i, &facts->databases[i], err) < 0)
			return -1;
	return 0;
}

/* --- what this machine remembers ---------------------------------------- */

static int
compare_known(const void *left, const void *right)
{
	const struct known *a = left, *b = right;

	return strcmp(a->snapshot->id, b->snapshot->id);
}

static int
sort_by_id(struct gathering *gathering, struct err *err)
{
	const struct catalog *catalog = &gathering->catalog;
	size_t count = 0;
	struct known *list = calloc(catalog->count + 1, sizeof(*list));

	if (list == NULL)
		return err_system(
		    err, "sort the snapshots of '%s'", catalog->set);
	for (size_t i = 0; i < catalog->count; i++)
		if (catalog->list[i].faults == SNAPSHOT_GOOD)
			list[count++].snapshot = &catalog->list[i];
	qsort(list, count, sizeof(*list), compare_known);
	gathering->by_id = list;
	gathering->by_id_count = count;
	return 0;
}

static const struct snapshot *
snapshot_of(const struct gathering *gathering, const struct state_check *check)
{
	struct snapshot snapshot = { .id = "" };
	const struct known key = { &snapshot };

	memcpy(snapshot.id, check->id, sizeof(snapshot.id));
	const struct known *found = bsearch(&key, gathering->by_id,
	    gathering->by_id_count, sizeof(*gathering->by_id), compare_known);
	return found == NULL ? NULL : found->snapshot;
}

static void
count_damage(const struct gathering *gathering, const struct state_check *list,
    size_t count)
{
	struct status_facts *facts = gathering->facts;

	for (size_t i = 0; i < count; i++) {
		if (list[i].level != STATE_STORED ||
		    list[i].answer != STATE_DAMAGED ||
		    snapshot_of(gathering, &list[i]) == NULL ||
		    !state_checks_damaged(list, count, list[i].id))
			continue;
		if (facts->damaged++ == 0)
			memcpy(facts->damaged_id, list[i].id,
			    sizeof(facts->damaged_id));
	}
}

/* The newest state that was restored to be checked tells. */
static void
find_illness(const struct gathering *gathering, const struct state_check *list,
    size_t count)
{
	struct status_facts *facts = gathering->facts;
	int64_t newest = STATUS_NEVER;

	for (size_t i = 0; i < count; i++) {
		const struct snapshot *snapshot =
		    list[i].level == STATE_RESTORE
			? snapshot_of(gathering, &list[i])
			: NULL;
		if (snapshot == NULL || snapshot->time_ms < newest)
			continue;
		newest = snapshot->time_ms;
		facts->ill = list[i].answer == STATE_DAMAGED;
		memcpy(facts->ill_id, snapshot->id, sizeof(facts->ill_id));
	}
}

static void
find_times(
    struct status_facts *facts, const struct state_check *list, size_t count)
{
	const struct state_check *stored =
	    state_checks_last(list, count, STATE_STORED, facts->now_ms);
	const struct state_check *restored =
	    state_checks_last(list, count, STATE_RESTORE, facts->now_ms);

	if (stored != NULL)
		facts->verified_ms = stored->time_ms;
	if (restored != NULL)
		facts->restored_ms = restored->time_ms;
	for (size_t i = 0; i < count; i++)
		if (list[i].level == STATE_UNCHANGED &&
		    list[i].time_ms > facts->seen_ms &&
		    list[i].time_ms <= facts->now_ms &&
		    facts->newest_ms != STATUS_NEVER &&
		    strcmp(list[i].id, facts->newest) == 0)
			facts->seen_ms = list[i].time_ms;
}

static int
read_state(const struct status_request *request, struct status_facts *facts,
    struct state_check **ret_list, size_t *ret_count, struct err *err)
{
	AUTO(state) struct state state = STATE_CLOSED;
	int64_t drilled;

	if (request->state == NULL) {
		*err = *request->state_err;
		return -1;
	}
	if (state_look(request->state, request->repository, request->set,
		&state, err) < 0)
		return -1;
	drilled = state_drill_last(&state);
	if (drilled > 0 && drilled <= facts->now_ms)
		facts->drilled_ms = drilled;
	drilled = state_drill_failure(&state);
	if (drilled > 0)
		facts->drill_failed_ms = drilled;
	return state_checks_read(&state, ret_list, ret_count, err);
}

static int
gather_memory(struct gathering *gathering, struct err *err)
{
	struct status_facts *facts = gathering->facts;
	AUTO(free) struct state_check *list = NULL;
	size_t count = 0;
	struct err why;

	facts->seen_ms = facts->newest_ms;
	if (read_state(gathering->request, facts, &list, &count, &why) < 0) {
		text_printable(why.text, facts->forgotten_text,
		    sizeof(facts->forgotten_text));
		return 0;
	}
	facts->remembers = true;
	if (sort_by_id(gathering, err) < 0)
		return -1;
	find_times(facts, list, count);
	count_damage(gathering, list, count);
	find_illness(gathering, list, count);
	return 0;
}

/* --- all of it ---------------------------------------------------------- */

void
status_gather_none(
    const char *set, int64_t now_ms, struct status_facts *ret_facts)
{
	*ret_facts = (struct status_facts){
		.now_ms = now_ms,
		.latest_ms = STATUS_NEVER,
		.oldest_ms = STATUS_NEVER,
		.newest_ms = STATUS_NEVER,
		.seen_ms = STATUS_NEVER,
		.verified_ms = STATUS_NEVER,
		.restored_ms = STATUS_NEVER,
		.drilled_ms = STATUS_NEVER,
		.drill_failed_ms = STATUS_NEVER,
	};
	(void)snprintf(ret_facts->set, sizeof(ret_facts->set), "%s", set);
}

int
status_gather(const struct status_request *request,
    struct status_facts *ret_facts, struct err *err)
{
	AUTO(status_facts) struct status_facts facts = { .databases = NULL };
	AUTO(gathering)
	struct gathering gathering = {
		.request = request,
		.facts = &facts,
		.newest = SNAPSHOT_NONE,
	};

	status_gather_none(request->set, request->now_ms, &facts);
	if (catalog_read(
		request->repository, request->set, &gathering.catalog, err) < 0)
		return -1;
	facts.snapshots = gathering.catalog.count;
	for (size_t i = 0; i < gathering.catalog.count; i++)
		list_one(&gathering, i);
	if (find_rhythm(&gathering, err) < 0 ||
	    gather_databases(&gathering, err) < 0 ||
	    gather_memory(&gathering, err) < 0)
		return -1;
	*ret_facts = facts;
	facts.databases = NULL;
	facts.database_count = 0;
	return 0;
}

void
status_facts_done(struct status_facts *facts)
{
	for (size_t i = 0; i < facts->database_count; i++)
		free(facts->databases[i].path);
	free(facts->databases);
	facts->databases = NULL;
	facts->database_count = 0;
}

void
status_facts_auto(struct status_facts *facts)
{
	status_facts_done(facts);
}
