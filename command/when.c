/*
 * A date and a time of day become a moment by way of the two offsets from UTC
 * that hold a day before and a day after it: the moment is right for whichever
 * of them the zone itself confirms.  mktime() is not asked, because what it
 * makes of a time that comes twice or never is its own choice, and
 * tm_isdst does not know changes that are no summer time.
 */
#include "command/when.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/units.h"

enum { DAY = 86400, SECOND_MS = 1000 };

/* A date and a time of day, of any zone. */
struct civil {
	int year, month, day, hour, minute, second;
};

static bool
take_digits(const char **at, int count, int *ret_value)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (!isdigit((unsigned char)(*at)[i]))
			return false;
		value = value * 10 + ((*at)[i] - '0');
	}
	*at += count;
	*ret_value = value;
	return true;
}

static bool
take_word(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

/* As if the zone were UTC; a day that does not exist becomes another. */
static time_t
as_utc(const struct civil *civil)
{
	struct tm tm = {
		.tm_year = civil->year - 1900,
		.tm_mon = civil->month - 1,
		.tm_mday = civil->day,
		.tm_hour = civil->hour,
		.tm_min = civil->minute,
		.tm_sec = civil->second,
	};

	return timegm(&tm);
}

/* 2026-11-19: a day of the calendar, since 1970. */
static bool
take_date(const char **at, struct civil *civil)
{
	struct tm tm;

	if (!take_digits(at, 4, &civil->year) || !take_word(at, "-") ||
	    !take_digits(at, 2, &civil->month) || !take_word(at, "-") ||
	    !take_digits(at, 2, &civil->day))
		return false;
	if (civil->year < 1970 || civil->month < 1 || civil->month > 12)
		return false;
	time_t noon = as_utc(
	    &(struct civil){ civil->year, civil->month, civil->day, 12, 0, 0 });
	return gmtime_r(&noon, &tm) != NULL && tm.tm_mday == civil->day;
}

/* 18:00 */
static bool
take_minutes(const char **at, struct civil *civil)
{
	return take_digits(at, 2, &civil->hour) && take_word(at, ":") &&
	       take_digits(at, 2, &civil->minute) && civil->hour < 24 &&
	       civil->minute < 60;
}

/* :30 */
static bool
take_seconds(const char **at, struct civil *civil)
{
	return take_word(at, ":") && take_digits(at, 2, &civil->second) &&
	       civil->second < 60;
}

/* .123: what is finer than a millisecond is cut off. */
static bool
take_fraction(const char **at, int64_t *ret_ms)
{
	int64_t ms = 0, scale = 100;

	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); (*at)++, scale /= 10)
		ms += scale * (**at - '0');
	*ret_ms = ms;
	return true;
}

/* Z, +01:00, -05:30 */
static bool
take_zone(const char **at, int64_t *ret_offset)
{
	struct civil zone;

	*ret_offset = 0;
	if (take_word(at, "Z") || take_word(at, "z"))
		return true;
	int sign = take_word(at, "+") ? 1 : -1;
	if ((sign < 0 && !take_word(at, "-")) || !take_minutes(at, &zone))
		return false;
	*ret_offset = sign * (zone.hour * 3600 + zone.minute * 60);
	return true;
}

static bool
parse_rfc3339(const char *text, int64_t *ret_ms)
{
	struct civil civil;
	int64_t offset, ms = SECOND_MS - 1;

	if (!take_date(&text, &civil) ||
	    !(take_word(&text, "T") || take_word(&text, "t")) ||
	    !take_minutes(&text, &civil) || !take_seconds(&text, &civil) ||
	    (take_word(&text, ".") && !take_fraction(&text, &ms)) ||
	    !take_zone(&text, &offset) || *text != '\0')
		return false;
	*ret_ms = ((int64_t)as_utc(&civil) - offset) * SECOND_MS + ms;
	return true;
}

/* Seconds east of UTC at that moment. */
static time_t
offset_at(time_t moment)
{
	struct tm tm;

	return localtime_r(&moment, &tm) == NULL ? 0 : tm.tm_gmtoff;
}

static time_t
as_local(const struct civil *civil)
{
	time_t utc = as_utc(civil);
	time_t before = utc - offset_at(utc - DAY);
	time_t after = utc - offset_at(utc + DAY);
	time_t late = before > after ? before : after;
	time_t early = before > after ? after : before;

	if (late + offset_at(late) == utc)
		return late;
	return early + offset_at(early) == utc ? early : before;
}

/* "yesterday" and "today", by the local calendar. */
static bool
take_day_name(const char **at, int64_t now_ms, struct civil *civil)
{
	time_t now = (time_t)(now_ms / SECOND_MS);
	int back = take_word(at, "yesterday") ? 1 : 0;
	struct tm tm;

	if (back == 0 && !take_word(at, "today"))
		return false;
	if (localtime_r(&now, &tm) == NULL)
		return false;
	/* Noon of a day of the calendar: no clock is changed here. */
	time_t noon = as_utc(&(struct civil){
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday - back, 12, 0, 0 });
	if (gmtime_r(&noon, &tm) == NULL)
		return false;
	*civil = (struct civil){ .year = tm.tm_year + 1900,
		.month = tm.tm_mon + 1,
		.day = tm.tm_mday };
	return true;
}

static bool
parse_local(const char *text, int64_t now_ms, int64_t *ret_ms)
{
	struct civil civil = { .second = 0 };

	if (!take_day_name(&text, now_ms, &civil) && !take_date(&text, &civil))
		return false;
	if (*text == '\0') {
		civil.hour = 23;
		civil.minute = civil.second = 59;
	} else if (!take_word(&text, " ") || !take_minutes(&text, &civil) ||
		   (*text != '\0' && !take_seconds(&text, &civil)) ||
		   *text != '\0') {
		return false;
	}
	*ret_ms = (int64_t)as_local(&civil) * SECOND_MS + SECOND_MS - 1;
	return true;
}

/* "now", "now-2h", "2h ago": a plain number could be anything. */
static bool
parse_ago(const char *text, int64_t now_ms, int64_t *ret_ms)
{
	static const char ago[] = " ago";
	size_t len = strlen(text), tail = sizeof(ago) - 1;
	char duration[32];
	double seconds;

	if (strcmp(text, "now") == 0) {
		*ret_ms = now_ms;
		return true;
	}
	if (take_word(&text, "now-")) {
		len -= strlen("now-");
	} else {
		if (len < tail || strcmp(text + len - tail, ago) != 0)
			return false;
		len -= tail;
	}
	if (len == 0 || len >= sizeof(duration) ||
	    isdigit((unsigned char)text[len - 1]))
		return false;
	(void)snprintf(duration, sizeof(duration), "%.*s", (int)len, text);
	if (units_parse_duration(duration, &seconds) < 0)
		return false;
	*ret_ms = now_ms - (int64_t)(seconds * SECOND_MS);
	return true;
}

int
when_parse(const char *text, int64_t now_ms, int64_t *ret_ms, struct err *err)
{
	int64_t ms = -1;

	/* localtime_r() need not look at TZ. */
	tzset();
	if (!parse_ago(text, now_ms, &ms) && !parse_rfc3339(text, &ms) &&
	    !parse_local(text, now_ms, &ms))
		(void)err_set(err, ERR_USAGE, 0, "'%s' is not a time", text);
	else if (ms < 0)
		(void)err_set(err, ERR_USAGE, 0, "'%s' lies before 1970", text);
	else {
		*ret_ms = ms;
		return 0;
	}
	return err_hint(err,
	    "times are like 2026-11-19, '2026-11-19 18:00', yesterday, "
	    "'yesterday 18:00', 'today 09:30', 2026-11-19T18:00:00Z, and "
	    "'10m ago' (m minutes, h hours, d days, w weeks)");
}

void
when_words(int64_t ms, char ret_text[WHEN_TEXT_BYTES])
{
	time_t seconds = (time_t)(ms / 1000);
	char local[64] = "", utc[CLOCK_TEXT_BYTES];
	struct tm tm;

	if (localtime_r(&seconds, &tm) != NULL)
		(void)strftime(local, sizeof(local), "%F %T %Z", &tm);
	clock_format(ms, utc);
	(void)snprintf(ret_text, WHEN_TEXT_BYTES, "%s (%s)", local, utc);
}
