/*
 * A number is read as its whole part, exactly, and its fraction: a size of
 * more than 2^53 bytes must not lose its last digits on the way.  strtod() is
 * not asked, because it also takes "inf", "nan", "0x10" and "1e9".
 */
#include "base/units.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	double seconds;
};

static const struct unit durations[] = {
	{ "", 1 },
	{ "ms", 0.001 },
	{ "s", 1 },
	{ "m", 60 },
	{ "h", 3600 },
	{ "d", 86400 },
	{ "w", 604800 },
};

static const double longest_seconds = 315576000000.0; /* 10,000 years */

/* Digits, and perhaps a point and more digits; *ret_end is what follows. */
static bool
read_number(const char *text, uint64_t *ret_whole, double *ret_fraction,
    const char **ret_end)
{
	uint64_t whole = 0;
	double fraction = 0, scale = 1;
	const char *p = text;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*p - '0'), &whole))
			return false;
	}
	if (*p == '.') {
		p++;
		if (!isdigit((unsigned char)*p))
			return false;
		for (; isdigit((unsigned char)*p); p++) {
			scale /= 10;
			fraction += scale * (*p - '0');
		}
	}
	*ret_whole = whole;
	*ret_fraction = fraction;
	*ret_end = p;
	return true;
}

int
units_parse_duration(const char *text, double *ret_seconds)
{
	uint64_t whole;
	double fraction;
	const char *end;

	if (!read_number(text, &whole, &fraction, &end))
		return -1;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		if (strcmp(end, durations[i].name) != 0)
			continue;
		double seconds =
		    ((double)whole + fraction) * durations[i].seconds;
		if (seconds > longest_seconds)
			return -1;
		*ret_seconds = seconds;
		return 0;
	}
	return -1;
}

/* The power of two of "", "K", "MiB", ...; -1 for anything else. */
static int
size_shift(const char *unit)
{
	static const char letters[] = "KMGT";

	if (unit[0] == '\0')
		return 0;
	const char *at = strchr(letters, toupper((unsigned char)unit[0]));
	if (at == NULL || (unit[1] != '\0' && strcasecmp(unit + 1, "iB") != 0))
		return -1;
	return 10 * (int)(at - letters + 1);
}

int
units_parse_size(const char *text, uint64_t *ret_bytes)
{
	uint64_t whole, bytes;
	double fraction;
	const char *end;

	if (!read_number(text, &whole, &fraction, &end))
		return -1;
	int shift = size_shift(end);
	if (shift < 0 || (shift == 0 && fraction > 0))
		return -1;
	uint64_t unit = (uint64_t)1 << shift;
	if (__builtin_mul_overflow(whole, unit, &bytes) ||
	    __builtin_add_overflow(
		bytes, (uint64_t)(fraction * (double)unit), &bytes))
		return -1;
	*ret_bytes = bytes;
	return 0;
}

/* "2 min 05 s": `big` of the first unit, `small` of the second. */
static void
two_units(char *ret_text, uint64_t seconds, uint64_t unit, const char *name,
    uint64_t part, const char *part_name)
{
	(void)snprintf(ret_text, UNITS_TEXT_BYTES, "%llu %s %02llu %s",
	    (unsigned long long)(seconds / unit), name,
	    (unsigned long long)(seconds % unit / part), part_name);
}

void
units_format_duration(double seconds, char ret_text[UNITS_TEXT_BYTES])
{
	double ms = seconds * 1000;

	if (!(seconds > 0)) {
		(void)snprintf(ret_text, UNITS_TEXT_BYTES, "0 ms");
	} else if (ms < 9.95) {
		(void)snprintf(ret_text, UNITS_TEXT_BYTES, "%.1f ms", ms);
	} else if (ms < 999.5) {
		(void)snprintf(ret_text, UNITS_TEXT_BYTES, "%.0f ms", ms);
	} else if (seconds < 59.95) {
		(void)snprintf(ret_text, UNITS_TEXT_BYTES, "%.1f s", seconds);
	} else {
		if (seconds > longest_seconds)
			seconds = longest_seconds;
		uint64_t whole = (uint64_t)(seconds + 0.5);
		if (whole < 3600)
			two_units(ret_text, whole, 60, "min", 1, "s");
		else if (whole < 86400)
			two_units(ret_text, whole, 3600, "h", 60, "min");
		else
			two_units(ret_text, whole, 86400, "d", 3600, "h");
	}
}

void
units_format_size(uint64_t bytes, char ret_text[UNITS_TEXT_BYTES])
{
	static const char *const names[] = { "KiB", "MiB", "GiB", "TiB", "PiB",
		"EiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		(void)snprintf(
		    ret_text, UNITS_TEXT_BYTES, "%u B", (unsigned)bytes);
		return;
	}
	/* 1023.95 would be shown as 1024.0: it is 1.0 of the next unit. */
	while (
	    value >= 1023.95 && unit + 1 < sizeof(names) / sizeof(names[0])) {
		value /= 1024;
		unit++;
	}
	(void)snprintf(
	    ret_text, UNITS_TEXT_BYTES, "%.1f %s", value, names[unit]);
}
