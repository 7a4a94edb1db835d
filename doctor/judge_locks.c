/*
 * A lock that is held is nothing bad.  It becomes a warning when it lasted as
 * long as was looked, because then somebody else may be waiting.
 */
#include "doctor/judge.h"

#include <inttypes.h>
#include <stdio.h>

enum { WHO_BYTES = 200 };

static double
seconds_of(const struct facts *facts, pid_t pid, enum lock_name lock)
{
	return holdings_seconds(facts->holdings, pid, lock);
}

/* Of all who hold it in this mode, the longest time. */
static double
longest(const struct facts *facts, enum lock_name lock, bool exclusive)
{
	double most = 0;

	for (const struct lock_holder *holder = NULL;
	     (holder = facts_holder(facts, lock, exclusive, holder)) != NULL;) {
		double seconds = seconds_of(facts, holder->pid, lock);
		if (seconds > most)
			most = seconds;
	}
	return most;
}

static enum severity
by_time(double seconds)
{
	return seconds >= FACTS_PATIENCE ? SEVERITY_WARNING : SEVERITY_INFO;
}

static void
add_holders(const struct facts *facts, enum lock_name lock, bool exclusive,
    struct diagnosed *found)
{
	for (const struct lock_holder *holder = NULL;
	     (holder = facts_holder(facts, lock, exclusive, holder)) != NULL;)
		diagnosed_add_process(
		    found, holder->pid, seconds_of(facts, holder->pid, lock));
}

/* "process 708 'app'", "3 processes, first 708 'app'", or nobody we can see. */
static void
say_who(const struct facts *facts, enum lock_name lock, bool exclusive,
    char ret_text[WHO_BYTES])
{
	const struct lock_holder *first = NULL;
	struct process process;
	unsigned count = 0;

	for (const struct lock_holder *holder = NULL;
	     (holder = facts_holder(facts, lock, exclusive, holder)) != NULL;) {
		count++;
		if (first == NULL || first->pid == 0)
			first = holder;
	}
	if (first == NULL || first->pid == 0) {
		(void)snprintf(
		    ret_text, WHO_BYTES, "a process that this one cannot see");
		return;
	}
	process_describe(first->pid, &process);
	(void)snprintf(ret_text, WHO_BYTES, "process %ld '%s'",
	    (long)process.pid, process.command);
	if (count > 1)
		(void)snprintf(ret_text, WHO_BYTES,
		    "%u processes, one of them %ld '%s',", count,
		    (long)process.pid, process.command);
}

static void
say_time(double seconds, char ret_text[40])
{
	ret_text[0] = '\0';
	if (seconds > 0)
		(void)snprintf(
		    ret_text, 40, ", for at least %.1f seconds", seconds);
}

/* A finding about all who hold a lock; the words before and after their name. */
static struct diagnosed *
add_lock(const struct facts *facts, struct diagnosis *diagnosis,
    enum finding_id id, enum lock_name lock, bool exclusive,
    const char *predicate)
{
	double seconds = longest(facts, lock, exclusive);
	char who[WHO_BYTES], time[40];

	say_who(facts, lock, exclusive, who);
	say_time(seconds, time);
	struct diagnosed *found = diagnosis_add(diagnosis, id, by_time(seconds),
	    facts->source.path, "%s %s%s", who, predicate, time);
	add_holders(facts, lock, exclusive, found);
	return found;
}

static bool
is_held(const struct facts *facts, enum lock_name lock, bool exclusive)
{
	return facts_holder(facts, lock, exclusive, NULL) != NULL;
}

static void
judge_writer(const struct facts *facts, struct diagnosis *diagnosis)
{
	if (is_held(facts, WAL_LOCK_WRITE, true))
		(void)add_lock(facts, diagnosis, FOUND_WRITE_LOCK,
		    WAL_LOCK_WRITE, true,
		    "holds the write lock, with no commit meanwhile");
	else if (is_held(facts, MAIN_LOCK_RESERVED, true))
		(void)add_lock(facts, diagnosis, FOUND_WRITE_LOCK,
		    MAIN_LOCK_RESERVED, true, "holds the write lock");
}

static bool
find_starver(
    const struct facts *facts, enum lock_name *ret_lock, uint32_t *ret_frames)
{
	*ret_lock = LOCK_NAMES;
	return wal_marks_starver(
	    &facts->marks, &facts->locks, ret_lock, ret_frames);
}

static void
judge_starver(const struct facts *facts, struct diagnosis *diagnosis)
{
	enum lock_name lock;
	uint32_t frames;
	char predicate[200];

	if (!find_starver(facts, &lock, &frames))
		return;
	if (lock == WAL_LOCK_READ_0)
		(void)snprintf(predicate, sizeof(predicate),
		    "reads the main file as it was before the WAL, and keeps "
		    "all %" PRIu32 " frames from being checkpointed",
		    frames);
	else
		(void)snprintf(predicate, sizeof(predicate),
		    "reads the state at frame %" PRIu32 " of %" PRIu32
		    ", and keeps %" PRIu32 " frames from being checkpointed",
		    facts->marks.frames - frames, facts->marks.frames, frames);
	struct diagnosed *found = add_lock(
	    facts, diagnosis, FOUND_CHECKPOINT_STARVED, lock, false, predicate);
	found->frames = frames;
}

/* In WAL mode: at any mark but the starver's. */
static void
judge_wal_readers(const struct facts *facts, struct diagnosis *diagnosis)
{
	struct diagnosed *found = NULL;
	enum lock_name starver;
	uint32_t frames;

	(void)find_starver(facts, &starver, &frames);
	for (enum lock_name lock = WAL_LOCK_READ_0; lock <= WAL_LOCK_READ_4;
	     lock++) {
		if (lock == starver || !is_held(facts, lock, false))
			continue;
		if (found == NULL)
			found = diagnosis_add(diagnosis, FOUND_READING,
			    SEVERITY_INFO, facts->source.path,
			    "somebody reads at the moment");
		add_holders(facts, lock, false, found);
	}
}

static void
judge_rollback_readers(const struct facts *facts, struct diagnosis *diagnosis)
{
	bool waited_for = is_held(facts, MAIN_LOCK_PENDING, true);

	if (!is_held(facts, MAIN_LOCK_SHARED, false))
		return;
	struct diagnosed *found = diagnosis_add(diagnosis, FOUND_READING,
	    waited_for ? SEVERITY_WARNING : SEVERITY_INFO, facts->source.path,
	    "somebody reads at the moment%s",
	    waited_for ? ", and a writer waits for the end of it" : "");
	add_holders(facts, MAIN_LOCK_SHARED, false, found);
}

static void
judge_readers(const struct facts *facts, struct diagnosis *diagnosis)
{
	if (facts->source.through_wal)
		judge_wal_readers(facts, diagnosis);
	else
		judge_rollback_readers(facts, diagnosis);
}

/* Who closes a database or commits in rollback mode does it for a moment. */
static void
judge_exclusive(const struct facts *facts, struct diagnosis *diagnosis)
{
	bool lasts = longest(facts, MAIN_LOCK_SHARED, true) >= FACTS_PATIENCE;
	bool mode =
	    lasts && facts->source.through_wal && !facts->source.has_shm;

	if (is_held(facts, MAIN_LOCK_SHARED, true))
		(void)add_lock(facts, diagnosis, FOUND_EXCLUSIVE_LOCK,
		    MAIN_LOCK_SHARED, true,
		    mode ? "has the database to itself, in WAL mode and "
			   "without a -shm (locking_mode=EXCLUSIVE)"
			 : "has the database to itself");
}

static void
judge_unseen(const struct facts *facts, struct diagnosis *diagnosis)
{
	bool unseen = false;

	for (unsigned i = 0; i < facts->locks.listed; i++)
		unseen = unseen || facts->locks.list[i].pid == 0;
	if (unseen)
		(void)diagnosis_add(diagnosis, FOUND_UNSEEN_PROCESS,
		    SEVERITY_INFO, facts->source.path,
		    "a process that this one cannot see holds locks");
}

static void
judge_knowledge(const struct facts *facts, struct diagnosis *diagnosis)
{
	if (facts->locks_err.kind != ERR_NONE)
		(void)diagnosis_add(diagnosis, FOUND_LOCKS_UNKNOWN,
		    SEVERITY_WARNING, facts->source.path, "%s",
		    facts->locks_err.text);
	else if (is_held(facts, WAL_LOCK_ALIVE, false) && !facts->marks.known)
		(void)diagnosis_add(diagnosis, FOUND_LOCKS_UNKNOWN,
		    SEVERITY_WARNING, facts->source.path,
		    "its -shm cannot be read by this user, so nobody can tell "
		    "who keeps the WAL from being checkpointed");
}

void
judge_locks(const struct facts *facts, struct diagnosis *diagnosis)
{
	judge_writer(facts, diagnosis);
	judge_starver(facts, diagnosis);
	judge_readers(facts, diagnosis);
	if (is_held(facts, WAL_LOCK_CHECKPOINT, true))
		(void)add_lock(facts, diagnosis, FOUND_CHECKPOINT_RUNNING,
		    WAL_LOCK_CHECKPOINT, true, "is checkpointing");
	judge_exclusive(facts, diagnosis);
	judge_unseen(facts, diagnosis);
	judge_knowledge(facts, diagnosis);
}
