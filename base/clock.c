/*
 * RFC 3339 in one fixed shape: UTC, milliseconds, 24 characters, so that times
 * sort as text and the decoder has nothing to guess.
 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* 9999-12-31T23:59:59.999Z: beyond it the text would outgrow its buffer. */
static const int64_t last_ms = 253402300799999;

double
clock_steady(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int64_t
clock_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_format(int64_t ms, char ret_text[CLOCK_TEXT_BYTES])
{
	char whole[80];
	struct tm tm;

	if (ms < 0)
		ms = 0;
	if (ms > last_ms)
		ms = last_ms;
	time_t seconds = (time_t)(ms / 1000);
	(void)gmtime_r(&seconds, &tm);
	(void)snprintf(whole, sizeof(whole),
	    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (int)(ms % 1000));
	memcpy(ret_text, whole, CLOCK_TEXT_BYTES);
	ret_text[CLOCK_TEXT_BYTES - 1] = '\0';
}

int
clock_parse(const char *text, int64_t *ret_ms, struct err *err)
{
	char again[CLOCK_TEXT_BYTES];
	struct tm tm = { 0 };
	int millis = 0;

	if (strlen(text) == CLOCK_TEXT_BYTES - 1 &&
	    sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &tm.tm_year,
		&tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
		&millis) == 7 &&
	    tm.tm_year >= 1970) {
		tm.tm_year -= 1900;
		tm.tm_mon -= 1;
		int64_t ms = (int64_t)timegm(&tm) * 1000 + millis;

		/* The 31st of February, or a sign, does not come back equal. */
		clock_format(ms, again);
		if (strcmp(again, text) == 0) {
			*ret_ms = ms;
			return 0;
		}
	}
	return err_set(err, ERR_DAMAGED, 0,
	    "'%.40s' is not a time such as 2026-11-21T01:58:00.123Z", text);
}
