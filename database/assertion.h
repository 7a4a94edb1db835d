/*
 * What an operator asserts of a database: a SELECT that must be true of an
 * image.  A database can be whole and still not hold what it should.
 *
 * In:  "SELECT count(*) > 0 FROM users", with "NAME:" before it where there are
 *      several databases; and an image.
 * Out: whether it holds, with the value or the reason.
 * Always true: only the one SELECT runs, on a connection that may not write,
 *      attach or load anything (image.h), within a time and with the memory of
 *      engine.h.  The image's schema is treated as hostile, but its views are
 *      there to be asked.
 *
 * It holds when the first column of the first row is something: neither NULL
 * nor a number that is 0 nor text or a blob that is empty or reads as 0.  No
 * row is no.
 */
#ifndef DATABASE_ASSERTION_H
#define DATABASE_ASSERTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/work.h"

struct assertion {
	const char *database; /* as the operator names it; not terminated */
	size_t database_len; /* 0: no name was given */
	const char *sql; /* one SELECT, and nothing else */
	size_t sql_len;
};

/*
 * Takes a text apart, which must outlive *ret_assertion.  ERR_USAGE when it is
 * not one statement that only reads.  Whether tables and functions are there is
 * for the image to say.
 */
int assertion_parse(
    const char *text, struct assertion *ret_assertion, struct err *err);

/*
 * How long an answer may take: a minute, and a second more for each 10 MiB of
 * the image, which is time to read all of it.
 */
enum { ASSERTION_SECONDS = 60, ASSERTION_BYTES_PER_SECOND = 10 << 20 };

struct assertion_image {
	int fd; /* as for image_open() */
	const char *name; /* for messages */
	const struct work *work; /* may be NULL */
	double seconds; /* for the answer; 0: as said above */
};

struct assertion_answer {
	bool holds;
	bool has_value;
	char value[256]; /* printable; what does not fit is cut off */
	char why[256]; /* without a value: the reason, SQLite's or ours */
};

/*
 * An answer of no, also because SQLite cannot answer or is not done in time, is
 * no error.  -1 when the image cannot be read, and for a stop request.
 */
int assertion_ask(const struct assertion *assertion,
    const struct assertion_image *image, struct assertion_answer *ret_answer,
    struct err *err);

#endif
