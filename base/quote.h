/*
 * A path or a name as one word of the shell, so that a printed command can be
 * pasted.
 */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

/*
 * Bare where the shell needs no quotes; 'it'\''s'; or, where there are bytes
 * that no terminal shows, the $'...' form of bash, zsh, ksh and POSIX.1-2024.
 * New text, free() it; NULL when memory is gone.
 */
char *quote_shell(const char *text);

/* With its NUL: two of them and their command are a hint (err.h). */
enum { QUOTE_WORD_BYTES = 200 };

struct quote_word {
	char text[QUOTE_WORD_BYTES];
};

/*
 * A path for a hint, never taken for an option: "./-x.db".  `stand_in`, as in
 * "DATABASE", for what is longer than a word may be there: half a path would
 * name something else.
 */
struct quote_word quote_word(const char *path, const char *stand_in);

/* The same for a name, as the last operands of a command: "-- -x.db". */
struct quote_word quote_name(const char *name, const char *stand_in);

#endif
