/*
 * What works for a command line and for a configuration says what is wrong in
 * options.  Where only the configuration can be changed, they are its keys.
 */
#ifndef COMMAND_SPELL_KEYS_H
#define COMMAND_SPELL_KEYS_H

#include "base/err.h"

/*
 * In text and hint, "--max-pin" becomes "max-pin", "--set NAME" "set = NAME",
 * and "--frozen" "frozen = yes".  Options that a job's command has stay, and so
 * do command lines of litesafe.
 */
void spell_keys(struct err *err);

#endif
