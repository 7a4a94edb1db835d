/*
 * The environment of a child: ours, without what is secret, and with what is
 * told to it.
 *
 * Secret is a variable of ours, LITESAFE_..., with one of the words KEY, PASS,
 * PASSWORD, PASSPHRASE, SECRET, TOKEN, CREDENTIAL(S) or PING in its name: a
 * rule, so that a variable that is added later is covered on its first day.
 * What other programs keep in the environment is theirs (AWS_..., PGPASSWORD):
 * a hook may be the very program that it was put there for.
 */
#ifndef NOTIFY_CHILD_ENVIRONMENT_H
#define NOTIFY_CHILD_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "notify/hook.h"

/*
 * As execve(2) takes it, in one piece for free().  The variables win over
 * those that were inherited.
 */
int child_environment(const struct hook_variable *variables, size_t count,
    char ***ret_environment, struct err *err);

/* `entry` is "NAME=VALUE". */
bool child_environment_is_secret(const char *entry);

#endif
