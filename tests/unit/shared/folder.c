#include "tests/unit/shared/folder.h"
#include "tests/unit/shared/fresh.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

char folder[PATH_MAX];

void
folder_make(void)
{
	fresh_folder(folder);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

void
folder_remove(void)
{
	cr_expect_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *
folder_path(const char *name)
{
	static char paths[4][PATH_MAX + 256];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

unsigned
folder_count(void)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	cr_assert_not_null(dir);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			count++;
	(void)closedir(dir);
	return count;
}

void
folder_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
}

const char *
folder_read(const char *path)
{
	static char text[4096];
	FILE *file = fopen(path, "r");

	cr_assert_not_null(file, "%s", path);
	size_t got = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[got] = '\0';
	return text;
}
