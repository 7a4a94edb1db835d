/*
 * The decoder of detached manifests.  The first byte of an input chooses:
 *
 *   0	the rest is the text as it stands;
 *   1	the rest is its first line; the second, which proves it, is made, so that
 *	what lies behind the proof is reached.
 *
 * What is accepted must be accepted again after it was encoded, and be the
 * same.
 */
#include "archive/detached.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text that the input stands for; free() it. */
static char *
make_text(const uint8_t *data, size_t size, size_t *ret_len)
{
	AUTO(sha256) struct sha256 *stream = NULL;
	uint8_t digest[SHA256_BYTES];
	char sum[SHA256_TEXT_BYTES];
	struct err err;
	char *text = malloc(size + 200);

	if (text == NULL || sha256_new(&stream, &err) < 0)
		abort();
	memcpy(text, data + 1, size - 1);
	*ret_len = size - 1;
	if (data[0] != 1)
		return text;
	sha256_add(stream, data + 1, size - 1);
	sha256_finish(stream, digest);
	sha256_format(digest, sum);
	*ret_len += (size_t)snprintf(
	    text + size - 1, 200, "\n{\"sha256\":\"%s\"}\n", sum);
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest first, second;
	struct stored_file file, file_again;
	struct err err = { 0 };
	size_t len = 0, encoded_len = 0, again_len = 0;

	if (size == 0)
		return 0;
	AUTO(free) char *text = make_text(data, size, &len);
	AUTO(free) char *encoded = NULL;
	AUTO(free) char *again = NULL;
	if (detached_decode(text, len, &first, &file, &err) < 0) {
		if (err.kind == ERR_NONE || err.text[0] == '\0')
			abort();
		return 0;
	}
	if (detached_encode(&first, &file, &encoded, &encoded_len, &err) < 0 ||
	    detached_decode(encoded, encoded_len, &second, &file_again, &err) <
		0 ||
	    detached_encode(&second, &file_again, &again, &again_len, &err) <
		0 ||
	    encoded_len != again_len || memcmp(encoded, again, again_len) != 0)
		abort();
	return 0;
}
