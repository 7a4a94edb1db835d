/*
 * The manifest's decoder, with any text.  What it accepts must be accepted
 * again after it was encoded, and be the same.
 */
#include "archive/manifest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest first, second;
	struct err err = { 0 };
	char *json = NULL, *again = NULL;
	size_t len = 0, again_len = 0;

	if (manifest_decode((const char *)data, size, &first, &err) < 0) {
		if (err.kind == ERR_NONE || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (manifest_encode(&first, &json, &len, &err) < 0 ||
	    manifest_decode(json, len, &second, &err) < 0 ||
	    manifest_encode(&second, &again, &again_len, &err) < 0 ||
	    len != again_len || memcmp(json, again, len) != 0)
		abort();
	free(json);
	free(again);
	return 0;
}
