/*
 * FILE, then what conf.d adds: each file is opened once, and judged and read by
 * its descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/secret.h"
#include "config/config.h"
#include "config/ini.h"
#include "config/sections.h"
#include "config/trust.h"

/* One reading of all files. */
struct reading {
	struct config *config;
	const struct config_key *keys;
	struct faults *faults;
};

/* At once, also of a pipe that nobody writes to. */
static int
open_file(const char *path, int *ret_fd, struct err *err)
{
	struct stat status;
	AUTO(fd)
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0)
		return err_system(err, "the configuration '%s'", path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, ERR_USAGE, 0,
		    "the configuration '%s' is not a regular file", path);
	if (trust_check(&status, path, err) < 0)
		return -1;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
read_text(int fd, const char *path, char *ret_text, size_t *ret_bytes,
    struct err *err)
{
	if (file_read(fd, ret_text, CONFIG_FILE_MAX + 1, path, NULL, ret_bytes,
		err) < 0)
		return -1;
	if (*ret_bytes > CONFIG_FILE_MAX)
		return err_set(err, ERR_USAGE, 0,
		    "the configuration '%s' has more than %d bytes", path,
		    CONFIG_FILE_MAX);
	return 0;
}

/* The name that values will point to. */
static int
add_file(struct config *config, const char *path, struct err *err)
{
	char **files =
	    reallocarray(config->files, config->file_count + 1, sizeof(*files));

	if (files == NULL)
		return err_system(err, "read '%s'", path);
	config->files = files;
	files[config->file_count] = strdup(path);
	if (files[config->file_count] == NULL)
		return err_system(err, "read '%s'", path);
	config->file_count++;
	return 0;
}

static int
read_file(struct reading *reading, const char *path, struct err *err)
{
	struct config *config = reading->config;
	size_t bytes = 0;
	AUTO(fd) int fd = -1;
	AUTO(secret) char *text = calloc(1, CONFIG_FILE_MAX + 2);

	if (text == NULL)
		return err_system(err, "read '%s'", path);
	if (open_file(path, &fd, err) < 0 ||
	    read_text(fd, path, text, &bytes, err) < 0 ||
	    add_file(config, path, err) < 0)
		return -1;
	struct sections_filler filler = {
		.config = config,
		.keys = reading->keys,
		.file = config->files[config->file_count - 1],
		.section = SIZE_MAX,
	};
	return ini_read(
	    text, bytes, path, sections_take, &filler, reading->faults, err);
}

static int
is_configuration(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* strcmp(), not strcoll(): in the same order whoever reads. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_entry(struct reading *reading, const char *folder, const char *name,
    struct err *err)
{
	AUTO(free) char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return err_system(err, "read '%s'", name);
	}
	return read_file(reading, path, err);
}

/*
 * Whoever can make a file in the folder can write the configuration.  A folder
 * that cannot be searched may have something in it, so that is no silence.
 */
static int
read_folder(struct reading *reading, const char *folder, struct err *err)
{
	struct dirent **entries = NULL;
	struct stat status;
	int rc = 0;

	if (stat(folder, &status) < 0)
		return errno == ENOENT || errno == ENOTDIR
			   ? 0
			   : err_system(err, "the configuration '%s'", folder);
	if (!S_ISDIR(status.st_mode))
		return 0;
	if (trust_check(&status, folder, err) < 0)
		return -1;
	int count = scandir(folder, &entries, is_configuration, by_bytes);
	if (count < 0)
		return err_system(err, "the configuration '%s'", folder);
	if (count >= CONFIG_FILES_MAX)
		rc = err_set(err, ERR_USAGE, 0,
		    "the configuration '%s' has more than %d files", folder,
		    CONFIG_FILES_MAX - 1);
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = read_entry(
			    reading, folder, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static int
read_beside(struct reading *reading, const char *path, struct err *err)
{
	AUTO(free) char *folder = NULL;
	AUTO(free) char *beside = NULL;

	if (file_folder_of(path, &folder, err) < 0)
		return -1;
	if (asprintf(&beside, "%s/conf.d", folder) < 0) {
		beside = NULL;
		return err_system(err, "read '%s'", path);
	}
	return read_folder(reading, beside, err);
}

int
config_survey(const char *path, const struct config_key *keys,
    struct config *ret_config, struct faults *faults, struct err *err)
{
	AUTO(config) struct config config = CONFIG_NONE;
	struct reading reading = {
		.config = &config,
		.keys = keys,
		.faults = faults,
	};

	if (strcmp(path, "/dev/null") == 0) {
		if (add_file(&config, path, err) < 0)
			return -1;
	} else if (read_file(&reading, path, err) < 0) {
		if (err->code == ENOENT)
			err->kind = ERR_ABSENT;
		return -1;
	} else if (read_beside(&reading, path, err) < 0) {
		return -1;
	}
	*ret_config = config;
	config = (struct config)CONFIG_NONE;
	return 0;
}

int
config_read(const char *path, const struct config_key *keys,
    struct config *ret_config, struct err *err)
{
	AUTO(faults) struct faults faults = FAULTS_NONE;
	AUTO(config) struct config config = CONFIG_NONE;

	if (config_survey(path, keys, &config, &faults, err) < 0 ||
	    faults_first(&faults, err) < 0)
		return -1;
	*ret_config = config;
	config = (struct config)CONFIG_NONE;
	return 0;
}
