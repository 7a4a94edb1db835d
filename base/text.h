/*
 * Text of unknown origin: file names, names in a schema or an archive, names
 * of processes.  UTF-8 as RFC 3629 defines it, whatever the locale: a backup
 * under cron (LC_ALL=C) must give the same names as one from a terminal.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes (1 to 4) of the well-formed character that `text` (not empty) begins
 * with, or 0; nothing beyond the terminating NUL is read.
 */
size_t text_character(const char *text, uint32_t *ret_code);

/*
 * Well-formed, and nothing in it moves a terminal's cursor or changes the
 * order or the lines in which text is shown.
 */
bool text_is_printable(const char *text);

/*
 * Any bytes as printable text; what is not becomes U+FFFD.  `size` is that of
 * ret_text; what does not fit is cut between two characters.
 */
void text_printable(const char *bytes, char *ret_text, size_t size);

#endif
