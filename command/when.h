/*
 * Moments as people name them, for --at: "the newest snapshot at or before".
 *
 *     2026-11-19T18:00:00Z            RFC 3339
 *     2026-11-19 18:00, ... 18:00:30  the local zone (TZ)
 *     2026-11-19, yesterday, today    the end of that day, local
 *     yesterday 18:00, today 09:30
 *     now, 2h ago, now-2h             any duration with a unit; a day is 24 h
 *
 * A second that is named is meant whole: its end, so that the time of a
 * snapshot, given without its milliseconds, finds it.  A local time that comes
 * twice, when clocks are put back, is the later one; one that never comes,
 * when they are put forward, is what a clock that nobody touched would show.
 */
#ifndef COMMAND_WHEN_H
#define COMMAND_WHEN_H

#include <stdint.h>

#include "base/err.h"

/*
 * Milliseconds since 1970, UTC; `now_ms` is the present.  Anything else than
 * the above, and what lies before 1970, is ERR_USAGE with examples.
 */
int
when_parse(const char *text, int64_t now_ms, int64_t *ret_ms, struct err *err);

/*
 * "2026-11-26 18:00:00 CET (2026-11-26T17:00:00.999Z)": as the local zone and
 * as UTC say it.
 */
enum { WHEN_TEXT_BYTES = 128 };
void when_words(int64_t ms, char ret_text[WHEN_TEXT_BYTES]);

#endif
