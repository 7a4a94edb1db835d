/*
 * A command line without a shell, split into words.
 *
 * In:  a line as systemd takes it in a unit: words end at blanks; "..." and
 *      '...' hold blanks together, anywhere in a word; a backslash takes the
 *      next character as it is, also between quotes.
 * Out: the words; the first one names a program.
 * Always true: nothing is replaced: no variables, no patterns, no "~".
 */
#ifndef NOTIFY_WORDS_H
#define NOTIFY_WORDS_H

#include <stddef.h>

#include "base/err.h"

enum { WORDS_MAX = 256 };

struct words {
	char *text; /* all of them, each with its NUL */
	char *list[WORDS_MAX + 1]; /* ends with a NULL */
	size_t count;
};

/* ERR_USAGE for a quote that stays open, no program, or too many words. */
int words_split(const char *line, struct words *ret_words, struct err *err);

void words_auto(struct words *words);

#endif
