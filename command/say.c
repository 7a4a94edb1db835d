/*
 * Signals are caught without SA_RESTART so that a blocked write can be ended
 * (signals.h).  A report is not what should be ended: it is short, and it says
 * what was done.  So the voices write through a loop of their own that goes on
 * after EINTR.
 */
#include "command/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/text.h"

static int
write_all(int fd, const char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, bytes + done, len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}

/*
 * fopencookie(3): 0, not -1, says that it failed.  Why is kept here, because
 * the stream forgets it before anybody asks.
 */
static ssize_t
write_result(void *cookie, const char *bytes, size_t len)
{
	struct say *say = cookie;

	if (write_all(say->out_fd, bytes, len) == 0)
		return (ssize_t)len;
	say->out_errno = errno;
	return 0;
}

/* no-color.org: any value that is not empty means no colour. */
static bool
want_color(enum when when)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when != WHEN_AUTO)
		return when == WHEN_ALWAYS;
	return (no_color == NULL || no_color[0] == '\0') &&
	       (term == NULL || strcmp(term, "dumb") != 0) &&
	       isatty(STDERR_FILENO);
}

int
say_begin(const struct options *options, struct say *ret_say, struct err *err)
{
	const cookie_io_functions_t functions = { .write = write_result };
	bool piped =
	    options->output != NULL && strcmp(options->output, "-") == 0;

	*ret_say = (struct say){
		.out = fopencookie(ret_say, "w", functions),
		.out_fd = piped ? STDERR_FILENO : STDOUT_FILENO,
		.json = options->json,
		.quiet = options->quiet,
		.verbose = options->verbose,
		.color = want_color((enum when)options->color),
	};
	if (ret_say->out == NULL)
		return err_system(err, "prepare the report");
	ret_say->out_journal = log_is_journal(ret_say->out_fd);
	log_begin(&ret_say->log);
	/* The journal stores what it gets, and shows it with its own colours. */
	if (ret_say->log.journal)
		ret_say->color = false;
	return 0;
}

void
say_open_log(struct say *say, const struct options *options)
{
	const char *file = options->log_file;
	const struct log_options log_options = {
		/* An empty value was refused by who read it. */
		.file = file == NULL || file[0] == '\0' ? NULL : file,
		.syslog = options->syslog,
	};

	/* Who asks for help gets it. */
	if (options->help || options->version ||
	    log_open(&say->log, &log_options, &say->log_error) == 0)
		return;
	say_error(say, &say->log_error);
	/* What the command ends with was not. */
	say->told = false;
}

int
say_flush(struct say *say, struct err *err)
{
	bool whole = fflush(say->out) == 0 && !ferror(say->out);

	if (whole && say->out_errno == 0)
		return 0;
	if (say->out_errno == 0)
		say->out_errno = ENOMEM;
	errno = say->out_errno;
	return err_system(err, "write the report");
}

void
say_done(struct say *say)
{
	/* Flushed or failed already; there is nothing left to lose. */
	(void)fclose(say->out);
	log_close(&say->log);
	for (unsigned i = 0; i < SAY_WARNINGS_MAX; i++)
		free(say->warning[i]);
	*say = (struct say){ .out = NULL };
}

/* NULL when memory is gone: a message is lost then, the exit code is not. */
static char *
printable(const char *fmt, va_list args)
{
	AUTO(free) char *raw = NULL;

	if (vasprintf(&raw, fmt, args) < 0) {
		raw = NULL;
		return NULL;
	}
	/* A byte that cannot be shown becomes three. */
	size_t size = strlen(raw) * 3 + 1;
	char *text = malloc(size);
	if (text != NULL)
		text_printable(raw, text, size);
	return text;
}

/* One write for one line: other processes may write to the same terminal. */
static void
put_message(const struct say *say, enum log_priority priority, const char *text)
{
	static const struct {
		const char *kind, *color;
	} looks[] = {
		[LOG_P_ERROR] = { "error:", "\033[1;31m" },
		[LOG_P_WARNING] = { "warning:", "\033[33m" },
		[LOG_P_HINT] = { "hint:", "\033[36m" },
	};
	AUTO(free) char *line = NULL;
	int len = asprintf(&line, "%s%slitesafe: %s%s %s\n",
	    log_prefix(say->log.journal, priority),
	    say->color ? looks[priority].color : "", looks[priority].kind,
	    say->color ? "\033[0m" : "", text);

	if (len < 0)
		line = NULL;
	else
		(void)write_all(STDERR_FILENO, line, (size_t)len);
}

/* To the log, and a word when that is not possible any more. */
static void
put_log(struct say *say, enum log_priority priority, const char *text)
{
	struct err err;

	if (log_line(&say->log, priority, text, &err) == 0)
		return;
	(void)err_within(&err, "the log is incomplete");
	say_warning(say, "%s", err.text);
}

static void
put_line(struct say *say, bool shown, const char *fmt, va_list args)
{
	AUTO(free) char *text = printable(fmt, args);

	if (text == NULL)
		return;
	put_log(say, LOG_P_INFO, text);
	if (!shown)
		return;
	(void)fprintf(
	    say->out, "%s%s\n", log_prefix(say->out_journal, LOG_P_INFO), text);
	/* A watching person sees the line now, and a failing pipe too. */
	(void)fflush(say->out);
}

static bool
shows_results(const struct say *say)
{
	return !say->json && !say->quiet && !say->hidden;
}

void
say_line(struct say *say, const char *fmt, ...)
{
	va_list args;

	if (say->silent)
		return;
	va_start(args, fmt);
	put_line(say, shows_results(say), fmt, args);
	va_end(args);
}

void
say_detail(struct say *say, const char *fmt, ...)
{
	va_list args;

	if (!say->verbose || say->silent)
		return;
	va_start(args, fmt);
	put_line(say, shows_results(say), fmt, args);
	va_end(args);
}

/* "night: text", when it is about a job; takes the text. */
static char *
about_subject(const struct say *say, char *text)
{
	AUTO(free) char *own = text;
	char *about = NULL;

	if (own == NULL || say->subject == NULL)
		return take_ptr(&own);
	return asprintf(&about, "%s: %s", say->subject, own) < 0 ? NULL : about;
}

void
say_warning(struct say *say, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	char *text = about_subject(say, printable(fmt, args));
	va_end(args);
	if (text != NULL && !say->quiet)
		put_message(say, LOG_P_WARNING, text);
	if (text != NULL)
		put_log(say, LOG_P_WARNING, text);
	say_keep_warning(say, text);
}

void
say_keep_warning(struct say *say, char *text)
{
	say->warnings++;
	if (text == NULL)
		return;
	if (say->warnings <= SAY_WARNINGS_MAX)
		say->warning[say->warnings - 1] = text;
	else
		free(text);
}

/* An error can be told when memory is gone. */
static void
put_error(struct say *say, enum log_priority priority, const char *subject,
    const char *raw)
{
	struct err err;
	char text[sizeof(err.text) * 3];

	if (subject == NULL)
		(void)snprintf(err.text, sizeof(err.text), "%s", raw);
	else
		(void)snprintf(
		    err.text, sizeof(err.text), "%s: %s", subject, raw);
	text_printable(err.text, text, sizeof(text));
	if (!say->mute)
		put_message(say, priority, text);
	put_log(say, priority, text);
}

void
say_error(struct say *say, const struct err *err)
{
	say->told = true;
	/* Results that were said before stand before it, also in a log file. */
	(void)fflush(say->out);
	put_error(say, LOG_P_ERROR, say->subject, err->text);
	if (err->hint[0] != '\0')
		put_error(say, LOG_P_HINT, NULL, err->hint);
}

/* As a part of an error it belongs to the messages. */
static void
put_output_line(struct say *say, const char *raw, bool failed)
{
	AUTO(free) char *text = malloc(strlen(raw) * 3 + 1);
	AUTO(free) char *line = NULL;

	if (text == NULL)
		return;
	text_printable(raw, text, strlen(raw) * 3 + 1);
	if (!failed) {
		say_line(say, "  | %s", text);
		return;
	}
	int len = asprintf(&line, "%s  | %s\n",
	    log_prefix(say->log.journal, LOG_P_ERROR), text);
	if (len < 0)
		line = NULL;
	else
		(void)write_all(STDERR_FILENO, line, (size_t)len);
	put_log(say, LOG_P_ERROR, text);
}

void
say_output(struct say *say, const char *text, bool failed)
{
	AUTO(free) char *copy = strdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (rest != NULL || line[0] != '\0')
			put_output_line(say, line, failed);
}
