/*
 * A line for the shell of whoever reads it, as it grows.  One that lacks a word
 * must not be pasted, so it comes out whole or not at all.
 *
 * Begin, put, end; one thread.
 */
#ifndef COMMAND_SHELL_LINE_H
#define COMMAND_SHELL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct shell_line {
	FILE *out;
	char *text;
	size_t len;
	bool begun;
	bool lost; /* a word, for want of memory */
};

void shell_line_begin(struct shell_line *ret_line);

/* The next command, for when the one before it succeeded: "... && COMMAND". */
void shell_line_then(struct shell_line *line, const char *command);

/* As it is. */
void shell_line_put(struct shell_line *line, const char *text);

/* A blank, and the word, quoted as it needs. */
void shell_line_word(struct shell_line *line, const char *word);

/* The last operand of a command: a name that is never taken for an option. */
void shell_line_last(struct shell_line *line, const char *name);

/* New text, free() it; NULL when nothing was put, or memory is gone. */
char *shell_line_end(struct shell_line *line);

#endif
