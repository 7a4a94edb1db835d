/*
 * Where a command works: on files that are named, or in a repository; and
 * where this machine keeps its state.
 *
 * -r always means the repository.  LITESAFE_REPOSITORY, and behind it the key
 * `repository` of [global], stand for a -r that was not typed, so they must not
 * take a command away from the files it names: they do not count when there is
 * a -o, and for `show`, `restore` and `verify` not when the first operand can only be a file: "-", NAME.tar.zst,
 * or a path that begins with "/", "./" or "../", as no set's name does.
 */
#ifndef COMMAND_WHERE_H
#define COMMAND_WHERE_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "command/command.h"
#include "repository/repository.h"

/* For the commands that do both. */
bool where_in_repository(const struct session *session);

/* Opens it; ERR_USAGE when none was named. */
int where_repository(const struct session *session,
    struct repository *ret_repository, struct err *err);

/* --state, or the default: for state_open(). */
int where_state(
    const struct session *session, char ret_base[PATH_MAX], struct err *err);

/*
 * The state cannot be used: a warning, "WHAT: why", once in a run, however many
 * sets there are.
 */
void where_state_missed(
    struct session *session, const char *what, const struct err *why);

#endif
