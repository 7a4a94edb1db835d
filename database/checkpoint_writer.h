/*
 * The writer for whom a checkpoint waited in vain.
 *
 * For this room only.
 */
#ifndef DATABASE_CHECKPOINT_WRITER_H
#define DATABASE_CHECKPOINT_WRITER_H

#include <stdbool.h>

#include "base/work.h"

enum { CHECKPOINT_WRITER_TEXT = 160 };

/*
 * True, and who it is, when another process has the write lock of the WAL
 * database (absolute `path`) at this moment: ": process 4711 (app) writes".
 * Else *ret_text is "".
 */
bool checkpoint_writer_find(const char *path, const struct work *work,
    char ret_text[CHECKPOINT_WRITER_TEXT]);

#endif
