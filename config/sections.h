/*
 * Entries of one file after the other become the sections of a configuration.
 */
#ifndef CONFIG_SECTIONS_H
#define CONFIG_SECTIONS_H

#include "config/config.h"
#include "config/ini.h"

/* How far the reading of one file is. */
struct sections_filler {
	struct config *config;
	const struct config_key *keys;
	const char *file; /* one of config->files */
	size_t section; /* of the config; SIZE_MAX: none that is known */
};

/* An ini_take(); `user` is a filler. */
int sections_take(void *user, const struct ini_entry *entry, struct err *err);

#endif
