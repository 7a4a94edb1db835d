/*
 * One small reader for each kind of value.  A message tells the range, because
 * who mistyped a value needs to know which ones there are.
 */
#include "command/option_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

static int
parse_flag(const char *text, bool *ret_flag)
{
	static const char *const words[] = { "0", "no", "false", "off", "1",
		"yes", "true", "on" };

	for (size_t i = 0; i < 8; i++) {
		if (strcmp(text, words[i]) == 0) {
			*ret_flag = i >= 4;
			return 0;
		}
	}
	return -1;
}

static int
parse_choice(const char *text, const char *choices, int *ret_index)
{
	size_t len = strlen(text);

	for (int i = 0;; i++) {
		size_t end = strcspn(choices, "|");
		if (end == len && strncmp(choices, text, len) == 0) {
			*ret_index = i;
			return 0;
		}
		if (choices[end] == '\0')
			return -1;
		choices += end + 1;
	}
}

static int
parse_integer(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || value < min || value > max)
		return -1;
	*ret_value = value;
	return 0;
}

static int
add_text(struct texts *texts, const char *text)
{
	if (text[0] == '\0' || texts->count == TEXTS_MAX)
		return -1;
	const char **list =
	    reallocarray(texts->list, texts->count + 1, sizeof(*list));
	if (list == NULL)
		return -1;
	list[texts->count++] = text;
	texts->list = list;
	return 0;
}

int
option_value_read(const struct option *option, const char *text, void *field)
{
	switch (option->kind) {
	case OPTION_FLAG:
		return parse_flag(text, field);
	case OPTION_TEXT:
		*(const char **)field = text;
		return text[0] == '\0' ? -1 : 0;
	case OPTION_TEXTS:
		return add_text(field, text);
	case OPTION_CHOICE:
		return parse_choice(text, option->choices, field);
	case OPTION_INTEGER:
		return parse_integer(text, option->min, option->max, field);
	case OPTION_DURATION: {
		double seconds;
		if (units_parse_duration(text, &seconds) < 0 ||
		    (option->max > 0 && seconds > (double)option->max))
			return -1;
		*(double *)field = seconds;
		return 0;
	}
	case OPTION_SIZE:
		return units_parse_size(text, field);
	}
	return -1;
}

static int
refuse_empty(const char *who, struct err *err)
{
	(void)err_set(err, ERR_USAGE, 0, "%s: the value is empty", who);
	return err_hint(err, "give it a value, or leave it out");
}

/* "21d", "1h", "5m" */
static int
too_long(const struct option *option, const char *who, const char *text,
    struct err *err)
{
	static const struct {
		int64_t seconds;
		char letter;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;

	while (option->max % units[i].seconds != 0)
		i++;
	return err_set(err, ERR_USAGE, 0,
	    "%s: '%s' is not a duration of at most %lld%c", who, text,
	    (long long)(option->max / units[i].seconds), units[i].letter);
}

static int
refuse_duration(const struct option *option, const char *who, const char *text,
    struct err *err)
{
	if (option->max == 0)
		(void)err_set(
		    err, ERR_USAGE, 0, "%s: '%s' is not a duration", who, text);
	else
		(void)too_long(option, who, text, err);
	return err_hint(err,
	    "durations are like 250ms, 30s, 5m, 2h, 1d, 1w; a plain number is "
	    "seconds");
}

int
option_value_refuse(const struct option *option, const char *who,
    const char *text, struct err *err)
{
	switch (option->kind) {
	case OPTION_FLAG:
		return err_set(err, ERR_USAGE, 0,
		    "%s: '%s' is neither yes nor no", who, text);
	case OPTION_TEXT:
		return refuse_empty(who, err);
	case OPTION_TEXTS:
		return text[0] == '\0'
			   ? refuse_empty(who, err)
			   : err_set(err, ERR_USAGE, 0,
				 "%s: there are more than %d of them", who,
				 TEXTS_MAX);
	case OPTION_CHOICE:
		return err_set(err, ERR_USAGE, 0, "%s: '%s' is not one of %s",
		    who, text, option->choices);
	case OPTION_INTEGER:
		return err_set(err, ERR_USAGE, 0,
		    "%s: '%s' is not a whole number from %lld to %lld", who,
		    text, (long long)option->min, (long long)option->max);
	case OPTION_DURATION:
		return refuse_duration(option, who, text, err);
	case OPTION_SIZE:
		break;
	}
	(void)err_set(err, ERR_USAGE, 0, "%s: '%s' is not a size", who, text);
	return err_hint(err, "sizes are like 4096, 64M, 1.5G (powers of 1024)");
}

void *
option_value_field(const struct option *option, struct options *options)
{
	return (char *)options + option->field;
}

const char *
option_value_environment(const struct option *option)
{
	const char *text =
	    option->environment == NULL ? NULL : getenv(option->environment);

	return text == NULL || text[0] == '\0' ? NULL : text;
}

int
option_value_from_environment(
    const struct option *option, struct options *options, struct err *err)
{
	const char *text = option_value_environment(option);

	if (text == NULL || option_value_read(option, text,
				option_value_field(option, options)) == 0)
		return 0;
	return option_value_refuse(option, option->environment, text, err);
}
