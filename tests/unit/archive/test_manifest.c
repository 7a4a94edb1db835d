/* What is encoded comes back; of all else nothing does, and it says why. */
#include "archive/manifest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/archive/manifests.h"
#include "tests/unit/archive/sample.h"

static void
refused(const char *from, const char *to, enum err_kind kind, const char *says)
{
	const struct manifest m = sample_full();

	manifests_refused(&m, from, to, kind, says);
}

static void
refused_increment(const char *from, const char *to, const char *says)
{
	const struct manifest m = sample_increment();

	manifests_refused(&m, from, to, ERR_DAMAGED, says);
}

Test(manifest, everything_comes_back)
{
	struct manifest m = sample_full(), out;
	struct err err;
	char *json = manifests_encode(&m);

	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(&m, &out, sizeof(m)), 0);
	char *again = manifests_encode(&out);
	cr_expect_str_eq(json, again);
	cr_expect_eq(json[strlen(json) - 1], '\n');
	free(json);
	free(again);

	m.database.has_image_sha256 = true;
	memset(m.database.image_sha256, 0xef, SHA256_BYTES);
	json = manifests_encode(&m);
	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(&m, &out, sizeof(m)), 0);
	free(json);
}

/* Which file it was came later than the format: it may be absent. */
Test(manifest, device_and_inode_come_back)
{
	struct manifest m = sample_full(), out;
	struct err err;

	m.database.device = 66305;
	m.database.inode = 131075;
	char *json = manifests_encode(&m);
	cr_expect(strstr(json, "\"device\": 66305,\n") != NULL);
	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(&m, &out, sizeof(m)), 0);
	manifests_refused(&m, "\"inode\"", "\"i\"", ERR_DAMAGED, "'inode'");
	manifests_refused(&m, "\"device\"", "\"d\"", ERR_DAMAGED, "'device'");
	manifests_refused(&m, ": 131075", ": -1", ERR_DAMAGED, "'inode'");
	free(json);
}

Test(manifest, numbers_and_text_have_one_form)
{
	struct manifest m = sample_full();
	char *json = manifests_encode(&m);

	cr_expect(strstr(json, "\"litesafe_format\": 1,\n") != NULL);
	cr_expect(strstr(json, "\"pin_seconds\": 0.1,\n") != NULL);
	cr_expect(strstr(json, "\"mode\": \"4640\",\n") != NULL);
	cr_expect(strstr(json, "\"parent\": null,\n") != NULL);
	cr_expect(strstr(json, "\"pages_stored\": 700,\n") != NULL);
	cr_expect(
	    strstr(json, "\"pin_start\": \"2026-11-21T01:38:00.123Z\"") != NULL,
	    "%s", json);
	free(json);
}

Test(manifest, unknown_fields_are_ignored)
{
	struct manifest m = sample_full(), out;
	struct err err;
	char *json = manifests_encode(&m);
	char *more =
	    manifests_swap(json, "\"id\"", "\"new\": [{\"a\": -1}], \"id\"");

	cr_assert_eq(manifests_decode(more, &out, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(&m, &out, sizeof(m)), 0);
	free(more);
	free(json);
}

Test(manifest, what_is_newer_is_refused_by_name)
{
	refused("\"litesafe_format\": 1", "\"litesafe_format\": 2", ERR_FAILED,
	    "format 2");
	refused("\"features\": []", "\"features\": [\"xor\", 1]", ERR_FAILED,
	    "'xor'");
	refused("\"full\"", "\"delta\"", ERR_FAILED, "'delta'");
}

Test(manifest, every_field_is_needed_and_has_its_type)
{
	static const char *const keys[] = { "litesafe_format", "features", "id",
		"kind", "parent", "set", "pin_start", "pin_end", "finished",
		"pin_seconds", "host", "tool", "sqlite", "stored_bytes",
		"stored_sha256", "databases", "name", "path", "page_size",
		"page_count", "pages_stored", "encoding", "journal_mode",
		"application_id", "user_version", "uid", "gid", "mode", "root",
		"image_offset", "sums_offset", "wal_bytes_before",
		"wal_bytes_after", "frames_not_checkpointed" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char from[64], gone[64], typed[160], quoted[64];

		(void)snprintf(from, sizeof(from), "\"%s\":", keys[i]);
		(void)snprintf(gone, sizeof(gone), "\"-%s\":", keys[i]);
		(void)snprintf(
		    typed, sizeof(typed), "\"%s\": true, %s", keys[i], gone);
		(void)snprintf(quoted, sizeof(quoted), "'%s'", keys[i]);
		refused(from, gone, ERR_DAMAGED, quoted);
		refused(from, typed, ERR_DAMAGED, quoted);
	}
}

Test(manifest, every_number_has_its_range)
{
	refused("\"litesafe_format\": 1", "\"litesafe_format\": 0", ERR_DAMAGED,
	    "'litesafe_format'");
	refused(": 4096", ": 4095", ERR_DAMAGED, "'page_size'");
	refused(": 4096", ": 256", ERR_DAMAGED, "'page_size'");
	refused(": 4096", ": 131072", ERR_DAMAGED, "'page_size'");
	refused(": 4096", ": 3072", ERR_DAMAGED, "power of two");
	refused("\"page_count\": 700", "\"page_count\": 0", ERR_DAMAGED,
	    "'page_count'");
	refused("\"page_count\": 700", "\"page_count\": -1", ERR_DAMAGED,
	    "'page_count'");
	refused("\"page_count\": 700", "\"page_count\": 4294967295",
	    ERR_DAMAGED, "'page_count'");
	refused("\"page_count\": 700", "\"page_count\": 4294967294",
	    ERR_DAMAGED, "'pages_stored'");
	refused("\"pages_stored\": 700", "\"pages_stored\": 699", ERR_DAMAGED,
	    "'pages_stored'");
	refused("\"user_version\": 7", "\"user_version\": 4294967296",
	    ERR_DAMAGED, "'user_version'");
	refused("\"gid\": 33", "\"gid\": -33", ERR_DAMAGED, "'gid'");
	refused("\"gid\": 33", "\"gid\": 33.0", ERR_DAMAGED, "'gid'");
	refused(
	    "\"gid\": 33", "\"gid\": 9223372036854775808", ERR_DAMAGED, "JSON");
	refused(": 0.1,", ": -0.1,", ERR_DAMAGED, "'pin_seconds'");
	refused(": 0.1,", ": 1e300,", ERR_DAMAGED, "'pin_seconds'");
	refused(": 0.1,", ": 1e400,", ERR_DAMAGED, "JSON");
	refused("\"stored_bytes\": 1", "\"stored_bytes\": -1", ERR_DAMAGED,
	    "'stored_bytes'");
	refused("\"4640\"", "\"464\"", ERR_DAMAGED, "'mode'");
	refused("\"4640\"", "\"4680\"", ERR_DAMAGED, "'mode'");
	refused("\"4640\"", "\"04640\"", ERR_DAMAGED, "'mode'");
}

Test(manifest, offsets_follow_from_the_layout)
{
	refused("\"image_offset\": 512", "\"image_offset\": 0", ERR_DAMAGED,
	    "'image_offset'");
	refused("\"image_offset\": 512", "\"image_offset\": 66048", ERR_DAMAGED,
	    "'image_offset'");
	refused("\"image_offset\": 512", "\"image_offset\": 513", ERR_DAMAGED,
	    "'image_offset'");
	refused("\"sums_offset\": 2868224", "\"sums_offset\": 2867712",
	    ERR_DAMAGED, "'sums_offset'");
	refused("\"sums_offset\": 2868224", "\"sums_offset\": 2868225",
	    ERR_DAMAGED, "'sums_offset'");
	refused("\"sums_offset\": 2868224", "\"sums_offset\": 9868224",
	    ERR_DAMAGED, "'sums_offset'");
}

Test(manifest, an_increment_comes_back_with_its_parent)
{
	struct manifest m = sample_increment(), out;
	struct err err;
	char *json = manifests_encode(&m);

	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(&m, &out, sizeof(m)), 0);
	cr_expect(manifest_is_increment(&out));
	cr_expect(strstr(json, "\"parent\": \"fedcba9876543210\",\n") != NULL);
	cr_expect(strstr(json, "\"pages_offset\": 2048,\n") != NULL);
	cr_expect(strstr(json, "image") == NULL);
	free(json);

	m.database.pages_stored = 0;
	m.database.pages_offset = 0;
	m.database.sums_offset = 2048 + 512;
	json = manifests_encode(&m);
	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect_eq(memcmp(&m, &out, sizeof(m)), 0);
	free(json);
}

Test(manifest, an_increment_is_consistent_in_itself)
{
	refused_increment("\"fedcba9876543210\"", "null", "'parent'");
	refused_increment(
	    "\"fedcba9876543210\"", "\"fedcba987654321\"", "'parent'");
	refused_increment("\"fedcba9876543210\"", "\"0123456789abcdef\"",
	    "'parent' is the snapshot itself");
	refused_increment("\"parent\"", "\"mother\"", "'parent'");
	refused_increment(
	    "\"parent_root\"", "\"root_parent\"", "'parent_root'");
	refused_increment("efefefef", "efefef", "'parent_root'");
	refused_increment(
	    "\"pages_stored\": 5", "\"pages_stored\": 701", "'pages_stored'");
	refused_increment(
	    "\"pages_stored\": 5", "\"pages_stored\": -1", "'pages_stored'");
	refused_increment(
	    "\"pages_stored\": 5", "\"pages_stored\": 0", "'pages_offset'");
	refused_increment(
	    "\"pages_stored\": 5", "\"pages_stored\": 6", "'sums_offset'");
	refused_increment(
	    "\"pages_offset\": 2048", "\"pages_offset\": 0", "'pages_offset'");
	refused_increment("\"pages_offset\": 2048", "\"pages_offset\": 2047",
	    "'pages_offset'");
	refused_increment("\"pages_offset\": 2048", "\"pages_offset\": 2163200",
	    "'pages_offset'");
	refused_increment(
	    "\"pages_offset\"", "\"image_offset\"", "'pages_offset'");
	refused_increment("\"sums_offset\": 23040", "\"sums_offset\": 22528",
	    "'sums_offset'");
	refused_increment("\"sums_offset\": 23040", "\"sums_offset\": 23041",
	    "'sums_offset'");
	refused_increment("\"sums_offset\": 23040", "\"sums_offset\": 9437184",
	    "'sums_offset'");
}

Test(manifest, text_is_bounded_and_harmless)
{
	char path[4200] = "\"";

	refused("\"db1\"", "\"\\u001b[2J\"", ERR_DAMAGED, "'host'");
	refused("\"db1\"", "\"\\u009b\"", ERR_DAMAGED, "'host'");
	refused("\"db1\"", "\"\\u0000\"", ERR_DAMAGED, "JSON");
	refused("\"db1\"", "\"\xff\"", ERR_DAMAGED, "JSON");
	memset(path + 1, 'x', 4096);
	(void)strcat(path, "\"");
	refused("\"db1\"", path, ERR_DAMAGED, "'host' is too long");
	refused("\"/srv/\\\"quoted\\\"/p\xc3\xa4ge.db\"", path, ERR_DAMAGED,
	    "'path' is too long");
	refused("\"name\": \"", "\"name\": \"../", ERR_DAMAGED, "'name'");
	refused("\"name\": \"", "\"name\": \".litesafe", ERR_DAMAGED, "'name'");
	refused("\"set\": \"", "\"set\": \"../", ERR_DAMAGED, "'set'");
	refused("\"UTF-16le\"", "\"UTF-32\"", ERR_DAMAGED, "'UTF-32'");
	refused("\"wal\"", "\"WAL\"", ERR_DAMAGED, "'journal_mode'");
	refused("\"0123456789abcdef\"", "\"0123456789abcdeF\"", ERR_DAMAGED,
	    "'id'");
	refused(
	    "\"0123456789abcdef\"", "\"0123456789abcde\"", ERR_DAMAGED, "'id'");
	refused("abababab", "ABABABAB", ERR_DAMAGED, "'stored_sha256'");
	refused("cdcdcdcd", "cdcdcd", ERR_DAMAGED, "'root'");
	refused("-21T01", "-31T01", ERR_DAMAGED, "'pin_start'");
	refused("null", "\"0123456789abcdef\"", ERR_DAMAGED, "'parent'");
}

Test(manifest, hostile_json_is_damage)
{
	static const char *const bad[] = { "", "{", "[]", "null", "\"\"", "{}",
		"{\"a\": 1, \"a\": 2}", "{\"litesafe_format\": 1} x",
		"{\"litesafe_format\": \x1b}" };
	struct manifest out;
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(
		    manifests_decode(bad[i], &out, &err), -1, "%s", bad[i]);
		cr_expect_eq(err.kind, ERR_DAMAGED);
		cr_expect(strchr(err.text, '\x1b') == NULL);
	}
	refused("\"gid\": 33", "\"gid\": 33, \"gid\": 34", ERR_DAMAGED, "gid");
}

Test(manifest, size_and_nesting_are_bounded)
{
	size_t size = MANIFEST_MAX + 1;
	char *json = malloc(size);
	struct manifest out;
	struct err err = { 0 };

	memset(json, '[', size);
	cr_expect_eq(manifest_decode(json, size, &out, &err), -1);
	cr_expect(strstr(err.text, "limit") != NULL, "%s", err.text);
	cr_expect_eq(manifest_decode(json, MANIFEST_MAX, &out, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	free(json);
}

Test(manifest, cut_at_any_length_it_is_damage)
{
	struct manifest m = sample_full(), out;
	char *json = manifests_encode(&m);
	size_t len = strlen(json);
	struct err err;

	/* The last two bytes are the closing brace and the newline. */
	for (size_t cut = 0; cut < len - 1; cut++) {
		err = (struct err){ 0 };
		cr_expect_eq(manifest_decode(json, cut, &out, &err), -1);
		cr_expect_eq(err.kind, ERR_DAMAGED, "%zu: %s", cut, err.text);
	}
	free(json);
}

Test(manifest, any_changed_byte_is_survived)
{
	struct manifest m = sample_full(), out;
	char *json = manifests_encode(&m);
	size_t len = strlen(json);
	struct err err;

	for (size_t i = 0; i < len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			json[i] = (char)(json[i] ^ (1 << bit));
			err = (struct err){ 0 };
			if (manifest_decode(json, len, &out, &err) < 0)
				cr_expect(err.kind == ERR_DAMAGED ||
					  err.kind == ERR_FAILED);
			json[i] = (char)(json[i] ^ (1 << bit));
		}
	}
	free(json);
}

static void
not_encoded(const struct manifest *m, const char *says)
{
	struct err err = { 0 };
	char *json = NULL;
	size_t len = 0;

	cr_expect_eq(manifest_encode(m, &json, &len, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(strstr(err.text, says) != NULL, "%s", err.text);
	cr_expect(json == NULL);
}

Test(manifest, what_could_not_be_read_is_not_written)
{
	struct manifest m = sample_full();

	(void)strcpy(m.host, "a\nb");
	not_encoded(&m, "'host'");
	m = sample_full();
	(void)strcpy(m.host, "\xff");
	not_encoded(&m, "UTF-8");
	m = sample_full();
	m.pin_seconds = 0.0 / (double)(m.host[0] - 'd');
	not_encoded(&m, "number");
	m = sample_full();
	m.stored_bytes = 1ull << 63;
	not_encoded(&m, "number");
	m = sample_full();
	m.database.sums_offset = 512;
	not_encoded(&m, "'sums_offset'");
}

Test(manifest, ids_are_16_hex_digits_and_differ)
{
	char one[SNAPSHOT_ID_BYTES], two[SNAPSHOT_ID_BYTES];
	struct err err = { 0 };

	cr_assert_eq(manifest_new_id(one, &err), 0);
	cr_assert_eq(manifest_new_id(two, &err), 0);
	cr_expect_eq(strspn(one, "0123456789abcdef"), 16);
	cr_expect_eq(strlen(one), 16);
	cr_expect_str_neq(one, two);
}

Test(manifest, the_root_begins_with_sizes)
{
	/* printf '\0\x10\0\0\xbc\2\0\0\0\0\0\0' | sha256sum */
	static const char expected[] =
	    "de4a7e1dd422efa070b6f0deaffbe008f043853fb3b262ca5d807d5571c89f7c";
	struct sha256 *stream = NULL;
	uint8_t digest[SHA256_BYTES];
	char text[SHA256_TEXT_BYTES];
	struct err err = { 0 };

	cr_assert_eq(sha256_new(&stream, &err), 0);
	manifest_root_begin(stream, 4096, 700);
	sha256_finish(stream, digest);
	sha256_format(digest, text);
	cr_expect_str_eq(text, expected);
	sha256_free(stream);
}

static struct manifest
sample_bill(void)
{
	struct manifest m = sample_full();

	m.database.bill = (struct manifest_bill){
		.known = true,
		.pin_seconds = 0.25,
		.stall_seconds = 0.125,
		.busy_retries = 3,
		.wal_frames_before = 17,
		.wal_frames_after = 5000000000,
		.frames_written_back = 4000000000,
		.write_back_seconds = 1.5,
		.wal_bytes_at_end = 6000000000,
		.checkpoint_mode = "passive",
		.checkpoint_done = true,
		.checkpoint_reason = "writers waited",
	};
	return m;
}

Test(manifest, the_bill_comes_back_whole)
{
	struct manifest m = sample_bill(), out;
	const struct manifest_bill *bill = &out.database.bill;
	struct err err;
	char *json = manifests_encode(&m);

	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect(bill->known && bill->checkpoint_done);
	cr_expect_float_eq(bill->pin_seconds, 0.25, 1e-9);
	cr_expect_float_eq(bill->stall_seconds, 0.125, 1e-9);
	cr_expect_eq(bill->busy_retries, 3);
	cr_expect_eq(bill->wal_frames_before, 17);
	cr_expect_eq(bill->wal_frames_after, 5000000000);
	cr_expect_eq(bill->frames_written_back, 4000000000);
	cr_expect_float_eq(bill->write_back_seconds, 1.5, 1e-9);
	cr_expect_eq(bill->wal_bytes_at_end, 6000000000);
	cr_expect_str_eq(bill->checkpoint_mode, "passive");
	cr_expect_str_eq(bill->checkpoint_reason, "writers waited");
	free(json);
}

Test(manifest, an_archive_from_before_the_bill_has_none)
{
	struct manifest m = sample_full(), out;
	struct err err;
	char *json = manifests_encode(&m);

	cr_expect(strstr(json, "checkpoint\"") == NULL);
	cr_assert_eq(manifests_decode(json, &out, &err), 0, "%s", err.text);
	cr_expect_not(out.database.bill.known);
	free(json);
}

Test(manifest, a_bill_is_whole_and_of_its_types)
{
	const struct manifest m = sample_bill();
	static const char *const changes[][3] = {
		{ "\"stall_seconds\"", "\"stal\"", "'stall_seconds'" },
		{ "0.125", "-1", "'stall_seconds'" },
		{ "\"busy_retries\": 3", "\"busy_retries\": -3",
		    "'busy_retries'" },
		{ "\"wal_frames_before\"", "\"wfb\"", "'wal_frames_before'" },
		{ "\"wal_frames_after\": 5",
		    "\"wal_frames_after\": \"x\", "
		    "\"y\": 5",
		    "'wal_frames_after'" },
		{ "\"frames_written_back\": 4", "\"frames_written_back\": -4",
		    "'frames_written_back'" },
		{ "1.5", "-1.5", "'write_back_seconds'" },
		{ "\"wal_bytes_at_end\"", "\"wbe\"", "'wal_bytes_at_end'" },
		{ "\"passive\"", "\"violent\"", "'mode'" },
		{ "\"done\": true", "\"done\": 1", "'checkpoint'" },
		{ "\"writers waited\"", "\"\\u001b[2J\"", "'reason'" },
		{ "\"writers waited\"", "null", "'reason'" },
		{ "\"checkpoint\": {", "\"checkpoint\": true, \"c\": {",
		    "'checkpoint'" },
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		manifests_refused(&m, changes[i][0], changes[i][1], ERR_DAMAGED,
		    changes[i][2]);
}
