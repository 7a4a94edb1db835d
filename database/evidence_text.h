/*
 * Evidence as a line of text, for who keeps it from one run to the next.
 */
#ifndef DATABASE_EVIDENCE_TEXT_H
#define DATABASE_EVIDENCE_TEXT_H

#include <stdbool.h>

#include "database/evidence.h"

/* With the NUL. */
enum { EVIDENCE_TEXT_BYTES = 700 };

/* Words with a blank between them, without an end of line. */
void evidence_format(
    const struct evidence_past *past, char ret_text[EVIDENCE_TEXT_BYTES]);

/* The exact inverse: false for any other text. */
bool evidence_parse(const char *text, struct evidence_past *ret_past);

#endif
