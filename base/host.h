/*
 * What this machine calls itself, as a manifest has it.
 */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include <stddef.h>

/* Printable text; "" when it has no name. */
void host_name(char *ret_name, size_t size);

#endif
