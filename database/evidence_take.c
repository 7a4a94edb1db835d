/*
 * The time is noted before the files are looked at: what is written to them
 * later then has a later ctime, whenever we are kept waiting.
 */
#include "database/evidence_take.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "database/filesystem.h"
#include "database/pin_handle.h"

static int64_t
nanoseconds(const struct timespec *ts)
{
	int64_t ns = 0;

	/* A filesystem may say any time; one that does not fit is none. */
	if (__builtin_mul_overflow(ts->tv_sec, INT64_C(1000000000), &ns) ||
	    __builtin_add_overflow(ns, ts->tv_nsec, &ns))
		return INT64_MAX;
	return ns;
}

static bool
take_time(struct evidence *evidence)
{
	struct timespec wall, boot;

	if (clock_gettime(CLOCK_REALTIME, &wall) < 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &boot) < 0)
		return false;
	evidence->time_ns = nanoseconds(&wall);
	evidence->clock_ns = evidence->time_ns - nanoseconds(&boot);
	return true;
}

/* random(4): made anew by each start of the kernel. */
static bool
take_boot(struct evidence *evidence)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err ignored;
	size_t got = 0;

	return fd >= 0 &&
	       file_read(fd, evidence->boot, EVIDENCE_BOOT_BYTES - 1, path,
		   NULL, &got, &ignored) == 0 &&
	       got == EVIDENCE_BOOT_BYTES - 1 &&
	       strspn(evidence->boot, "0123456789abcdef-") == got;
}

static bool
take_file(const char *path, struct evidence_file *ret_file)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	*ret_file = (struct evidence_file){
		.dev = st.st_dev,
		.ino = st.st_ino,
		.links = st.st_nlink,
		.bytes = (uint64_t)st.st_size,
		.modified_ns = nanoseconds(&st.st_mtim),
		.changed_ns = nanoseconds(&st.st_ctim),
	};
	return true;
}

static bool
take_main(const struct source *source, struct evidence *evidence)
{
	return take_file(source->path, &evidence->main) &&
	       evidence->main.dev == source->dev &&
	       evidence->main.ino == source->ino;
}

static bool
take_log(const struct pin *pin, struct evidence *evidence)
{
	const struct wal_marks *log = pin_log(pin);
	char path[sizeof(((struct source *)0)->path) + sizeof("-wal")];

	evidence->wal = pin_facts(pin)->wal;
	if (!evidence->wal)
		return true;
	if (log == NULL)
		return false;
	evidence->frames = log->frames;
	if (log->frames == 0)
		return true;
	if (log->pages != evidence->page_count)
		return false;
	(void)memcpy(evidence->salt, log->salts, sizeof(log->salts));
	(void)memcpy(evidence->checksum, log->checksum, sizeof(log->checksum));
	(void)snprintf(path, sizeof(path), "%s-wal", pin_source(pin)->path);
	return take_file(path, &evidence->log);
}

bool
evidence_take(const struct pin *pin, struct evidence *ret_evidence)
{
	const struct pin_facts *facts = pin_facts(pin);
	const struct source *source = pin_source(pin);
	struct evidence evidence = {
		.page_size = facts->page_size,
		.page_count = facts->page_count,
		.local = filesystem_tells_changes(source->path),
	};
	struct err ignored;

	if (!take_time(&evidence) || !take_boot(&evidence) ||
	    !take_main(source, &evidence) || !take_log(pin, &evidence) ||
	    sha256_once(facts->page_one, facts->page_size, evidence.page_one,
		&ignored) < 0)
		return false;
	*ret_evidence = evidence;
	return true;
}
