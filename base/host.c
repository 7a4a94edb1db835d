/*
 * The one place that asks, so that names can be compared.
 */
#include "base/host.h"

#include <limits.h>
#include <unistd.h>

#include "base/text.h"

void
host_name(char *ret_name, size_t size)
{
	char host[HOST_NAME_MAX + 1] = "";

	(void)gethostname(host, HOST_NAME_MAX); /* "" is an answer too */
	text_printable(host, ret_name, size);
}
