/*
 * The second line is made anew from the first and compared as it stands: so
 * there is one form of it, and no parser.
 */
#include "base/sealed.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/sha256.h"

#define SEAL "\n{\"sha256\":\"%s\"}\n"

_Static_assert(SEALED_EXTRA == sizeof(SEAL) - 1 - 2 + SHA256_TEXT_BYTES - 1,
    "a seal has one length");

static int
seal_of(const char *line, size_t len, char ret_seal[SEALED_EXTRA + 1],
    struct err *err)
{
	uint8_t digest[SHA256_BYTES];
	char hex[SHA256_TEXT_BYTES];

	if (sha256_once(line, len, digest, err) < 0)
		return -1;
	sha256_format(digest, hex);
	(void)snprintf(ret_seal, SEALED_EXTRA + 1, SEAL, hex);
	return 0;
}

int
sealed_encode(const char *line, size_t len, char **ret_text, size_t *ret_len,
    struct err *err)
{
	char seal[SEALED_EXTRA + 1];

	assert(memchr(line, '\n', len) == NULL);
	if (seal_of(line, len, seal, err) < 0)
		return -1;
	char *text = malloc(len + sizeof(seal));
	if (text == NULL)
		return err_system(err, "seal a line of %zu bytes", len);
	memcpy(text, line, len);
	memcpy(text + len, seal, sizeof(seal));
	*ret_text = text;
	*ret_len = len + SEALED_EXTRA;
	return 0;
}

int
sealed_decode(const char *text, size_t len, size_t *ret_line, struct err *err)
{
	char seal[SEALED_EXTRA + 1];
	const char *end = memchr(text, '\n', len);

	if (end == NULL || len - (size_t)(end - text) != SEALED_EXTRA)
		return err_set(err, ERR_DAMAGED, 0,
		    "it is not one line and the line of its SHA-256");
	if (seal_of(text, (size_t)(end - text), seal, err) < 0)
		return -1;
	if (memcmp(end, seal, SEALED_EXTRA) != 0)
		return err_set(err, ERR_DAMAGED, 0,
		    "its first line does not have the SHA-256 that its second "
		    "line states");
	*ret_line = (size_t)(end - text);
	return 0;
}
