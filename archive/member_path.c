/*
 * One place for both sides: what the writer calls a member is what the reader
 * expects.
 */
#include "archive/member_path.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void
member_path_ascii(const char *name, char ret_name[MEMBER_NAME_MAX + 1])
{
	assert(strlen(name) <= MEMBER_NAME_MAX);
	for (; *name != '\0'; name++)
		*ret_name++ = (unsigned char)*name < 0x80 ? *name : '_';
	*ret_name = '\0';
}

void
member_path_sums(const char *name, char ret_path[MEMBER_PATH_BYTES])
{
	(void)snprintf(
	    ret_path, MEMBER_PATH_BYTES, SUMS_PREFIX "%s" SUMS_SUFFIX, name);
}

void
member_path_pages(
    const char *name, uint32_t number, char ret_path[MEMBER_PATH_BYTES])
{
	char ascii[MEMBER_NAME_MAX + 1];

	member_path_ascii(name, ascii);
	if (number == 1)
		(void)snprintf(
		    ret_path, MEMBER_PATH_BYTES, "%s" PAGES_SUFFIX, ascii);
	else
		(void)snprintf(ret_path, MEMBER_PATH_BYTES,
		    "%s" PAGES_SUFFIX ".%u", ascii, number);
}

void
member_path_page_list(const char *name, char ret_path[MEMBER_PATH_BYTES])
{
	char ascii[MEMBER_NAME_MAX + 1];

	member_path_ascii(name, ascii);
	member_path_sums(ascii, ret_path);
}
