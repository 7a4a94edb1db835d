/*
 * One write(2) for a line: other runs append to the same file.  The tail has
 * the same lines as the file, whether there is one or not.
 */
#include "notify/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

/* "DEVICE:INODE" of the journal's stream (systemd.exec(5)). */
bool
log_is_journal(int fd)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	int end = 0;

	return text != NULL &&
	       sscanf(text, "%llu:%llu%n", &device, &inode, &end) == 2 &&
	       text[end] == '\0' && fstat(fd, &st) == 0 &&
	       st.st_dev == device && st.st_ino == inode;
}

void
log_begin(struct log *log)
{
	*log = (struct log){
		.journal = log_is_journal(STDERR_FILENO),
		.recent = { .bytes = log->tail, .size = LOG_TAIL },
	};
}

static bool
everybody_may_write(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && (st.st_mode & S_IWOTH) != 0;
}

static int
refuse(const char *file, const char *why, struct err *err)
{
	(void)err_set(err, ERR_FAILED, 0, "the log '%.300s' %s", file, why);
	return err_hint(err, "name another file, best in a folder that "
			     "nobody else may write");
}

/*
 * Who forgets the value of --log-file names the database with it.  What begins
 * with a byte that no text has is not appended to; what cannot be read may be
 * a log all the same.
 */
static bool
is_text(const char *file)
{
	static const char in_text[] = "\t\n\r\f\033";
	AUTO(fd)
	int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char begin[128];
	struct err ignored;
	size_t got = 0;

	if (fd < 0 ||
	    file_read_at(fd, begin, sizeof(begin), 0, file, &got, &ignored) < 0)
		return true;
	for (size_t i = 0; i < got; i++)
		if ((unsigned char)begin[i] < 0x20 &&
		    memchr(in_text, begin[i], sizeof(in_text) - 1) == NULL)
			return false;
	return true;
}

/* What O_NOFOLLOW does not see. */
static int
check_file(const char *file, int fd, struct err *err)
{
	AUTO(free) char *folder = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_system(err, "look at the log '%.300s'", file);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_nlink > 1)
		return refuse(file, "has more than one name", err);
	if (!is_text(file))
		return refuse(
		    file, "is no text: a database, or an archive", err);
	if (st.st_uid == geteuid() || st.st_uid == 0)
		return 0;
	if (file_folder_of(file, &folder, err) < 0)
		return -1;
	return everybody_may_write(folder)
		   ? refuse(file,
			 "belongs to another user, in a folder where "
			 "everybody may write",
			 err)
		   : 0;
}

static int
open_file(const char *file, int *ret_fd, struct err *err)
{
	/* Not blocking: nobody may read from a fifo. */
	AUTO(fd)
	int fd = open(file,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK |
		O_CLOEXEC,
	    0640);

	if (fd < 0 && errno == ELOOP) {
		(void)err_set(err, ERR_FAILED, ELOOP,
		    "the log '%.300s' is a symbolic link", file);
		return err_hint(err, "name the file that it leads to");
	}
	if (fd < 0) {
		(void)err_system(err, "open the log '%.300s'", file);
		return err_hint(err,
		    "see 'ls -ld' of it and its folder, or name another file");
	}
	if (check_file(file, fd, err) < 0)
		return -1;
	*ret_fd = take_fd(&fd);
	return 0;
}

int
log_open(struct log *log, const struct log_options *options, struct err *err)
{
	log->syslog = options->syslog;
	log->system = (struct system_log)SYSTEM_LOG_NONE;
	if (options->file == NULL)
		return 0;
	if (open_file(options->file, &log->fd, err) < 0)
		return -1;
	log->file = options->file;
	return 0;
}

void
log_close(struct log *log)
{
	/* Each line was written, or told as lost. */
	if (log->file != NULL)
		(void)close(log->fd);
	if (log->syslog)
		system_log_close(&log->system);
	log->file = NULL;
	log->syslog = false;
}

static const char *
word_of(enum log_priority priority)
{
	switch (priority) {
	case LOG_P_ERROR:
		return "error: ";
	case LOG_P_WARNING:
		return "warning: ";
	case LOG_P_HINT:
		return "hint: ";
	case LOG_P_INFO:
		break;
	}
	return "";
}

static char *
compose(enum log_priority priority, const char *text)
{
	char time[CLOCK_TEXT_BYTES];
	/* A byte that cannot be shown becomes three. */
	size_t size = strlen(text) * 3 + 1;
	AUTO(free) char *printable = malloc(size);
	char *line;

	if (printable == NULL)
		return NULL;
	text_printable(text, printable, size);
	clock_format(clock_now_ms(), time);
	if (asprintf(&line, "%s %ld %s%s\n", time, (long)getpid(),
		word_of(priority), printable) < 0)
		return NULL;
	return line;
}

/* Half a line, on a disk that gets full, is a lost one. */
static int
append(const struct log *log, const char *line, struct err *err)
{
	size_t len = strlen(line);
	ssize_t n;

	do {
		n = write(log->fd, line, len);
	} while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == len
		   ? 0
		   : err_system(err, "write to the log '%.300s'", log->file);
}

/* -1 the first time. */
static int
told_once(int rc, bool *told)
{
	bool first = rc < 0 && !*told;

	*told = *told || rc < 0;
	return first ? -1 : 0;
}

/* Without time and process, which syslog has itself; `line` is cut for it. */
static int
send_to_system(
    struct log *log, enum log_priority priority, char *line, struct err *err)
{
	const char *bare = strchr(strchr(line, ' ') + 1, ' ') + 1;

	line[strlen(line) - 1] = '\0';
	return system_log_send(&log->system, (int)priority, bare, err);
}

int
log_line(struct log *log, enum log_priority priority, const char *text,
    struct err *err)
{
	AUTO(free) char *line = compose(priority, text);
	struct err other = { .kind = ERR_NONE };
	int rc = 0, system_rc = 0;

	if (line == NULL)
		return 0;
	recent_add(&log->recent, line, strlen(line));
	if (log->file != NULL)
		rc = told_once(append(log, line, err), &log->file_failed);
	if (log->syslog)
		system_rc = send_to_system(log, priority, line, &other);
	/* One at a time: the second is told with the next line. */
	if (rc == 0 && told_once(system_rc, &log->syslog_failed) < 0) {
		*err = other;
		rc = -1;
	}
	return rc;
}

const char *
log_prefix(bool journal, enum log_priority priority)
{
	static const char *const prefixes[] = { "<0>", "<1>", "<2>", "<3>",
		"<4>", "<5>", "<6>" };

	return journal ? prefixes[priority] : "";
}

void
log_tail(const struct log *log, char *ret_text, size_t size)
{
	size_t len = recent_copy(&log->recent, ret_text, size - 1);
	const char *end;

	ret_text[len] = '\0';
	/* What was cut began in the middle of a line. */
	if (len == log->recent.count && !log->recent.cut)
		return;
	end = strchr(ret_text, '\n');
	if (end != NULL)
		memmove(ret_text, end + 1, strlen(end + 1) + 1);
}
