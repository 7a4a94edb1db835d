/*
 * litesafe: safe online backups of SQLite databases, proven to restore.
 *
 * The only place that turns an error into an exit code.
 */
#include <stdio.h>

#include "base/clock.h"
#include "command/command.h"
#include "command/exit_code.h"
#include "command/options_file.h"
#include "command/report.h"
#include "command/signals.h"

/* Not on the stack: a signal handler may still look at it after main(). */
static struct session session;

int
main(int argc, char **argv)
{
	struct err err = { .kind = ERR_NONE };

	session.started = clock_steady();
	signals_fill_standard_fds();
	signals_catch(&session.work);

	int rc =
	    options_read(argc, argv, &session.command, &session.options, &err);
	if (rc == 0)
		rc = options_file_read(
		    session.command, &session.options, &session.config, &err);
	if (say_begin(&session.options, &session.say, &err) < 0) {
		perror("litesafe");
		return EXIT_FAILED;
	}
	/* A command line that makes no sense is told in the log as well. */
	say_open_log(&session.say, &session.options);
	if (rc == 0)
		rc = command_run(&session, &err);
	return report_end(&session, rc, &err);
}
