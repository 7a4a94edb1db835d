/*
 * A folder of its own for a test, and what is in it.
 */
#ifndef TESTS_UNIT_SHARED_FOLDER_H
#define TESTS_UNIT_SHARED_FOLDER_H

#include <limits.h>
#include <stddef.h>

/* The folder of the running test. */
extern char folder[PATH_MAX];

/* Make it and remove it, with what is in it: .init and .fini. */
void folder_make(void);
void folder_remove(void);

/* "FOLDER/name"; the text is good until the fourth call after this one. */
const char *folder_path(const char *name);

/* How many entries it has. */
unsigned folder_count(void);

/* Writes and reads small files whole. */
void folder_write(const char *path, const char *text);
const char *folder_read(const char *path);

#endif
