/*
 * What the members of an archive are called, by the name of their database.
 *
 * A full archive takes the name as it is.  In an increment each byte of it
 * that is not ASCII becomes '_': sparse files exist in pax only, and there is
 * no way to write another name in pax that all readers take in silence (see
 * tar_write.c).  The manifest has the name itself.
 */
#ifndef ARCHIVE_MEMBER_PATH_H
#define ARCHIVE_MEMBER_PATH_H

#include <stdint.h>

#include "archive/layout.h"

/* What stands for a name where only ASCII can. */
void member_path_ascii(const char *name, char ret_name[MEMBER_NAME_MAX + 1]);

/* `name` passed name_check(). */
void member_path_sums(const char *name, char ret_path[MEMBER_PATH_BYTES]);

/* Pages of an increment; `number` is 1 for the first such member. */
void member_path_pages(
    const char *name, uint32_t number, char ret_path[MEMBER_PATH_BYTES]);
void member_path_page_list(const char *name, char ret_path[MEMBER_PATH_BYTES]);

#endif
