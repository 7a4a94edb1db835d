/* Two lines that prove themselves; any other text is damage. */
#include "archive/detached.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/archive/sample.h"

static char *
encode(const struct manifest *m, uint64_t bytes)
{
	struct stored_file file = { .bytes = bytes };
	struct err err = { 0 };
	char *text = NULL;
	size_t len = 0;

	memset(file.sha256, 0x12, sizeof(file.sha256));
	cr_assert_eq(
	    detached_encode(m, &file, &text, &len, &err), 0, "%s", err.text);
	cr_assert_eq(strlen(text), len);
	return text;
}

/* The text is damage, and the message has `says`. */
static void
refused(const char *text, size_t len, const char *says)
{
	struct manifest m;
	struct stored_file file;
	struct err err = { 0 };

	cr_assert_eq(detached_decode(text, len, &m, &file, &err), -1,
	    "taken: %.*s", (int)len, text);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	cr_expect(
	    strstr(err.text, says) != NULL, "'%s' not in: %s", says, err.text);
}

/* A first line with `from` replaced by `to`, and its right second line. */
static void
refused_line(const char *from, const char *to, const char *says)
{
	struct manifest m = sample_increment();
	char *text = encode(&m, 123456789999), *changed = NULL;
	char *at = strstr(text, from), sum[SHA256_TEXT_BYTES];
	uint8_t digest[SHA256_BYTES];
	struct sha256 *stream = NULL;
	struct err err;

	cr_assert_not_null(at, "no %s in %s", from, text);
	*strchr(text, '\n') = '\0';
	int len = asprintf(&changed, "%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
	cr_assert(len > 0);
	cr_assert_eq(sha256_new(&stream, &err), 0);
	sha256_add(stream, changed, (size_t)len);
	sha256_finish(stream, digest);
	sha256_free(stream);
	sha256_format(digest, sum);
	free(text);
	len = asprintf(&text, "%s\n{\"sha256\":\"%s\"}\n", changed, sum);
	refused(text, (size_t)len, says);
	free(changed);
	free(text);
}

Test(detached, everything_comes_back)
{
	struct manifest m = sample_increment(), out;
	struct stored_file file;
	struct err err = { 0 };
	char *text = encode(&m, 123456789999);

	cr_assert_eq(detached_decode(text, strlen(text), &out, &file, &err), 0,
	    "%s", err.text);
	cr_expect_eq(memcmp(&m, &out, sizeof(m)), 0);
	cr_expect_eq(file.bytes, 123456789999);
	cr_expect_eq(file.sha256[31], 0x12);
	char *again = encode(&out, 123456789999);
	cr_expect_str_eq(text, again);
	free(again);
	free(text);
}

Test(detached, two_lines_as_sha256sum_would_have_them)
{
	struct manifest m = sample_increment();
	char *text = encode(&m, 123456789999);
	char *second = strchr(text, '\n') + 1;

	cr_expect_not_null(strstr(text, ",\"archive_bytes\":123456789999,"));
	cr_expect_not_null(strstr(text, ",\"archive_sha256\":\"1212"));
	cr_expect_eq(strncmp(second, "{\"sha256\":\"", 11), 0);
	cr_expect_eq(strlen(second), 11 + 64 + 3);
	cr_expect_str_eq(second + 11 + 64, "\"}\n");
	free(text);
}

Test(detached, every_flipped_bit_is_found)
{
	struct manifest m = sample_increment();
	char *text = encode(&m, 123456789999);
	size_t len = strlen(text);

	for (size_t i = 0; i < 8 * len; i++) {
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		refused(text, len, "the manifest: ");
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
	}
	free(text);
}

Test(detached, neither_more_nor_less_than_two_lines)
{
	struct manifest m = sample_increment();
	char *text = encode(&m, 123456789999), *more = NULL;
	size_t len = strlen(text);

	for (size_t cut = 0; cut < len; cut++)
		refused(text, cut, "the manifest: ");
	refused(text, len + 1, "the line of its SHA-256");
	cr_assert(asprintf(&more, "%s\n", text) > 0);
	refused(more, len + 1, "the line of its SHA-256");
	free(more);
	cr_assert(asprintf(&more, "\n%s", text) > 0);
	refused(more, len + 1, "the line of its SHA-256");
	free(more);
	free(text);
}

Test(detached, the_first_line_is_as_hostile_as_any_manifest)
{
	refused_line("\"parent\":\"fe", "\"parent\":\"xx", "'parent'");
	refused_line("\"archive_bytes\":123456789999",
	    "\"archive_bytes\":123456789012", "'archive_bytes'");
	refused_line("\"archive_bytes\":123456789999", "\"archive_bytes\":-1",
	    "'archive_bytes'");
	refused_line("\"archive_bytes\":123456789999",
	    "\"archive_bytes\":\"123456789999\"", "'archive_bytes'");
	refused_line("archive_bytes", "bytes", "'archive_bytes'");
	refused_line("\"archive_sha256\":\"12", "\"archive_sha256\":\"1",
	    "'archive_sha256'");
	refused_line("archive_sha256", "sha256", "'archive_sha256'");
	refused_line("{", "[", "JSON");
}

Test(detached, has_a_limit)
{
	char *text = malloc(DETACHED_MAX + 1);

	memset(text, ' ', DETACHED_MAX + 1);
	refused(text, DETACHED_MAX + 1, "limit");
	free(text);
}

Test(detached, what_could_not_be_read_is_not_encoded)
{
	struct manifest m = sample_increment();
	const struct stored_file file = { .bytes = m.stored_bytes };
	struct err err = { 0 };
	char *text = NULL;
	size_t len = 0;

	cr_assert_eq(detached_encode(&m, &file, &text, &len, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect_not_null(strstr(err.text, "'archive_bytes'"), "%s", err.text);
	cr_expect_null(text);
}
