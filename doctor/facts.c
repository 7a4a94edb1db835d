/*
 * A single look cannot tell a long transaction from a short one that happened
 * to be there, so the locks are looked at again as long as something is held
 * that matters, up to a limit.  A calm database is looked at once.
 *
 * What is in the files is read only while nobody uses the database; while it is
 * in use, the wal-index says more than its -wal could.
 */
#include "doctor/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "database/engine.h"
#include "database/filesystem.h"
#include "database/hot_journal.h"
#include "database/integrity.h"
#include "database/lock_probe.h"
#include "database/side_files.h"

static const struct timespec between_looks = { .tv_nsec = 100000000 };
static const struct timespec one_tick = { .tv_nsec = 20000000 };

const struct lock_holder *
facts_holder(const struct facts *facts, enum lock_name lock, bool exclusive,
    const struct lock_holder *previous)
{
	const struct lock_holder *holder = previous;

	while ((holder = locks_next(&facts->locks, lock, holder)) != NULL)
		if (((exclusive ? holder->exclusive : holder->shared) &
			1U << lock) != 0)
			break;
	return holder;
}

/*
 * Held by the same process since the look before, or for the first time, and
 * not yet known for long enough.
 */
static bool
is_lasting(const struct facts *facts, enum lock_name lock, bool exclusive,
    bool first_look)
{
	for (const struct lock_holder *holder = NULL;
	     (holder = facts_holder(facts, lock, exclusive, holder)) != NULL;) {
		double seconds =
		    holdings_seconds(facts->holdings, holder->pid, lock);
		if ((first_look || seconds > 0) && seconds < FACTS_PATIENCE)
			return true;
	}
	return false;
}

/* Whoever closes a database last deletes its -wal a moment before its -shm. */
static bool
lacks_wal(const struct facts *facts)
{
	char name[FAMILY_NAME_MAX];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s-wal", facts->source.path);
	return facts->marks.known && facts->marks.frames > 0 &&
	       facts_holder(facts, WAL_LOCK_ALIVE, false, NULL) != NULL &&
	       lstat(name, &st) < 0 && errno == ENOENT;
}

static bool
may_matter(const struct facts *facts, bool first_look)
{
	enum lock_name mark = LOCK_NAMES;
	uint32_t frames = 0;

	return facts->wal_deleted ||
	       is_lasting(facts, WAL_LOCK_WRITE, true, first_look) ||
	       is_lasting(facts, MAIN_LOCK_RESERVED, true, first_look) ||
	       is_lasting(facts, MAIN_LOCK_PENDING, true, first_look) ||
	       is_lasting(facts, MAIN_LOCK_SHARED, true, first_look) ||
	       (wal_marks_starver(
		    &facts->marks, &facts->locks, &mark, &frames) &&
		   is_lasting(facts, mark, false, first_look));
}

static int
look_at_locks(struct facts *facts, const struct work *work,
    struct holdings *holdings, struct err *err)
{
	double start = 0;

	facts->holdings = holdings;
	for (bool first = true;; first = false) {
		if (lock_probe(facts->source.path, work, &facts->locks,
			&facts->marks, err) < 0)
			return -1;
		holdings_update(
		    holdings, &facts->locks, &facts->marks, clock_steady());
		if (first)
			start = holdings->now;
		facts->wal_deleted =
		    (first || facts->wal_deleted) && lacks_wal(facts);
		if (holdings->now - start >= FACTS_PATIENCE ||
		    !may_matter(facts, first))
			break;
		(void)nanosleep(&between_looks, NULL);
		if (work_check(work, err) < 0)
			return -1;
	}
	if (occupants_find(facts->source.path, &facts->occupants, err) < 0)
		return -1;
	return strays_find(facts->source.path, &facts->strays, err);
}

/* A stop request is an error; whatever else is a fact. */
static int
settle(int rc, struct err *found, struct err *err)
{
	if (rc == 0 || found->kind != ERR_STOPPED)
		return 0;
	*err = *found;
	return -1;
}

static void
look_at_names(struct facts *facts)
{
	AUTO(free) char *folder = NULL;
	char name[FAMILY_NAME_MAX];
	struct err ignored;
	struct stat st;

	for (unsigned i = 0; i < FAMILY_FILES; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", facts->source.path,
		    family_suffix[i]);
		facts->there[i] = lstat(name, &facts->st[i]) == 0;
	}
	if (facts->st[0].st_nlink > 1 &&
	    !family_find_twin(facts->source.path, &facts->st[0], facts->twin))
		facts->twin[0] = '\0';
	if (file_folder_of(facts->source.path, &folder, &ignored) == 0 &&
	    stat(folder, &st) == 0)
		facts->folder_mode = st.st_mode & 07777;
}

static void
look_at_filesystem(struct facts *facts)
{
	struct statvfs fs;
	struct err ignored;

	if (filesystem_shared(
		facts->source.path, &facts->shared_filesystem, &ignored) < 0)
		facts->shared_filesystem = NULL;
	facts->free_bytes = UINT64_MAX;
	if (statvfs(facts->source.path, &fs) == 0)
		facts->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	facts->would_lock_out = side_files_would_lock_out(&facts->source);
	facts->linked_text = engine_version();
	facts->linked = engine_version_number();
}

static int
look_into_wal(struct facts *facts, const struct work *work, struct err *err)
{
	const char *path = facts->source.path;

	if (wal_file_read(path, work, &facts->wal, err) < 0)
		return -1;
	if (!facts->wal.believed || facts->wal.frames == 0 ||
	    facts->wal.header.page_size != facts->source.header.page_size)
		return 0;
	if (wal_file_compare(path, &facts->wal, work, &facts->fit, err) < 0)
		return -1;
	facts->fit_known = true;
	return 0;
}

/*
 * Room that an application made ahead (SQLITE_FCNTL_CHUNK_SIZE) is zeros, or a
 * hole, which may be far larger than the disk.
 */
static int
look_at_tail(struct facts *facts, const struct work *work, struct err *err)
{
	const struct header *header = &facts->source.header;
	uint64_t offset = (uint64_t)header->page_count * header->page_size;
	uint8_t bytes[65536];
	size_t got = sizeof(bytes);

	if (!header->page_count_valid || offset >= facts->source.bytes)
		return 0;
	AUTO(fd)
	int fd = open(
	    facts->source.path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "open '%s'", facts->source.path);
	while (got == sizeof(bytes) && !facts->tail_has_content) {
		off_t data = lseek(fd, (off_t)offset, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			break;
		if (data > 0)
			offset = (uint64_t)data;
		if (work_check(work, err) < 0 ||
		    file_read_at(fd, bytes, sizeof(bytes), offset,
			facts->source.path, &got, err) < 0)
			return -1;
		facts->tail_has_content = !bytes_are_zero(bytes, got);
		offset += got;
	}
	return 0;
}

static bool
is_as_before(const struct facts *facts, unsigned file)
{
	char name[FAMILY_NAME_MAX];
	const struct stat *before = &facts->st[file];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", facts->source.path,
	    family_suffix[file]);
	if (lstat(name, &st) < 0)
		return !facts->there[file];
	return facts->there[file] && st.st_ino == before->st_ino &&
	       st.st_size == before->st_size &&
	       st.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

static bool
is_in_transaction(const struct locks *locks)
{
	return locks_next(locks, MAIN_LOCK_RESERVED, NULL) != NULL ||
	       locks_next(locks, MAIN_LOCK_PENDING, NULL) != NULL;
}

/*
 * A writer takes its lock before it makes the journal, and gives it up after
 * the journal is gone.  So one that was there before the locks were looked at,
 * and is the same one afterwards, while nobody had the lock, is nobody's.  The
 * pause is longer than a tick of the filesystem's clock: a new journal in the
 * inode of an old one has another time.
 */
static int
judge_hotness(struct facts *facts, const struct work *work, struct err *err)
{
	const unsigned journal = 2; /* in family_suffix[] */
	struct locks locks;
	struct wal_marks marks;

	(void)nanosleep(&one_tick, NULL);
	if (lock_probe(facts->source.path, work, &locks, &marks, err) < 0)
		return -1;
	facts->hot_journal = facts->there[journal] &&
			     !is_in_transaction(&locks) &&
			     is_as_before(facts, journal);
	if (facts->hot_journal)
		(void)hot_journal_explain(&facts->source, &facts->hot_why);
	return 0;
}

static int
look_at_journal(struct facts *facts, const struct work *work, struct err *err)
{
	struct err *found = &facts->journal_err;
	int rc = journal_file_look(facts->source.path, &facts->journal, found);

	if (rc == 0 && facts->journal == JOURNAL_OPEN)
		rc = judge_hotness(facts, work, found);
	return settle(rc, found, err);
}

/*
 * Somebody may have begun to use it while its files were read, or have come and
 * gone; what was read then need not belong together, and is not judged.
 */
static void
forget_if_moved(struct facts *facts)
{
	struct locks locks;
	struct err ignored;
	bool moved = locks_find(facts->source.path, &locks, &ignored) < 0 ||
		     locks.count > 0;

	for (unsigned i = 0; i < FAMILY_FILES; i++)
		moved = moved || !is_as_before(facts, i);
	if (!moved)
		return;
	facts->in_use = true;
	facts->wal = (struct wal_file){ .bytes = 0 };
	facts->wal_err.kind = ERR_NONE;
	facts->fit_known = facts->tail_has_content = false;
	facts->not_checked = "it was used meanwhile";
}

/* The main file alone is the database only when nothing stands beside it. */
static const char *
why_not_checked(const struct facts *facts)
{
	if (facts->in_use)
		return "somebody has it open";
	if (facts->source.wal_bytes > 0)
		return "there is a -wal that belongs to it";
	if (facts->journal == JOURNAL_OPEN ||
	    facts->journal_err.kind != ERR_NONE)
		return "there is a -journal that may belong to it";
	return NULL;
}

static int
check_content(struct facts *facts, const struct work *work, struct err *err)
{
	const char *path = facts->source.path;

	facts->not_checked = why_not_checked(facts);
	if (facts->check == FACTS_CHECK_NONE || facts->not_checked != NULL)
		return 0;
	AUTO(fd) int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_system(err, "open '%s'", path);
	return integrity_check(fd, path,
	    facts->check == FACTS_CHECK_FULL ? INTEGRITY_FULL : INTEGRITY_QUICK,
	    work, &facts->findings, err);
}

static int
look_into_files(struct facts *facts, const struct work *work, struct err *err)
{
	int rc = look_into_wal(facts, work, &facts->wal_err);

	if (settle(rc, &facts->wal_err, err) < 0 ||
	    look_at_tail(facts, work, err) < 0 ||
	    check_content(facts, work, err) < 0)
		return -1;
	forget_if_moved(facts);
	return 0;
}

int
facts_gather(const struct facts_request *request, struct facts *ret_facts,
    struct err *err)
{
	struct facts *facts = ret_facts;
	const struct work *work = request->work;

	memset(facts, 0, sizeof(*facts));
	facts->check = request->check;
	if (source_look(request->path, &facts->source, err) < 0)
		return -1;
	int rc =
	    look_at_locks(facts, work, request->holdings, &facts->locks_err);
	if (settle(rc, &facts->locks_err, err) < 0)
		return -1;
	facts->in_use =
	    rc < 0 || facts->locks.count > 0 || facts->occupants.count > 0;
	facts->not_checked = why_not_checked(facts);
	look_at_names(facts);
	look_at_filesystem(facts);
	if (look_at_journal(facts, work, err) < 0)
		return -1;
	return facts->in_use ? 0 : look_into_files(facts, work, err);
}
