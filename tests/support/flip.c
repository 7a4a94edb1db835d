/*
 * Damages a file, exactly as told.
 *
 * usage: flip FILE bit OFFSET          turns over the lowest bit of a byte
 *        flip FILE byte OFFSET VALUE   sets a byte
 *        flip FILE cut LENGTH          truncates
 *
 * A negative OFFSET or LENGTH counts from the end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
fail(const char *what)
{
	perror(what);
	return 1;
}

static int
set_byte(int fd, off_t offset, unsigned char value)
{
	return pwrite(fd, &value, 1, offset) == 1 ? 0 : fail("flip: write");
}

int
main(int argc, char **argv)
{
	struct stat st;

	if (argc < 4) {
		(void)fprintf(stderr,
		    "usage: flip FILE bit OFFSET | byte OFFSET VALUE | cut "
		    "LENGTH\n");
		return 2;
	}
	int fd = open(argv[1], O_RDWR);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(argv[1]);

	off_t place = atoll(argv[3]);
	unsigned char byte = 0;
	if (place < 0)
		place += st.st_size;
	if (strcmp(argv[2], "cut") == 0)
		return ftruncate(fd, place) == 0 ? 0 : fail("flip: cut");
	if (strcmp(argv[2], "byte") == 0 && argc == 5)
		return set_byte(
		    fd, place, (unsigned char)strtoul(argv[4], NULL, 0));
	if (strcmp(argv[2], "bit") == 0) {
		if (pread(fd, &byte, 1, place) != 1)
			return fail("flip: no such byte");
		return set_byte(fd, place, byte ^ 1);
	}
	(void)fprintf(stderr, "flip: what is '%s'?\n", argv[2]);
	return 2;
}
