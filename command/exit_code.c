/*
 * Two small tables; the numbers are promised in litesafe(1), EXIT STATUS.
 */
#include "command/exit_code.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "command/spell_keys.h"

int
exit_code(const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
		return EXIT_OK;
	case ERR_FAILED:
		return EXIT_FAILED;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_DAMAGED:
		return EXIT_DAMAGED;
	case ERR_ABSENT:
		return EXIT_ABSENT;
	case ERR_BUSY:
		return EXIT_BUSY;
	case ERR_NO_SPACE:
		return EXIT_NO_SPACE;
	case ERR_INPUT:
		return EXIT_INPUT;
	case ERR_REFUSED:
		return EXIT_REFUSED;
	case ERR_REPOSITORY:
		return EXIT_REPOSITORY;
	case ERR_PARTIAL:
		return EXIT_PARTIAL;
	case ERR_STOPPED:
		return EXIT_SIGNAL + err->code;
	}
	return EXIT_FAILED;
}

static bool
stores(const char *command)
{
	return command != NULL &&
	       (strcmp(command, "backup") == 0 || strcmp(command, "run") == 0);
}

static void
fill_hint(struct err *err, const char *command)
{
	if (err->code == EACCES &&
	    (err->kind == ERR_FAILED || err->kind == ERR_REPOSITORY)) {
		(void)err_hint(err,
		    "run litesafe as the user who owns that, or let this user "
		    "in (see 'ls -ld'); a repository is for the user who made "
		    "it");
		return;
	}
	switch (err->kind) {
	case ERR_USAGE:
		if (command == NULL)
			(void)err_hint(err, "see 'litesafe --help'");
		else
			(void)err_hint(
			    err, "see 'litesafe %s --help'", command);
		break;
	case ERR_BUSY:
		(void)err_hint(err, "try again when the other process is done");
		break;
	case ERR_REPOSITORY:
		(void)err_hint(err,
		    "see whether the path is right, and its filesystem "
		    "mounted");
		break;
	case ERR_NO_SPACE:
		(void)err_hint(err,
		    "make room (see 'df -h' and 'quota'), then run it again%s",
		    stores(command) ? "; in a repository 'litesafe prune' "
				      "makes room, also on a full disk"
				    : "");
		break;
	case ERR_DAMAGED:
		if (command != NULL && strcmp(command, "backup") == 0)
			(void)err_hint(err,
			    "'litesafe doctor' tells more of the database; "
			    "if it is damaged, keep it, and restore a good "
			    "state: 'litesafe restore --help'");
		break;
	default:
		break;
	}
}

void
hint_for(struct err *err, const char *command)
{
	if (err->hint[0] == '\0')
		fill_hint(err, command);
	if (command != NULL && strcmp(command, "run") == 0)
		spell_keys(err);
}
