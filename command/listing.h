/*
 * A snapshot of a repository as one line, and as one object.
 */
#ifndef COMMAND_LISTING_H
#define COMMAND_LISTING_H

#include <stdint.h>

#include "base/clock.h"
#include "command/checks.h"
#include "command/json.h"
#include "command/say.h"
#include "repository/catalog.h"

/*
 * "2026-11-20T23:15:00Z": without milliseconds, which --at does not need to
 * find it.
 */
#define LISTING_TIME_BYTES 21
void listing_time(int64_t ms, char ret_text[LISTING_TIME_BYTES]);

/* "archive is missing, parent is missing or another"; "" for none. */
enum { LISTING_FAULTS_BYTES = 200 };
void listing_faults(unsigned faults, char ret_text[LISTING_FAULTS_BYTES]);

/* "ID  TIME  KIND  SIZE  PAGES  TAIL"; a NULL tail is none. */
void listing_line(
    struct say *say, const struct snapshot *snapshot, const char *tail);

/* One snapshot, and what is known of it. */
struct listing {
	const struct catalog *catalog;
	const struct snapshot *snapshot;
	const struct checks *checks;
};

/*
 * {"type":"snapshot",...}: begun, for the caller to add to and to end.  Of a
 * manifest that cannot be read only the name, and why.
 */
void
listing_json(struct json *json, struct say *say, const struct listing *listing);

#endif
