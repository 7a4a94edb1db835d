/*
 * The reader whom a checkpoint would wait for.
 *
 * For this room only.
 */
#ifndef DATABASE_CHECKPOINT_READER_H
#define DATABASE_CHECKPOINT_READER_H

#include <stdbool.h>

#include "base/work.h"

enum { CHECKPOINT_READER_TEXT = 240 };

/*
 * True, and who it is, when a process holds an older state of the database
 * (absolute `path`) and still holds it a moment later: "process 4711 (app)
 * keeps 1200 frames".  False also where that cannot be known.  Must not be
 * called from within a transaction of ours on it.
 */
bool checkpoint_reader_find(const char *path, const struct work *work,
    char ret_text[CHECKPOINT_READER_TEXT]);

#endif
