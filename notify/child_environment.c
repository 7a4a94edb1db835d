/*
 * One piece of memory: the list first, then the texts that are made for it.
 */
#include "notify/child_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
is_secret_word(const char *word, size_t len)
{
	static const char *const secret[] = { "KEY", "KEYS", "PASS", "PASSWORD",
		"PASSPHRASE", "SECRET", "SECRETS", "TOKEN", "CREDENTIAL",
		"CREDENTIALS", "PING" };

	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		if (strlen(secret[i]) == len &&
		    strncmp(secret[i], word, len) == 0)
			return true;
	}
	return false;
}

bool
child_environment_is_secret(const char *entry)
{
	static const char ours[] = "LITESAFE_";

	if (strncmp(entry, ours, strlen(ours)) != 0)
		return false;
	for (const char *word = entry + strlen(ours);;) {
		size_t len = strcspn(word, "_=");

		if (is_secret_word(word, len))
			return true;
		if (word[len] != '_')
			return false;
		word += len + 1;
	}
}

/* `entry` has the name of one of the variables. */
static bool
is_replaced(
    const char *entry, const struct hook_variable *variables, size_t count)
{
	size_t len = strcspn(entry, "=");

	for (size_t i = 0; i < count; i++) {
		if (strlen(variables[i].name) == len &&
		    strncmp(variables[i].name, entry, len) == 0)
			return true;
	}
	return false;
}

int
child_environment(const struct hook_variable *variables, size_t count,
    char ***ret_environment, struct err *err)
{
	size_t entries = count + 1, text_bytes = 0, n = 0;

	for (char **entry = environ; *entry != NULL; entry++)
		entries++;
	for (size_t i = 0; i < count; i++)
		text_bytes +=
		    strlen(variables[i].name) + strlen(variables[i].value) + 2;

	char **list = malloc(entries * sizeof(*list) + text_bytes);
	if (list == NULL)
		return err_system(err, "make an environment");
	for (char **entry = environ; *entry != NULL; entry++) {
		if (!child_environment_is_secret(*entry) &&
		    !is_replaced(*entry, variables, count))
			list[n++] = *entry;
	}
	char *text = (char *)(list + entries);
	for (size_t i = 0; i < count; i++) {
		list[n++] = text;
		text += sprintf(text, "%s=%s", variables[i].name,
			    variables[i].value) +
			1;
	}
	list[n] = NULL;
	*ret_environment = list;
	return 0;
}
