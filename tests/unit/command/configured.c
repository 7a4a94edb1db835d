#include "tests/unit/command/configured.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/shared/folder.h"

void
configured_begin(void)
{
	for (const struct option *o = option_table; o->name != NULL; o++)
		if (o->environment != NULL)
			(void)unsetenv(o->environment);
	folder_make();
}

void
configured_write(const char *text)
{
	folder_write(folder_path("a.conf"), text);
	(void)chmod(folder_path("a.conf"), 0644);
}

void
configured_line(const char *words, const struct command **ret_command,
    struct options *ret_options)
{
	static char buffer[PATH_MAX + 300], *argv[16];
	struct err err = { 0 };
	int argc = 0;

	(void)snprintf(buffer, sizeof(buffer), "litesafe %s -c %s", words,
	    folder_path("a.conf"));
	for (char *w = strtok(buffer, " "); w != NULL; w = strtok(NULL, " "))
		argv[argc++] = w;
	cr_assert_eq(options_read(argc, argv, ret_command, ret_options, &err),
	    0, "%s", err.text);
}
