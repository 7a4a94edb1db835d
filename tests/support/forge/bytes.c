#include "tests/support/forge/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void __attribute__((noreturn)) die(const char *what)
{
	(void)fprintf(stderr, "forge: %s\n", what);
	exit(2);
}

void
bytes_add(struct bytes *bytes, const void *from, size_t len)
{
	bytes->at = realloc(bytes->at, bytes->len + len + 1);
	if (bytes->at == NULL)
		die("no memory");
	if (len > 0)
		memcpy(bytes->at + bytes->len, from, len);
	bytes->len += len;
	bytes->at[bytes->len] = '\0';
}

void
bytes_add_le32(struct bytes *bytes, uint32_t n)
{
	const uint8_t le[] = { (uint8_t)n, (uint8_t)(n >> 8),
		(uint8_t)(n >> 16), (uint8_t)(n >> 24) };

	bytes_add(bytes, le, sizeof(le));
}

struct bytes
bytes_of_file(const char *path)
{
	struct bytes bytes = { NULL, 0 };
	char piece[4096];
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		die(path);
	bytes_add(&bytes, "", 0);
	for (size_t n; (n = fread(piece, 1, sizeof(piece), file)) > 0;)
		bytes_add(&bytes, piece, n);
	(void)fclose(file);
	return bytes;
}

void
bytes_replace(struct bytes *text, const char *from, const char *to)
{
	struct bytes result = { NULL, 0 };
	const char *start = (const char *)text->at;
	const char *found = strstr(start, from);

	if (found == NULL)
		die("the manifest does not say that");
	bytes_add(&result, start, (size_t)(found - start));
	bytes_add(&result, to, strlen(to));
	found += strlen(from);
	bytes_add(&result, found, text->len - (size_t)(found - start));
	free(text->at);
	*text = result;
}
