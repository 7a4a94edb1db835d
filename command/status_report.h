/*
 * A look at sets, for people and for programs: a line for each, and what was
 * found below it.
 */
#ifndef COMMAND_STATUS_REPORT_H
#define COMMAND_STATUS_REPORT_H

#include "command/status_round.h"

void status_report(const struct status_round *round);

#endif
