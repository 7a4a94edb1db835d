/* Each voice speaks where it should, and is silent where it should. */
#include "command/say.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char out[8192], errors[8192];

struct redirected {
	int fd, saved, number;
};

static struct redirected
redirect(int number)
{
	char name[] = "/tmp/litesafe-say-XXXXXX";
	struct redirected r = { .fd = mkstemp(name), .number = number };

	cr_assert(r.fd >= 0);
	(void)unlink(name);
	r.saved = dup(number);
	(void)dup2(r.fd, number);
	return r;
}

static void
back(struct redirected *r, char *ret_text, size_t size)
{
	(void)dup2(r->saved, r->number);
	(void)close(r->saved);
	ssize_t got = pread(r->fd, ret_text, size - 1, 0);
	cr_assert(got >= 0);
	ret_text[got] = '\0';
	(void)close(r->fd);
}

/* Every voice once. */
static void
speak(const struct options *options)
{
	struct err err = { .text = "what: why\033[2J", .hint = "do that\n" };
	struct redirected r1 = redirect(STDOUT_FILENO);
	struct redirected r2 = redirect(STDERR_FILENO);
	struct say say;

	cr_assert_eq(say_begin(options, &say, &err), 0);
	say_open_log(&say, options);
	cr_assert_eq(say.log_error.kind, ERR_NONE, "%s", say.log_error.text);
	say_line(&say, "result %s", "of\r\xff");
	say_detail(&say, "detail");
	say_warning(&say, "careful: %d", 1);
	say_error(&say, &err);
	int rc = say_flush(&say, &err);
	cr_expect_eq(say.warnings, 1);
	cr_expect_str_eq(say.warning[0], "careful: 1");
	cr_expect(say.told);
	say_done(&say);
	back(&r2, errors, sizeof(errors));
	back(&r1, out, sizeof(out));
	cr_expect_eq(rc, 0);
}

#define SAID_ERROR \
	"litesafe: error: what: why\xef\xbf\xbd[2J\n" \
	"litesafe: hint: do that\xef\xbf\xbd\n"

Test(say, results_and_messages_go_their_ways)
{
	speak(&(struct options){ .color = WHEN_NEVER });
	cr_expect_str_eq(out, "result of\xef\xbf\xbd\xef\xbf\xbd\n");
	cr_expect_str_eq(errors, "litesafe: warning: careful: 1\n" SAID_ERROR);
}

Test(say, quiet_leaves_the_error)
{
	speak(&(struct options){ .quiet = true, .verbose = true });
	cr_expect_str_empty(out);
	cr_expect_str_eq(errors, SAID_ERROR);
}

Test(say, verbose_adds_the_detail)
{
	speak(&(struct options){ .verbose = true });
	cr_expect(strstr(out, "\ndetail\n") != NULL);
}

Test(say, json_leaves_messages_as_text)
{
	speak(&(struct options){ .json = true, .verbose = true });
	cr_expect_str_empty(out);
	cr_expect_str_eq(errors, "litesafe: warning: careful: 1\n" SAID_ERROR);
}

Test(say, with_a_piped_archive_all_goes_to_standard_error)
{
	speak(&(struct options){ .output = "-" });
	cr_expect_str_empty(out);
	cr_expect(strstr(errors, "result of") == errors);
}

Test(say, colour_only_when_wanted)
{
	(void)unsetenv("NO_COLOR");
	speak(&(struct options){ .color = WHEN_AUTO });
	cr_expect(strchr(errors, '\033') == NULL, "a file is no terminal");
	speak(&(struct options){ .color = WHEN_ALWAYS });
	cr_expect(strstr(errors, "\033[1;31mlitesafe: error:\033[0m") != NULL);
	cr_expect(strchr(out, '\033') == NULL);
}

Test(say, a_report_that_is_lost_is_an_error)
{
	struct options options = { .quiet = false };
	struct err err = { .kind = ERR_NONE };
	int saved = dup(STDOUT_FILENO);
	int full = open("/dev/full", O_WRONLY);
	struct say say;

	cr_assert(saved >= 0 && full >= 0);
	(void)dup2(full, STDOUT_FILENO);
	cr_assert_eq(say_begin(&options, &say, &err), 0);
	say_line(&say, "lost");
	int rc = say_flush(&say, &err);
	say_done(&say);
	(void)dup2(saved, STDOUT_FILENO);
	cr_expect_eq(rc, -1);
	cr_expect_neq(err.kind, ERR_NONE);
}

Test(say, warnings_beyond_the_list_are_counted)
{
	struct options options = { .quiet = true };
	struct err err = { .kind = ERR_NONE };
	struct say say;

	cr_assert_eq(say_begin(&options, &say, &err), 0);
	for (int i = 0; i < SAY_WARNINGS_MAX + 5; i++)
		say_warning(&say, "w");
	cr_expect_eq(say.warnings, SAY_WARNINGS_MAX + 5);
	say_done(&say);
}

/* --- the log -------------------------------------------------------------- */

/* What the voices wrote to the log, without times and process ids. */
static const char *
logged(const struct options *options)
{
	static char text[8192];
	char name[] = "/tmp/litesafe-say-XXXXXX", all[8192] = "";
	struct options with_log = *options;
	int fd = mkstemp(name);

	cr_assert(fd >= 0);
	with_log.log_file = name;
	speak(&with_log);
	cr_assert(read(fd, all, sizeof(all) - 1) > 0);
	(void)close(fd);
	(void)unlink(name);
	text[0] = '\0';
	for (char *line = strtok(all, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		(void)strcat(text, strchr(strchr(line, ' ') + 1, ' ') + 1);
		(void)strcat(text, "\n");
	}
	return text;
}

#define LOGGED_MESSAGES \
	"warning: careful: 1\n" \
	"error: what: why\xef\xbf\xbd[2J\n" \
	"hint: do that\xef\xbf\xbd\n"

Test(say, the_log_has_what_was_silenced)
{
	static const char results[] = "result of\xef\xbf\xbd\xef\xbf\xbd\n";

	for (int i = 0; i < 8; i++) {
		const struct options options = {
			.quiet = (i & 1) != 0,
			.json = (i & 2) != 0,
			.verbose = (i & 4) != 0,
			.color = WHEN_ALWAYS,
		};
		char wanted[512];

		(void)snprintf(wanted, sizeof(wanted), "%s%s%s", results,
		    options.verbose ? "detail\n" : "", LOGGED_MESSAGES);
		cr_expect_str_eq(logged(&options), wanted);
	}
}

Test(say, a_log_that_is_full_is_said_once)
{
	struct options options = { .log_file = "/dev/full", .quiet = false };
	struct err err = { .kind = ERR_NONE };
	struct redirected r1 = redirect(STDOUT_FILENO);
	struct redirected r2 = redirect(STDERR_FILENO);
	struct say say;

	cr_assert_eq(say_begin(&options, &say, &err), 0);
	say_open_log(&say, &options);
	cr_assert_eq(say.log_error.kind, ERR_NONE);
	say_line(&say, "one");
	say_line(&say, "two");
	cr_expect_eq(say.warnings, 1);
	say_done(&say);
	back(&r2, errors, sizeof(errors));
	back(&r1, out, sizeof(out));
	cr_expect_str_eq(out, "one\ntwo\n");
	cr_expect_str_eq(errors,
	    "litesafe: warning: the log is incomplete: write to the log "
	    "'/dev/full': No space left on device\n");
}

Test(say, the_tail_is_there_without_a_log)
{
	struct options options = { .quiet = true };
	struct err err = { .kind = ERR_NONE };
	char tail[512];
	struct say say;

	cr_assert_eq(say_begin(&options, &say, &err), 0);
	say_line(&say, "silenced");
	log_tail(&say.log, tail, sizeof(tail));
	say_done(&say);
	cr_expect(strstr(tail, " silenced\n") != NULL, "%s", tail);
}

Test(say, no_log_is_opened_for_help)
{
	struct options options = { .log_file = "/no/such/folder/x" };
	struct err err = { .kind = ERR_NONE };
	struct say say;

	cr_assert_eq(say_begin(&options, &say, &err), 0);
	options.help = true;
	say_open_log(&say, &options);
	cr_expect_eq(say.log_error.kind, ERR_NONE);
	say_done(&say);
}

Test(say, a_log_that_cannot_be_is_told_and_done_without)
{
	struct options options = { .log_file = "/no/such/folder/x" };
	struct err err = { .kind = ERR_NONE };
	struct redirected r1 = redirect(STDOUT_FILENO);
	struct redirected r2 = redirect(STDERR_FILENO);
	struct say say;

	cr_assert_eq(say_begin(&options, &say, &err), 0);
	say_open_log(&say, &options);
	cr_expect_eq(say.log_error.kind, ERR_FAILED);
	/* The command's own error will be another one. */
	cr_expect_not(say.told);
	say_line(&say, "result");
	say_done(&say);
	back(&r2, errors, sizeof(errors));
	back(&r1, out, sizeof(out));
	cr_expect(
	    strstr(errors, "litesafe: error: open the log "
			   "'/no/such/folder/x': No such file") == errors);
	cr_expect_str_eq(out, "result\n");
}

/* Standard error is named by JOURNAL_STREAM: priorities, and no colours. */
Test(say, the_journal)
{
	struct err err = { .text = "what", .hint = "do" };
	struct redirected r = redirect(STDERR_FILENO);
	char stream[64];
	struct stat st;
	struct say say;

	cr_assert_eq(fstat(r.fd, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%lu:%lu",
	    (unsigned long)st.st_dev, (unsigned long)st.st_ino);
	cr_assert_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
	cr_assert_eq(
	    say_begin(&(struct options){ .color = WHEN_ALWAYS }, &say, &err),
	    0);
	say_warning(&say, "careful");
	say_error(&say, &err);
	say_done(&say);
	back(&r, errors, sizeof(errors));
	cr_expect_str_eq(errors,
	    "<4>litesafe: warning: careful\n"
	    "<3>litesafe: error: what\n<5>litesafe: hint: do\n");
}

/* One stream for both, as systemd connects them. */
Test(say, results_in_the_journal)
{
	struct err err = { .kind = ERR_NONE };
	struct redirected r = redirect(STDOUT_FILENO);
	char stream[64];
	struct stat st;
	struct say say;

	cr_assert_eq(fstat(r.fd, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%lu:%lu",
	    (unsigned long)st.st_dev, (unsigned long)st.st_ino);
	cr_assert_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
	cr_assert_eq(
	    say_begin(&(struct options){ .verbose = true }, &say, &err), 0);
	say_line(&say, "<3>a.db: full backup");
	say_detail(&say, "detail");
	say_output(&say, "of a hook\n", false);
	say_done(&say);
	back(&r, out, sizeof(out));
	cr_expect_str_eq(
	    out, "<6><3>a.db: full backup\n<6>detail\n<6>  | of a hook\n");
}

/* --- jobs ----------------------------------------------------------------- */

/* What both streams got of these voices. */
static void
speak_of_a_job(bool silent, bool hidden)
{
	struct err err = { .text = "what", .hint = "do that" };
	struct redirected r1 = redirect(STDOUT_FILENO);
	struct redirected r2 = redirect(STDERR_FILENO);
	struct say say;
	char tail[LOG_TAIL];

	cr_assert_eq(
	    say_begin(&(struct options){ .verbose = true, .color = WHEN_NEVER },
		&say, &err),
	    0);
	say.subject = "night";
	say.silent = silent;
	say.hidden = hidden;
	say_line(&say, "result");
	say_detail(&say, "detail");
	say_warning(&say, "careful");
	err = (struct err){ .text = "what", .hint = "do that" };
	say_error(&say, &err);
	say_keep_warning(&say, strdup("another's"));
	say_keep_warning(&say, NULL);
	cr_expect_eq(say.warnings, 3);
	cr_expect_str_eq(say.warning[0], "night: careful");
	cr_expect_str_eq(say.warning[1], "another's");
	log_tail(&say.log, tail, sizeof(tail));
	cr_expect_eq(strstr(tail, "result") == NULL, silent, "%s", tail);
	cr_expect(strstr(tail, "error: night: what\n") != NULL, "%s", tail);
	say_done(&say);
	back(&r2, errors, sizeof(errors));
	back(&r1, out, sizeof(out));
	cr_expect_str_eq(errors,
	    "litesafe: warning: night: careful\n"
	    "litesafe: error: night: what\nlitesafe: hint: do that\n");
}

Test(say, about_a_job)
{
	speak_of_a_job(false, false);
	cr_expect_str_eq(out, "result\ndetail\n");
	speak_of_a_job(false, true);
	cr_expect_str_empty(out);
	speak_of_a_job(true, false);
	cr_expect_str_empty(out);
}

Test(say, what_another_program_wrote)
{
	struct err err = { .kind = ERR_NONE };
	struct redirected r1 = redirect(STDOUT_FILENO);
	struct redirected r2 = redirect(STDERR_FILENO);
	struct say say;
	char tail[LOG_TAIL];

	cr_assert_eq(
	    say_begin(&(struct options){ .json = false }, &say, &err), 0);
	say_output(&say, "one\n\ntwo\033[2J\nrest", false);
	say_output(&say, "", false);
	say_output(&say, "bad\n", true);
	log_tail(&say.log, tail, sizeof(tail));
	cr_expect(strstr(tail, "error: bad\n") != NULL, "%s", tail);
	say_done(&say);
	back(&r2, errors, sizeof(errors));
	back(&r1, out, sizeof(out));
	cr_expect_str_eq(
	    out, "  | one\n  | \n  | two\xef\xbf\xbd[2J\n  | rest\n");
	cr_expect_str_eq(errors, "  | bad\n");
}
