/*
 * Which database an assertion means is known only now: the archive says what it
 * has.
 */
#include "restore/asserted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

static const struct scratch_file *
file_named(const struct scratch *scratch, const struct assertion *assertion)
{
	for (size_t i = 0; i < scratch->count; i++) {
		const struct scratch_file *file = &scratch->files[i];

		if (strlen(file->database) == assertion->database_len &&
		    memcmp(file->database, assertion->database,
			assertion->database_len) == 0)
			return file;
	}
	return NULL;
}

static int
nobody_named(const struct scratch *scratch, const char *name, const char *text,
    struct err *err)
{
	(void)err_set(err, ERR_USAGE, 0,
	    "'%s' has several databases, and '%s' does not say which it is "
	    "about",
	    name, text);
	return err_hint(err, "put the database's name before it: '%s: %s'",
	    scratch->files[0].database, text);
}

static int
ask_one(const struct scratch *scratch, const char *name, struct work *work,
    struct asserted_one *one, struct err *err)
{
	struct assertion assertion;

	if (assertion_parse(one->text, &assertion, err) < 0)
		return -1;
	if (assertion.database_len == 0 && scratch->count > 1)
		return nobody_named(scratch, name, one->text, err);
	const struct scratch_file *file = assertion.database_len == 0
					      ? &scratch->files[0]
					      : file_named(scratch, &assertion);
	if (file == NULL) {
		(void)snprintf(one->answer.why, sizeof(one->answer.why),
		    "there is no database of that name in it");
		return 0;
	}
	const struct assertion_image image = {
		.fd = file->fd,
		.name = name,
		.work = work,
	};
	return assertion_ask(&assertion, &image, &one->answer, err);
}

int
asserted_ask(const struct scratch *scratch, const char *name,
    const struct assertions *assertions, struct work *work,
    struct asserted *ret_asserted, struct err *err)
{
	struct asserted *asserted = ret_asserted;

	*asserted = (struct asserted){ .count = 0 };
	if (assertions == NULL || assertions->count == 0)
		return 0;
	asserted->list = calloc(assertions->count, sizeof(*asserted->list));
	if (asserted->list == NULL)
		return err_system(
		    err, "remember %zu assertions", assertions->count);
	work_phase(work, "asserting", 0);
	for (size_t i = 0; i < assertions->count; i++) {
		struct asserted_one *one = &asserted->list[i];

		one->text = assertions->texts[i];
		if (ask_one(scratch, name, work, one, err) < 0)
			return -1;
		asserted->count++;
		asserted->refuted += !one->answer.holds;
	}
	return 0;
}

void
asserted_done(struct asserted *asserted)
{
	free(asserted->list);
	*asserted = (struct asserted){ .count = 0 };
}
