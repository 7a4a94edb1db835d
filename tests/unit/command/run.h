/*
 * A run of the program as main() does it, inside the test: what it printed on
 * each stream, and its exit code.
 */
#ifndef TESTS_UNIT_COMMAND_RUN_H
#define TESTS_UNIT_COMMAND_RUN_H

struct run {
	int code;
	char out[32768];
	char errors[32768];
};

/*
 * A folder of its own for the test, as current folder, with a WAL database
 * app.db of a few hundred pages in it; and away with it.
 */
void run_make_folder(void);
void run_remove_folder(void);

/* The same with an archive "a" of it. */
void run_make_archive(void);

/*
 * A repository R with so many snapshots of app.db, the first of them full; its
 * state is in S.
 */
void run_make_repository(unsigned snapshots);

/* Words are separated by blanks.  Standard output is a file meanwhile. */
void run_line(const char *line, struct run *ret_run);

/* The same, into `ran`; the code, and what each stream must say somewhere. */
extern struct run ran;
void
run_expect(const char *line, int code, const char *out, const char *errors);

/* What is said on standard error goes nowhere from now on. */
void run_in_silence(void);

#endif
