/*
 * The exit code is that of damage: for who has to act at night it is the same,
 * a backup that does not hold what it must.  The words are not, because what to
 * do is not.
 */
#include "command/assertions.h"

#include <stdio.h>

#include "base/quote.h"
#include "base/text.h"
#include "database/assertion.h"
#include "restore/verify.h"

enum { words_bytes = 560 };

struct assertions
assertions_wanted(const struct options *options)
{
	return (struct assertions){
		.texts = options->check_sql.list,
		.count = options->check_sql.count,
	};
}

int
assertions_check(const struct options *options, struct err *err)
{
	struct assertion ignored;

	for (size_t i = 0; i < options->check_sql.count; i++)
		if (assertion_parse(options->check_sql.list[i], &ignored, err) <
		    0)
			return err->kind == ERR_USAGE
				   ? err_within(err, "--check-sql")
				   : -1;
	if (options->check_sql.count == 0 ||
	    options->verify_level == VERIFY_RESTORE)
		return 0;
	(void)err_set(err, ERR_USAGE, 0,
	    "--check-sql asks the restored copy, and --level stored makes "
	    "none");
	return err_hint(err, "leave one of them out");
}

int
assertions_name_set(const struct options *options, struct err *err)
{
	if (options->check_sql.count == 0 || options->operand_count > 0)
		return 0;
	(void)err_set(err, ERR_USAGE, 0,
	    "--check-sql is about one set of the repository, and none is "
	    "named");
	return err_hint(err, "name it, as shown by: litesafe list -r %s",
	    quote_word(options->repository, "PATH").text);
}

/* "'SELECT ...' gives 0"; "'SELECT ...': no such table: users". */
static void
words_of(const struct asserted_one *one, char ret_text[words_bytes])
{
	char text[256];

	text_printable(one->text, text, sizeof(text));
	if (one->answer.has_value)
		(void)snprintf(ret_text, words_bytes, "'%s' gives '%s'", text,
		    one->answer.value);
	else
		(void)snprintf(
		    ret_text, words_bytes, "'%s': %s", text, one->answer.why);
}

void
assertions_say(struct say *say, const struct asserted *asserted)
{
	char words[words_bytes];

	for (size_t i = 0; i < asserted->count; i++) {
		const struct asserted_one *one = &asserted->list[i];

		words_of(one, words);
		if (one->answer.holds)
			say_detail(say, "  as asserted: %s", words);
		else
			say_line(say, "  not as asserted: %s", words);
	}
}

void
assertions_put(struct json *json, const struct asserted *asserted)
{
	if (asserted->count == 0)
		return;
	json_open_array(json, "assertions");
	for (size_t i = 0; i < asserted->count; i++) {
		const struct asserted_one *one = &asserted->list[i];

		json_open_object(json, NULL);
		json_put_text(json, "sql", one->text);
		json_put_text(json, "result",
		    one->answer.has_value ? one->answer.value : NULL);
		json_put_bool(json, "ok", one->answer.holds);
		if (!one->answer.has_value)
			json_put_text(json, "reason", one->answer.why);
		json_close(json);
	}
	json_close(json);
}

int
assertions_judge(
    const struct asserted *asserted, const char *object, struct err *err)
{
	char words[words_bytes];

	for (size_t i = 0; i < asserted->count; i++) {
		if (asserted->list[i].answer.holds)
			continue;
		words_of(&asserted->list[i], words);
		(void)err_set(err, ERR_DAMAGED, 0, "%s is not as asserted: %s",
		    object, words);
		return err_hint(err,
		    "every stored byte is right: so the database was when it "
		    "was backed up; look at it, and restore an earlier state "
		    "if it lost something");
	}
	return 0;
}
