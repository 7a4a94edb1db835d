/*
 * For a process that is not dumpable the kernel gives /proc/PID to root, but
 * lets the process itself go on using /proc/self/fd, by which drafts get their
 * names.
 */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/auto.h"

void
secret_guard(void)
{
	/* Cannot fail with these arguments (prctl(2)). */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void
secret_free(char *text)
{
	if (text == NULL)
		return;
	explicit_bzero(text, strlen(text));
	free(text);
}

void
secret_auto(char **place)
{
	secret_free(take_ptr(place));
}
