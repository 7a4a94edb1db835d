/*
 * A path as one word of the shell, so that a printed command can be pasted.
 */
#ifndef COMMAND_QUOTE_H
#define COMMAND_QUOTE_H

/*
 * 'it'\''s', or, where there are bytes that no terminal shows, the $'...'
 * form of bash, zsh, ksh and POSIX.1-2024.  New text, free() it; NULL when
 * memory is gone.
 */
char *quote_shell(const char *text);

#endif
