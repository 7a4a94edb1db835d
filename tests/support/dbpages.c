/*
 * Two database files compared page by page, as bytes.
 *
 * usage: dbpages A B [FIELD...]
 *
 * A FIELD of the header on page 1 that is named is not compared:
 *
 *   change-counter     bytes 24 to 27
 *   schema-cookie      bytes 40 to 43
 *   version-valid-for  bytes 92 to 95
 *   writer-version     bytes 96 to 99
 *
 * Prints the number of each page that differs (the first 20 of them), and what
 * else is wrong.  Status 0: equal; 1: different; 2: cannot tell.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 65536, SHOWN_MAX = 20 };

static const struct field {
	const char *name;
	unsigned offset;
} fields[] = {
	{ "change-counter", 24 },
	{ "schema-cookie", 40 },
	{ "version-valid-for", 92 },
	{ "writer-version", 96 },
};

static const struct field *
find_field(const char *name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(name, fields[i].name) == 0)
			return &fields[i];
	return NULL;
}

/* The page size in the header of `file`; 0 when that is no header. */
static size_t
page_size_of(FILE *file)
{
	uint8_t header[100];

	if (fread(header, sizeof(header), 1, file) != 1 ||
	    memcmp(header, "SQLite format 3", 16) != 0)
		return 0;
	rewind(file);
	size_t size = (size_t)header[16] << 8 | header[17];
	return size == 1 ? PAGE_MAX : size;
}

/* Prints what differs; the number of differences. */
static unsigned long
compare(FILE *a, FILE *b, size_t page_size, char **ignored)
{
	static uint8_t left[PAGE_MAX], right[PAGE_MAX];
	unsigned long differing = 0;

	for (unsigned long number = 1;; number++) {
		size_t n = fread(left, 1, page_size, a);
		size_t m = fread(right, 1, page_size, b);

		if (n == 0 && m == 0)
			return differing;
		for (char **name = ignored; number == 1 && *name != NULL;
		     name++) {
			unsigned offset = find_field(*name)->offset;

			memset(left + offset, 0, 4);
			memset(right + offset, 0, 4);
		}
		if (n != m) {
			(void)printf("lengths differ from page %lu\n", number);
			return differing + 1;
		}
		if (memcmp(left, right, n) != 0 && ++differing <= SHOWN_MAX)
			(void)printf("page %lu\n", number);
	}
}

int
main(int argc, char **argv)
{
	bool sound = argc >= 3;

	for (int i = 3; i < argc; i++)
		sound = sound && find_field(argv[i]) != NULL;
	if (!sound) {
		(void)fprintf(stderr,
		    "usage: dbpages A B [change-counter] [schema-cookie] "
		    "[version-valid-for] [writer-version]\n");
		return 2;
	}
	FILE *a = fopen(argv[1], "rb"), *b = fopen(argv[2], "rb");
	if (a == NULL || b == NULL) {
		perror("dbpages");
		return 2;
	}
	size_t page_size = page_size_of(a);
	if (page_size < 512 || page_size_of(b) == 0) {
		(void)fprintf(stderr, "dbpages: not a database\n");
		return 2;
	}
	unsigned long differing = compare(a, b, page_size, argv + 3);

	if (differing > SHOWN_MAX)
		(void)printf("%lu pages differ\n", differing);
	return differing > 0;
}
