/*
 * An error is three fixed fields of text and number.  Text that does not fit
 * is cut; the beginning, which names what failed, is what survives.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *err, enum err_kind kind, int code, const char *fmt, ...)
{
	va_list args;

	err->kind = kind;
	err->code = code;
	err->hint[0] = '\0';
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -1;
}

int
err_system(struct err *err, const char *fmt, ...)
{
	int code = errno;
	va_list args;

	err->kind =
	    code == ENOSPC || code == EDQUOT ? ERR_NO_SPACE : ERR_FAILED;
	err->code = code;
	err->hint[0] = '\0';
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);

	size_t len = strlen(err->text);
	(void)snprintf(
	    err->text + len, sizeof(err->text) - len, ": %s", strerror(code));
	return -1;
}

int
err_within(struct err *err, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	va_list args;

	memcpy(inner, err->text, sizeof(inner));
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);

	size_t len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", inner);
	return -1;
}

int
err_hint(struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(err->hint, sizeof(err->hint), fmt, args);
	va_end(args);
	return -1;
}
