/*
 * Where tests put their files.  tests/unit.sh makes one folder for a run and
 * removes it in the end, so that a test that crashed or was killed leaves
 * nothing either.
 */
#ifndef TESTS_UNIT_SHARED_FRESH_H
#define TESTS_UNIT_SHARED_FRESH_H

enum { FRESH_BYTES = 64 };

/* $UNIT_FOLDER, or /tmp. */
const char *fresh_base(void);

/* A new empty folder below it. */
void fresh_folder(char ret_path[FRESH_BYTES]);

#endif
