/*
 * A look at sets as the one line of a monitoring plugin, and its exit codes
 * (monitoring-plugins.org, Plugin Development Guidelines).
 *
 *     LITESAFE OK - 3 sets fresh, oldest 3 h 02 min | sets=3;;;0 ...
 */
#ifndef COMMAND_STATUS_NAGIOS_H
#define COMMAND_STATUS_NAGIOS_H

#include "base/err.h"
#include "command/status_round.h"

enum nagios { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

/*
 * The line, without its end.  An error or damage is critical; what could not be
 * looked at is unknown, where nothing is critical; no set at all is unknown.
 */
enum nagios
nagios_line(const struct status_round *round, char ret_line[PLUGIN_LINE_BYTES]);

/* The line of a run that came to no answer. */
void
nagios_line_of_error(const struct err *err, char ret_line[PLUGIN_LINE_BYTES]);

#endif
