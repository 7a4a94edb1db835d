/* Findings and snapshots as people and as programs read them. */
#include "command/report.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t len;
static struct say say;

static void
begin(void)
{
	say = (struct say){ .out = open_memstream(&text, &len) };
	cr_assert(say.out != NULL);
}

static void
end(void)
{
	say_done(&say);
}

static struct findings *
three_kinds(void)
{
	static struct findings findings;

	findings = (struct findings){ .damaged = 0 };
	findings_add(&findings, FINDING_DAMAGED, "", "page 7 is wrong");
	findings_add(&findings, FINDING_UNVERIFIABLE, "t", "no such collation");
	findings_add(&findings, FINDING_NOTE, "i", "hm");
	return &findings;
}

Test(report, findings_as_lines)
{
	begin();
	report_findings(&say, three_kinds());
	end();
	cr_expect_str_eq(text, "  damaged: page 7 is wrong\n"
			       "  cannot be checked: 't': no such collation\n"
			       "  note: 'i': hm\n");
	free(text);
}

Test(report, findings_that_are_not_listed_are_counted)
{
	static struct findings findings;

	for (unsigned i = 0; i < FINDINGS_MAX + 7; i++)
		findings_add(&findings, FINDING_DAMAGED, "", "x");
	begin();
	report_findings(&say, &findings);
	end();
	cr_expect(strstr(text, "\n  and 7 more\n") != NULL);
	free(text);
}

Test(report, findings_as_json)
{
	struct json json;

	begin();
	json_begin(&json, say.out);
	report_findings_json(&json, three_kinds());
	json_end(&json);
	end();
	json_t *root = json_loads(text, 0, NULL);
	json_t *list = json_object_get(root, "findings");
	cr_assert_eq(json_array_size(list), 3);
	cr_expect_str_eq(
	    json_string_value(json_object_get(json_array_get(list, 1), "kind")),
	    "unverifiable");
	cr_expect_str_eq(json_string_value(json_object_get(
			     json_array_get(list, 1), "object")),
	    "t");
	cr_expect_eq(
	    json_integer_value(json_object_get(root, "findings_damaged")), 1);
	json_decref(root);
	free(text);
}

Test(report, a_snapshot_has_the_fields_of_the_manual)
{
	static const char *const fields[] = { "type", "set", "id", "kind",
		"parent", "time", "archive", "stored_bytes", "raw_bytes",
		"pages_stored", "pin_seconds", "verified", "kept",
		"databases" };
	static const char *const of_database[] = { "name", "path", "page_size",
		"page_count", "pages_stored", "root", "journal_mode",
		"wal_bytes_before", "wal_bytes_after",
		"frames_not_checkpointed", "checkpoint" };
	static const struct manifest manifest = {
		.id = "7f3a9c2b00112233",
		.set = "app.db",
		.kind = "full",
		.pin_start_ms = 1795226280123,
		.pin_seconds = 2.5,
		.stored_bytes = 5000000000,
		.database = { .name = "app.db",
		    .page_size = 65536,
		    .page_count = 4294967294,
		    .pages_stored = 4294967294 },
	};
	const struct report_snapshot snapshot = {
		.manifest = &manifest,
		.archive = "a\xff.tar.zst",
		.archive_bytes = 5000000100,
		.verified = "stored",
	};
	struct json json;

	begin();
	report_snapshot(&json, &say, &snapshot);
	json_end(&json);
	end();
	json_t *root = json_loads(text, 0, NULL);
	cr_assert(root != NULL, "%s", text);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		cr_expect(
		    json_object_get(root, fields[i]) != NULL, "%s", fields[i]);
	json_t *db = json_array_get(json_object_get(root, "databases"), 0);
	for (size_t i = 0; i < sizeof(of_database) / sizeof(of_database[0]);
	     i++)
		cr_expect(json_object_get(db, of_database[i]) != NULL, "%s",
		    of_database[i]);
	cr_expect_str_eq(json_string_value(json_object_get(root, "time")),
	    "2026-11-21T01:58:00.123Z");
	cr_expect_eq(json_integer_value(json_object_get(root, "raw_bytes")),
	    281474976579584);
	cr_expect(json_is_null(json_object_get(root, "parent")));
	json_t *checkpoint = json_object_get(db, "checkpoint");
	cr_expect(json_is_false(json_object_get(checkpoint, "done")));
	json_decref(root);
	free(text);
}

Test(report, an_increment_tells_what_it_holds_and_what_it_builds_on)
{
	static const struct manifest manifest = {
		.id = "7f3a9c2b00112233",
		.parent = "00112233445566aa",
		.set = "app.db",
		.kind = MANIFEST_INCREMENT,
		.database = { .name = "app.db",
		    .page_size = 4096,
		    .page_count = 1000,
		    .pages_stored = 3 },
	};
	const struct report_snapshot snapshot = {
		.manifest = &manifest,
		.verified = "none",
		.kept = "pinned",
	};
	struct json json;

	begin();
	report_snapshot(&json, &say, &snapshot);
	json_end(&json);
	end();
	json_t *root = json_loads(text, 0, NULL);
	cr_assert(root != NULL, "%s", text);
	cr_expect_str_eq(json_string_value(json_object_get(root, "parent")),
	    "00112233445566aa");
	cr_expect_str_eq(
	    json_string_value(json_object_get(root, "kept")), "pinned");
	cr_expect_eq(
	    json_integer_value(json_object_get(root, "raw_bytes")), 12288);
	cr_expect_eq(
	    json_integer_value(json_object_get(root, "pages_stored")), 3);
	json_t *db = json_array_get(json_object_get(root, "databases"), 0);
	cr_expect_eq(
	    json_integer_value(json_object_get(db, "pages_stored")), 3);
	cr_expect_eq(
	    json_integer_value(json_object_get(db, "page_count")), 1000);
	json_decref(root);
	free(text);
}
