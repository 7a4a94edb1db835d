/* What is written is one valid line of JSON, and says what was meant. */
#include "command/json.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static char *text;
static size_t text_len;
static FILE *out;
static struct json json;

static void
begin(void)
{
	out = open_memstream(&text, &text_len);
	cr_assert(out != NULL);
	json_begin(&json, out);
}

/* The object as a parser sees it. */
static json_t *
end(void)
{
	json_error_t error;

	json_end(&json);
	cr_assert_eq(fclose(out), 0);
	cr_assert(text_len > 0 && text[text_len - 1] == '\n');
	cr_assert(memchr(text, '\n', text_len - 1) == NULL, "one line");
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	cr_assert(root != NULL, "%s: %s", error.text, text);
	return root;
}

static void
done(json_t *root)
{
	json_decref(root);
	free(text);
}

Test(json, empty_object)
{
	begin();
	json_t *root = end();
	cr_expect_str_eq(text, "{}\n");
	done(root);
}

Test(json, nesting_and_commas)
{
	begin();
	json_put_text(&json, "a", "x");
	json_open_array(&json, "list");
	json_open_object(&json, NULL);
	json_put_integer(&json, "n", INT64_MIN);
	json_close(&json);
	json_open_object(&json, NULL);
	json_close(&json);
	json_put_size(&json, NULL, UINT64_MAX);
	json_put_null(&json, NULL);
	json_open_array(&json, NULL);
	json_close(&json);
	json_close(&json);
	json_put_bool(&json, "yes", true);
	json_put_bool(&json, "no", false);
	json_open_object(&json, "open");
	/* json_end() closes what is open. */
	json_end(&json);
	cr_assert_eq(fclose(out), 0);
	cr_expect_str_eq(text,
	    "{\"a\":\"x\",\"list\":[{\"n\":-9223372036854775808},{},"
	    "18446744073709551615,null,[]],\"yes\":true,\"no\":false,"
	    "\"open\":{}}\n");
	free(text);
}

Test(json, every_character_survives)
{
	char every[0x80];

	for (int i = 1; i < 0x80; i++)
		every[i - 1] = (char)i;
	every[0x7f] = '\0';
	begin();
	json_put_text(&json, "low", every);
	json_put_text(
	    &json, "high", "\u00e9\u07ff\u0800\uffff\U00010000\U0010ffff");
	json_put_text(&json, every, "as a key");
	json_t *root = end();
	cr_expect_str_eq(
	    json_string_value(json_object_get(root, "low")), every);
	cr_expect_str_eq(json_string_value(json_object_get(root, "high")),
	    "\u00e9\u07ff\u0800\uffff\U00010000\U0010ffff");
	cr_expect_str_eq(
	    json_string_value(json_object_get(root, every)), "as a key");
	for (size_t i = 0; i + 1 < text_len; i++)
		cr_expect((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
	done(root);
}

Test(json, what_is_not_utf8_is_replaced)
{
	/* overlong, surrogate, too large, lone continuation, cut short */
	static const char *const bad[] = { "\xc0\xaf", "\xc1\xbf",
		"\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\x80",
		"\xe2\x82", "\xf0\x9f\x98", "\xc3" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char mixed[16];
		(void)snprintf(mixed, sizeof(mixed), "a%sb", bad[i]);
		begin();
		json_put_text(&json, "t", mixed);
		json_t *root = end();
		const char *back =
		    json_string_value(json_object_get(root, "t"));
		size_t len = strlen(back);
		cr_expect_eq(back[0], 'a');
		cr_expect_eq(back[len - 1], 'b', "case %zu", i);
		cr_expect_eq(len, 2 + 3 * strlen(bad[i]), "case %zu", i);
		done(root);
	}
}

Test(json, null_text_is_null)
{
	begin();
	json_put_text(&json, "t", NULL);
	json_t *root = end();
	cr_expect(json_is_null(json_object_get(root, "t")));
	done(root);
}

Test(json, doubles_come_back_as_they_were)
{
	static const double values[] = { 0, -1.5, 0.1, 1e-300, 1.7e308,
		2.0 / 3.0, 123456789.123456789, 5e-324 };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		begin();
		json_put_real(&json, "v", values[i]);
		json_t *root = end();
		double back = json_number_value(json_object_get(root, "v"));
		cr_expect(
		    memcmp(&back, &values[i], sizeof(back)) == 0, "%s", text);
		done(root);
	}
}

Test(json, what_json_cannot_say_is_null)
{
	begin();
	json_put_real(&json, "nan", NAN);
	json_put_real(&json, "inf", INFINITY);
	json_put_seconds(&json, "minus", -INFINITY);
	json_t *root = end();
	cr_expect_str_eq(text, "{\"nan\":null,\"inf\":null,\"minus\":null}\n");
	done(root);
}

Test(json, seconds_are_rounded_to_microseconds)
{
	begin();
	json_put_seconds(&json, "s", 2.7134567890123);
	json_put_seconds(&json, "whole", 3.0000000001);
	json_t *root = end();
	cr_expect_str_eq(text, "{\"s\":2.713457,\"whole\":3}\n");
	done(root);
}
