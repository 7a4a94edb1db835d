/*
 * A failed backup is in the list, too: a hook that gets several lines finds
 * those of one set at one number in all of them.
 */
#include "command/run_sets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

void
run_sets_auto(struct run_sets *sets)
{
	for (size_t i = 0; i < sets->count; i++) {
		free(sets->list[i].name);
		free(sets->list[i].error);
	}
	free(sets->list);
	*sets = (struct run_sets){ .count = 0 };
}

static void
take_result(struct run_set *set, const struct backup_result *result)
{
	const struct manifest *m = &result->manifest;

	set->full = !manifest_is_increment(m);
	set->unchanged = result->unchanged;
	set->proved = result->proved;
	set->bytes = result->unchanged ? 0 : result->file.bytes;
	set->pin_seconds = m->pin_seconds;
	set->seconds = result->seconds;
	(void)stpcpy(set->id, result->unchanged ? m->parent : m->id);
}

/* NULL when memory is gone. */
static struct run_set *
append(struct run_sets *sets)
{
	if (sets->count == sets->room) {
		size_t room = sets->room == 0 ? 16 : sets->room * 2;
		struct run_set *list =
		    reallocarray(sets->list, room, sizeof(*list));

		if (list == NULL)
			return NULL;
		sets->list = list;
		sets->room = room;
	}
	sets->list[sets->count] = (struct run_set){ .bytes = 0 };
	return &sets->list[sets->count++];
}

/* Of several databases that would be one set, each is told of. */
static bool
is_told(const struct run_sets *sets, const struct backup_story *story)
{
	const struct run_set *last =
	    sets->count == 0 ? NULL : &sets->list[sets->count - 1];

	return story->result == NULL && last != NULL && last->name != NULL &&
	       strcmp(last->name, story->set) == 0;
}

void
run_sets_told(void *ctx, const struct backup_story *story)
{
	struct run_sets *sets = ctx;
	if (is_told(sets, story))
		return;
	struct run_set *set = append(sets);
	if (set != NULL) {
		set->name = strdup(story->set);
		if (story->err != NULL)
			set->error = strdup(story->err->text);
		else if (story->result != NULL)
			take_result(set, story->result);
	}
	if (set == NULL || set->name == NULL ||
	    (story->err != NULL && set->error == NULL))
		sets->lost = true;
}

int
run_sets_check(const struct run_sets *sets, struct err *err)
{
	if (!sets->lost)
		return 0;
	errno = ENOMEM;
	return err_system(err, "remember which sets were stored");
}

static void
put_field(FILE *out, const struct run_set *set, enum run_sets_field field)
{
	switch (field) {
	case RUN_SETS_NAME:
		(void)fputs(set->name == NULL ? "" : set->name, out);
		return;
	case RUN_SETS_SNAPSHOT:
		(void)fputs(set->id, out);
		return;
	case RUN_SETS_BYTES:
		(void)fprintf(out, "%" PRIu64, set->bytes);
		return;
	case RUN_SETS_PIN:
		(void)fprintf(out, "%.6f", set->pin_seconds);
		return;
	}
}

char *
run_sets_lines(const struct run_sets *sets, enum run_sets_field field)
{
	AUTO(free) char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < sets->count && i < RUN_SETS_LISTED; i++) {
		if (i > 0)
			(void)fputc('\n', out);
		put_field(out, &sets->list[i], field);
	}
	return fclose(out) == 0 ? take_ptr(&text) : NULL;
}
