/*
 * Ages, not times, because a person asks how long ago; a program gets times.
 */
#include "command/status_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/units.h"
#include "command/json.h"
#include "command/status_advice.h"

/* --- text --------------------------------------------------------------- */

static void
ago(int64_t now, int64_t moment, const char *never, char *ret_text, size_t size)
{
	char text[UNITS_TEXT_BYTES];

	units_format_duration(
	    now < moment ? 0 : (double)(now - moment) / 1000, text);
	if (moment == STATUS_NEVER)
		(void)snprintf(ret_text, size, "%s", never);
	else
		(void)snprintf(ret_text, size, "%s ago", text);
}

/* ", next in 48 min", ", next was due 2 h 05 min ago", "" */
static void
next_words(const struct status_one *one, char *ret_text, size_t size)
{
	int64_t next = status_next_ms(&one->facts, &one->limits);
	int64_t now = one->facts.now_ms;
	char text[UNITS_TEXT_BYTES];

	ret_text[0] = '\0';
	if (next == STATUS_NEVER)
		return;
	units_format_duration(
	    (double)(next > now ? next - now : now - next) / 1000, text);
	(void)snprintf(ret_text, size,
	    next > now ? ", next in %s" : ", next was due %s ago", text);
}

/* "newest 3 min ago" or "newest 3 d ago, unchanged 3 min ago" */
static void
newest_words(const struct status_facts *facts, char *ret_text, size_t size)
{
	char newest[UNITS_TEXT_BYTES + 8], seen[UNITS_TEXT_BYTES + 8];

	ago(facts->now_ms, facts->newest_ms, "", newest, sizeof(newest));
	ago(facts->now_ms, facts->seen_ms, "", seen, sizeof(seen));
	(void)snprintf(ret_text, size, "newest %s%s%s", newest,
	    facts->seen_ms > facts->newest_ms ? ", unchanged " : "",
	    facts->seen_ms > facts->newest_ms ? seen : "");
}

static void
proof_words(const struct status_one *one, char *ret_text, size_t size)
{
	const struct status_facts *facts = &one->facts;
	char verified[UNITS_TEXT_BYTES + 8], drilled[UNITS_TEXT_BYTES + 8];

	ago(facts->now_ms, facts->verified_ms, "never", verified,
	    sizeof(verified));
	ago(facts->now_ms, status_drilled_ms(facts, &one->limits), "never",
	    drilled, sizeof(drilled));
	(void)snprintf(ret_text, size, "verified %s, drill %s",
	    facts->remembers ? verified : "unknown",
	    facts->remembers ? drilled : "unknown");
}

static void
set_line(struct say *say, const struct status_one *one, const char *word)
{
	const struct status_facts *facts = &one->facts;
	char newest[2 * UNITS_TEXT_BYTES + 40],
	    proof[2 * UNITS_TEXT_BYTES + 40], next[UNITS_TEXT_BYTES + 24],
	    bytes[UNITS_TEXT_BYTES], week[UNITS_TEXT_BYTES],
	    database[UNITS_TEXT_BYTES];

	if (facts->newest_ms == STATUS_NEVER) {
		say_line(say, "%s: %s", facts->set, word);
		return;
	}
	newest_words(facts, newest, sizeof(newest));
	proof_words(one, proof, sizeof(proof));
	next_words(one, next, sizeof(next));
	units_format_size(facts->bytes, bytes);
	units_format_size(facts->week_bytes, week);
	units_format_size(facts->database_bytes, database);
	say_line(say,
	    "%s: %s, %s%s, %s, %zu snapshot%s of %s (%s in 7 days), "
	    "database of %s",
	    facts->set, word, newest, next, proof, facts->snapshots,
	    facts->snapshots == 1 ? "" : "s", bytes, week, database);
}

/* What -v adds: the databases, one by one. */
static void
database_lines(struct say *say, const struct status_facts *facts)
{
	char now[UNITS_TEXT_BYTES], before[UNITS_TEXT_BYTES],
	    live[UNITS_TEXT_BYTES], month[UNITS_TEXT_BYTES];

	if (facts->database_count == 0)
		return;
	units_format_size(facts->month_bytes, month);
	say_detail(say, "  %s stored in 30 days", month);
	for (size_t i = 0; i < facts->database_count; i++) {
		const struct status_database *one = &facts->databases[i];

		units_format_size(one->bytes, now);
		units_format_size(one->before_bytes, before);
		units_format_size(one->live.bytes, live);
		say_detail(say, "  %s: %s in the newest snapshot%s%s%s%s",
		    one->name, now, one->before_bytes > 0 ? ", before " : "",
		    one->before_bytes > 0 ? before : "",
		    one->live.state == LIVE_THERE ? ", now at most " : "",
		    one->live.state == LIVE_THERE ? live : "");
	}
}

static void
report_text(const struct status_round *round, const struct status_one *one)
{
	struct say *say = &round->session->say;
	const struct verdict verdict = status_judge(&one->facts, &one->limits);

	set_line(say, one, verdict_word(&verdict));
	database_lines(say, &one->facts);
	for (unsigned i = 0; i < verdict.count; i++) {
		const struct status_finding *found = &verdict.list[i];
		AUTO(free) char *advice = status_advice(round, one, found->id);

		say_line(say, "  %s: %s [%s]",
		    status_severity_names[found->severity], found->text,
		    status_id_names[found->id]);
		if (advice != NULL)
			say_line(say, "    what to do: %s", advice);
	}
}

static void
say_place(const struct status_round *round, const struct status_one *one)
{
	struct say *say = &round->session->say;
	const char *path = round->places[one->place].path;

	if (one->job != NULL)
		say_line(say, "job '%s', repository '%s':", one->job, path);
	else if (round->place_count > 1)
		say_line(say, "repository '%s':", path);
}

/* "3 sets: 2 fresh, 1 with a warning, 1 not; oldest 3 h; 1.2 GiB stored" */
static void
say_counts(const struct status_round *round)
{
	const struct status_counts counts = status_round_counts(round);
	const struct {
		size_t count;
		const char *words;
	} parts[] = {
		{ counts.warnings, "with a warning" },
		{ counts.errors, "not" },
		{ counts.damaged, "damaged" },
	};
	char text[UNITS_TEXT_BYTES], line[200];
	int len = snprintf(line, sizeof(line), "%zu set%s: %zu fresh",
	    counts.sets, counts.sets == 1 ? "" : "s", counts.fresh);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].count > 0)
			len += snprintf(line + len, sizeof(line) - (size_t)len,
			    ", %zu %s", parts[i].count, parts[i].words);
	units_format_duration((double)counts.oldest_ms / 1000, text);
	if (counts.oldest_ms != STATUS_NEVER)
		len += snprintf(line + len, sizeof(line) - (size_t)len,
		    "; oldest %s", text);
	units_format_size(counts.bytes, text);
	say_line(&round->session->say, "%s; %s stored", line, text);
}

/* --- JSON --------------------------------------------------------------- */

static void
put_time(struct json *json, const char *key, int64_t moment)
{
	char time[CLOCK_TEXT_BYTES];

	clock_format(moment, time);
	json_put_text(json, key, moment == STATUS_NEVER ? NULL : time);
}

/* null where it is 0: not known, or not asked for. */
static void
put_seconds(struct json *json, const char *key, int64_t ms)
{
	if (ms <= 0)
		json_put_null(json, key);
	else
		json_put_seconds(json, key, (double)ms / 1000);
}

static void
put_databases(struct json *json, const struct status_facts *facts)
{
	static const char *const states[] = {
		[LIVE_ELSEWHERE] = "elsewhere",
		[LIVE_THERE] = "there",
		[LIVE_VANISHED] = "vanished",
		[LIVE_UNSEEN] = "unseen",
	};

	json_open_array(json, "databases");
	for (size_t i = 0; i < facts->database_count; i++) {
		const struct status_database *one = &facts->databases[i];

		json_open_object(json, NULL);
		json_put_text(json, "name", one->name);
		json_put_size(json, "bytes", one->bytes);
		if (one->before_bytes > 0)
			json_put_size(json, "bytes_before", one->before_bytes);
		json_put_text(json, "live", states[one->live.state]);
		if (one->live.state == LIVE_THERE)
			json_put_size(json, "live_bytes", one->live.bytes);
		json_close(json);
	}
	json_close(json);
}

static void
put_findings(struct json *json, const struct status_round *round,
    const struct status_one *one, const struct verdict *verdict)
{
	json_open_array(json, "findings");
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct status_finding *found = &verdict->list[i];
		AUTO(free) char *advice = status_advice(round, one, found->id);

		json_open_object(json, NULL);
		json_put_text(json, "id", status_id_names[found->id]);
		json_put_text(
		    json, "severity", status_severity_names[found->severity]);
		json_put_text(json, "text", found->text);
		json_put_text(json, "advice", advice);
		json_close(json);
	}
	json_close(json);
}

static void
put_times(struct json *json, const struct status_one *one)
{
	const struct status_facts *facts = &one->facts;
	int64_t age = status_age_ms(facts);

	put_time(json, "time", facts->now_ms);
	put_time(json, "newest", facts->newest_ms);
	put_time(json, "seen", facts->seen_ms);
	if (age == STATUS_NEVER)
		json_put_null(json, "age_seconds");
	else
		json_put_seconds(json, "age_seconds", (double)age / 1000);
	put_seconds(json, "max_age_seconds", status_limit_ms(&one->limits));
	put_time(json, "verified", facts->verified_ms);
	put_seconds(
	    json, "max_verify_age_seconds", one->limits.max_verify_age_ms);
	put_time(json, "drilled", status_drilled_ms(facts, &one->limits));
	put_time(json, "next", status_next_ms(facts, &one->limits));
}

static void
report_json(const struct status_round *round, const struct status_one *one)
{
	const struct status_facts *facts = &one->facts;
	const struct verdict verdict = status_judge(facts, &one->limits);
	struct json json;

	json_begin(&json, round->session->say.out);
	json_put_text(&json, "type", "status");
	json_put_text(&json, "set", facts->set);
	json_put_text(&json, "repository", round->places[one->place].path);
	json_put_text(&json, "job", one->job);
	json_put_text(&json, "status", verdict_word(&verdict));
	json_put_text(
	    &json, "severity", status_severity_names[verdict_worst(&verdict)]);
	json_put_text(
	    &json, "id", facts->newest[0] == '\0' ? NULL : facts->newest);
	put_times(&json, one);
	json_put_size(&json, "snapshots", facts->snapshots);
	json_put_size(&json, "faulty", facts->faulty);
	json_put_size(&json, "damaged", facts->damaged);
	json_put_size(&json, "archive_bytes", facts->bytes);
	json_put_size(&json, "archive_bytes_7d", facts->week_bytes);
	json_put_size(&json, "archive_bytes_30d", facts->month_bytes);
	json_put_size(&json, "database_bytes", facts->database_bytes);
	json_put_size(&json, "database_bytes_before", facts->before_bytes);
	put_databases(&json, facts);
	put_findings(&json, round, one, &verdict);
	json_end(&json);
}

void
status_report(const struct status_round *round)
{
	const struct status_one *last = NULL;

	for (size_t i = 0; i < round->count; i++) {
		const struct status_one *one = &round->list[i];

		if (round->session->say.json) {
			report_json(round, one);
			continue;
		}
		if (last == NULL || last->place != one->place ||
		    last->job != one->job)
			say_place(round, one);
		report_text(round, one);
		last = one;
	}
	if (round->count > 0)
		say_counts(round);
}
