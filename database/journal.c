/*
 * A transaction over several databases has a super-journal, whose absolute name
 * stands at the end of each database's own.  Removing it is the commit: a
 * journal that names one which does not exist undoes nothing (readSuperJournal()
 * and pager_playback() in SQLite's pager.c).  That holds only where the files
 * have the paths that they had then.
 */
#include "database/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/text.h"
#include "database/family.h"

enum { header_bytes = 28, magic_bytes = 8, trailer_bytes = 16 };

static const uint8_t magic[magic_bytes] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1,
	0x63, 0xd7 };

/*
 * One in which a byte is wrong is none to SQLite, which sums `char`; whether
 * that has a sign depends on the machine.
 */
static bool
is_summed(const uint8_t *name, uint32_t len, uint32_t sum)
{
	uint32_t plain = 0, negative = 0;

	for (uint32_t i = 0; i < len; i++) {
		plain += name[i];
		negative += name[i] >= 0x80;
	}
	return sum == plain || sum == plain - (negative << 8);
}

/* "NAME", its length, its sum, the magic: the end of the file, or "". */
static int
read_super_name(int fd, uint64_t size, const char *path,
    char ret_name[PATH_MAX], struct err *err)
{
	uint8_t trailer[trailer_bytes], name[PATH_MAX] = { 0 };
	size_t got = 0;

	ret_name[0] = '\0';
	if (size < header_bytes + trailer_bytes)
		return 0;
	if (file_read_at(fd, trailer, sizeof(trailer), size - trailer_bytes,
		path, &got, err) < 0)
		return -1;
	uint32_t len = get_be32(trailer);
	if (got < sizeof(trailer) ||
	    memcmp(trailer + 8, magic, sizeof(magic)) != 0 || len == 0 ||
	    len >= sizeof(name) || len > size - trailer_bytes)
		return 0;
	if (file_read_at(
		fd, name, len, size - trailer_bytes - len, path, &got, err) < 0)
		return -1;
	if (got == len && is_summed(name, len, get_be32(trailer + 4)))
		(void)snprintf(ret_name, PATH_MAX, "%s", (const char *)name);
	return 0;
}

/*
 * To SQLite, an empty file does not exist (unixAccess() in its os_unix.c).  The
 * name as it is in the journal becomes one that can be shown.
 */
static void
judge_super(struct journal *journal)
{
	char name[PATH_MAX];
	struct stat st;

	(void)strcpy(name, journal->super_name);
	journal->kind = stat(name, &st) == 0 && st.st_size > 0
			    ? JOURNAL_SHARED
			    : JOURNAL_SETTLED;
	text_printable(name, journal->super_name, sizeof(journal->super_name));
}

static int
read_journal(int fd, const char *path, struct journal *journal, struct err *err)
{
	uint8_t head[magic_bytes];
	struct stat st;
	size_t got = 0;

	if (fstat(fd, &st) < 0)
		return err_system(err, "look at '%s'", path);
	if (file_read_at(fd, head, sizeof(head), 0, path, &got, err) < 0 ||
	    read_super_name(
		fd, (uint64_t)st.st_size, path, journal->super_name, err) < 0)
		return -1;
	journal->kind = JOURNAL_UNFINISHED;
	if (got < sizeof(head) || memcmp(head, magic, sizeof(magic)) != 0)
		journal->kind = JOURNAL_NO_HEADER;
	else if (journal->super_name[0] != '\0')
		judge_super(journal);
	return 0;
}

int
journal_look(const char *database, struct journal *ret_journal, struct err *err)
{
	char path[FAMILY_NAME_MAX];

	*ret_journal = (struct journal){ .kind = JOURNAL_UNREADABLE };
	(void)snprintf(path, sizeof(path), "%s-journal", database);
	AUTO(fd)
	int fd = open(
	    path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		return 0;
	if (fd < 0 && errno == ENOENT) { /* somebody took care of it just now */
		ret_journal->kind = JOURNAL_UNFINISHED;
		return 0;
	}
	if (fd < 0)
		return err_system(err, "open '%s'", path);
	return read_journal(fd, path, ret_journal, err);
}
