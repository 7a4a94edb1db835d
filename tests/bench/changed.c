/*
 * The pages in which two database files differ, one behind the other: what an
 * increment has to store, and nothing else.
 *
 * usage: changed OLD NEW >PAGES
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_MAX = 65536 };

static size_t
page_size(FILE *file)
{
	uint8_t header[100];

	if (fread(header, 1, sizeof(header), file) != sizeof(header))
		return 0;
	rewind(file);
	size_t size = (size_t)header[16] << 8 | header[17];
	return size == 1 ? PAGE_MAX : size;
}

int
main(int argc, char **argv)
{
	static uint8_t before[PAGE_MAX], after[PAGE_MAX];
	FILE *old = argc == 3 ? fopen(argv[1], "r") : NULL;
	FILE *new = argc == 3 ? fopen(argv[2], "r") : NULL;

	if (old == NULL || new == NULL) {
		(void)fprintf(stderr, "usage: changed OLD NEW >PAGES\n");
		return 2;
	}
	size_t size = page_size(new);
	if (size == 0) {
		(void)fprintf(stderr, "changed: %s is no database\n", argv[2]);
		return 1;
	}
	while (fread(after, size, 1, new) == 1) {
		bool there = fread(before, size, 1, old) == 1;

		if (there && memcmp(before, after, size) == 0)
			continue;
		if (fwrite(after, size, 1, stdout) != 1)
			return 1;
	}
	return fflush(stdout) == 0 && !ferror(new) ? 0 : 1;
}
