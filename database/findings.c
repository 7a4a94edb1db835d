/*
 * The list is fixed in size, so that hostile input cannot make it grow; the
 * counts go on, and damage is never crowded out by lesser news.
 */
#include "database/findings.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"

static unsigned *
counter_of(struct findings *findings, enum finding_kind kind)
{
	switch (kind) {
	case FINDING_DAMAGED:
		return &findings->damaged;
	case FINDING_UNVERIFIABLE:
		return &findings->unverifiable;
	case FINDING_NOTE:
		break;
	}
	return &findings->notes;
}

/* A free entry, or the last one of the least kind that is below `kind`. */
static struct finding *
place_for(struct findings *findings, enum finding_kind kind)
{
	if (findings->listed < FINDINGS_MAX)
		return &findings->list[findings->listed++];
	for (int lesser = FINDING_NOTE; lesser > (int)kind; lesser--)
		for (unsigned i = FINDINGS_MAX; i-- > 0;)
			if (findings->list[i].kind == (enum finding_kind)lesser)
				return &findings->list[i];
	return NULL;
}

void
findings_add(struct findings *findings, enum finding_kind kind,
    const char *object, const char *fmt, ...)
{
	struct finding *place = place_for(findings, kind);
	char text[1024];
	va_list args;

	(*counter_of(findings, kind))++;
	if (place == NULL)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	place->kind = kind;
	text_printable(object, place->object, sizeof(place->object));
	text_printable(text, place->text, sizeof(place->text));
}

const char *
findings_first_damage(const struct findings *findings)
{
	for (unsigned i = 0; i < findings->listed; i++)
		if (findings->list[i].kind == FINDING_DAMAGED)
			return findings->list[i].text;
	return "see the findings";
}
