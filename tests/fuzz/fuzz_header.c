/*
 * Any bytes as the header of a database: refused with a reason, or within the
 * limits of SQLite.
 */
#include <assert.h>

#include "database/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct header header;
	struct err err = { 0 };

	if (header_decode(bytes, len, &header, &err) < 0) {
		assert(err.kind != ERR_NONE && err.text[0] != '\0');
		return 0;
	}
	assert(header.page_size >= 512 && header.page_size <= 65536);
	assert((header.page_size & (header.page_size - 1)) == 0);
	assert(header_encoding_name(&header) != NULL);
	return 0;
}
