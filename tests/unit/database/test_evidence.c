/*
 * The rule, case by case; and against a model of filesystem, clock and WAL in
 * which everything happens that may happen to a database: whatever the rule
 * calls the same is the same.
 */
#include "database/evidence.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { second = 1000000000 };

static const int64_t noon = 1800000000 * (int64_t)second;

/* A state in the WAL and the main file, both left alone for an hour. */
static struct evidence
quiet(void)
{
	struct evidence e = {
		.boot = "01234567-0123-0123-0123-0123456789ab",
		.time_ns = noon,
		.clock_ns = noon - 5000 * (int64_t)second,
		.local = true,
		.wal = true,
		.page_size = 4096,
		.page_count = 100,
		.page_one = { 1, 2, 3 },
		.main = { 1, 2, 1, 409600, noon - 3600 * (int64_t)second,
		    noon - 3600 * (int64_t)second },
		.frames = 7,
		.salt = { 11, 12 },
		.checksum = { 13, 14 },
		.log = { 1, 3, 1, 28872, noon - 3600 * (int64_t)second,
		    noon - 3600 * (int64_t)second },
	};

	return e;
}

static struct evidence_past then;
static struct evidence now;

static void
begin(void)
{
	then = (struct evidence_past){ .facts = quiet(), .scanned_ns = noon };
	now = quiet();
	now.time_ns += 60 * (int64_t)second;
}

TestSuite(evidence, .init = begin);

static const char *
doubt(void)
{
	return evidence_doubt(&then, &now, &evidence_usual);
}

/* One fact is another one; then all is again as it was. */
#define DOUBTED(change, words) \
	do { \
		begin(); \
		cr_assert_null(doubt()); \
		change; \
		cr_expect_not_null(doubt(), "%s", #change); \
		cr_expect(doubt() != NULL && strstr(doubt(), words) != NULL, \
		    "%s: %s", #change, doubt()); \
	} while (0)

#define BELIEVED(change) \
	do { \
		begin(); \
		change; \
		cr_expect_null(doubt(), "%s: %s", #change, doubt()); \
	} while (0)

Test(evidence, every_fact_counts)
{
	DOUBTED(now.boot[3] = '9', "started again");
	DOUBTED(now.boot[0] = then.facts.boot[0] = '\0', "started again");
	DOUBTED(now.local = false, "filesystem");
	DOUBTED(then.facts.local = false, "filesystem");
	DOUBTED(now.wal = false, "journal mode");
	DOUBTED(now.page_size = 512, "first page");
	DOUBTED(now.page_count++, "first page");
	DOUBTED(now.page_one[31] = 1, "first page");
	DOUBTED(now.main.dev++, "the file");
	DOUBTED(now.main.ino++, "the file");
	DOUBTED(now.main.links++, "several names");
	DOUBTED(then.facts.main.links++, "several names");
	DOUBTED(now.main.bytes++, "the file");
	DOUBTED(now.main.modified_ns++, "the file");
	DOUBTED(now.main.changed_ns++, "the file");
	DOUBTED(now.main.changed_ns--, "the file");
	DOUBTED(now.frames++, "other frames");
	DOUBTED(now.frames = 0, "other frames");
	DOUBTED(then.facts.frames = 0, "other frames");
	DOUBTED(now.salt[0]++, "other frames");
	DOUBTED(now.salt[1]++, "other frames");
	DOUBTED(now.checksum[0]++, "other frames");
	DOUBTED(now.checksum[1]++, "other frames");
	DOUBTED(now.log.dev++, "the -wal");
	DOUBTED(now.log.ino++, "the -wal");
	DOUBTED(now.log.links++, "the -wal");
	DOUBTED(now.log.links = then.facts.log.links = 2, "the -wal");
	DOUBTED(now.log.bytes++, "the -wal");
	DOUBTED(now.log.modified_ns++, "the -wal");
	DOUBTED(now.log.changed_ns++, "the -wal");
}

/* Without frames the -wal is nobody's, and SQLite may make it anew. */
Test(evidence, of_a_state_without_frames_the_log_does_not_matter)
{
	BELIEVED(now.frames = then.facts.frames = 0; now.salt[0]++;
		 now.checksum[1]++; now.log.ino++; now.log.changed_ns += 9);
	BELIEVED(now.wal = then.facts.wal = false;
		 now.frames = then.facts.frames = 0);
}

Test(evidence, clocks)
{
	const int64_t margin = evidence_usual.margin_ns;
	const int64_t step = evidence_usual.clock_step_ns;

	cr_assert_lt(step, margin);
	BELIEVED(now.clock_ns += step);
	BELIEVED(now.clock_ns -= step);
	DOUBTED(now.clock_ns += step + 1, "clock was set");
	DOUBTED(now.clock_ns -= step + 1, "clock was set");
	DOUBTED(now.clock_ns = INT64_MIN, "clock was set");
	DOUBTED(now.clock_ns = INT64_MAX;
		then.facts.clock_ns = INT64_MIN, "clock was set");
	DOUBTED(now.time_ns = noon - 1, "went back");
	DOUBTED(then.scanned_ns = now.time_ns + 1, "went back");
	BELIEVED(now.time_ns = noon);
}

/* Each of the files must have been left alone before the state was read. */
Test(evidence, a_file_that_was_written_to_just_before_proves_nothing)
{
	const int64_t margin = evidence_usual.margin_ns;
	struct evidence *before = &then.facts;

	BELIEVED(now.main.changed_ns = before->main.changed_ns = noon - margin);
	DOUBTED(
	    now.main.changed_ns = before->main.changed_ns = noon - margin + 1,
	    "just before");
	DOUBTED(now.main.changed_ns = before->main.changed_ns = noon + 1,
	    "just before");
	DOUBTED(now.main.changed_ns = before->main.changed_ns = INT64_MAX,
	    "just before");
	BELIEVED(now.log.changed_ns = before->log.changed_ns = noon - margin);
	DOUBTED(now.log.changed_ns = before->log.changed_ns = noon - margin + 1,
	    "the -wal was written to just before");
	/* mtime can be set at will, so it does not count for this. */
	BELIEVED(now.main.modified_ns = before->main.modified_ns = noon);
}

Test(evidence, nothing_is_believed_for_ever)
{
	const int64_t day = evidence_usual.scan_every_ns;

	BELIEVED(now.time_ns = noon + day - 1);
	DOUBTED(now.time_ns = noon + day, "for long");
	DOUBTED(then.scanned_ns = INT64_MIN, "for long");
	BELIEVED(then.times = evidence_usual.scan_every_times - 1);
	DOUBTED(then.times = evidence_usual.scan_every_times, "often enough");
	DOUBTED(then.times = UINT64_MAX, "often enough");
}

/* --- the model ---------------------------------------------------------- */

static uint64_t random_state = 20261127;

static uint32_t
below(uint32_t limit)
{
	/* splitmix64 */
	uint64_t z = (random_state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) % limit);
}

enum { PAGES = 3, FRAMES_MAX = 6 };

/* Pages are numbers: the same number is the same content. */
struct file {
	uint64_t ino;
	uint32_t page[PAGES]; /* of the main file */
	int64_t mtime, ctime;
};

struct wal {
	uint64_t ino;
	uint32_t salt, frames; /* frames: as the index has it */
	struct {
		uint32_t at, page;
	} frame[FRAMES_MAX];
	int64_t mtime, ctime;
};

static struct world {
	int64_t wall, steady;
	uint32_t boot;
	uint64_t inodes;
	uint32_t pages; /* the last number that a page got */
	struct file main;
	struct wal wal;
} world;

/* Of the filesystem's clock: 10 ms, or a second. */
static int64_t granule;

static int64_t
stamp(void)
{
	return world.wall - world.wall % granule;
}

static void
main_written(void)
{
	world.main.mtime = world.main.ctime = stamp();
}

static void
wal_written(void)
{
	world.wal.mtime = world.wal.ctime = stamp();
}

/* Page 0 is SQLite's page 1: not every commit changes it. */
static void
commit(void)
{
	struct wal *wal = &world.wal;
	uint32_t at = below(PAGES);

	if (wal->frames == FRAMES_MAX)
		return;
	wal->frame[wal->frames].at = at;
	wal->frame[wal->frames].page = ++world.pages;
	wal->frames++;
	wal_written();
}

static void
checkpoint(void)
{
	struct wal *wal = &world.wal;

	for (uint32_t i = 0; i < wal->frames; i++)
		world.main.page[wal->frame[i].at] = wal->frame[i].page;
	if (wal->frames > 0)
		main_written();
}

static void
reset(void)
{
	checkpoint();
	world.wal.frames = 0;
	world.wal.salt = below(UINT32_MAX);
	wal_written();
}

/* The last application closes: the -wal goes; the next makes another. */
static void
close_and_open(void)
{
	checkpoint();
	world.wal = (struct wal){ .ino = ++world.inodes };
	world.wal.salt = below(UINT32_MAX);
	wal_written();
}

static void
rolled_back(void)
{
	wal_written(); /* a spilled transaction leaves frames behind the end */
}

static struct world saved;

static void
save(void)
{
	saved = world;
}

/* cp over it, cp -p, mv: content of old, inode and mtime as that makes it. */
static void
restore_main(void)
{
	unsigned how = below(3);

	memcpy(world.main.page, saved.main.page, sizeof(world.main.page));
	main_written();
	if (how > 0)
		world.main.mtime = saved.main.mtime;
	if (how > 1)
		world.main.ino = ++world.inodes;
}

static void
restore_both(void)
{
	struct wal wal = saved.wal;

	wal.ino = below(2) == 0 ? world.wal.ino : ++world.inodes;
	restore_main();
	world.wal = wal;
	wal_written();
	world.wal.mtime = saved.wal.mtime;
}

/* A power cut: the WAL ends where it once did; then others commit. */
static void
power_loss(void)
{
	world.boot += below(2); /* or the disk of a running machine */
	if (world.wal.salt == saved.wal.salt &&
	    saved.wal.frames <= world.wal.frames)
		world.wal.frames = saved.wal.frames;
	wal_written();
	for (uint32_t i = below(3); i > 0; i--)
		commit();
}

static void
overwrite_main(void)
{
	world.main.page[below(PAGES)] = ++world.pages;
	main_written();
}

static void
overwrite_wal(void)
{
	if (world.wal.frames > 0)
		world.wal.frame[below(world.wal.frames)].page = ++world.pages;
	wal_written();
}

static void
touch(void)
{
	world.main.mtime = below(2) == 0 ? saved.main.mtime : stamp();
	world.main.ctime = stamp();
}

static void
set_clock(void)
{
	int64_t step = (int64_t)(1 + below(20)) * second;

	world.wall += below(2) == 0 ? step : -step;
}

static void
nothing(void)
{
}

static void (*const happenings[])(void) = { nothing, nothing, nothing, nothing,
	commit, commit, checkpoint, reset, close_and_open, rolled_back, save,
	restore_main, restore_both, power_loss, overwrite_main, overwrite_wal,
	touch, set_clock };

enum { HAPPENINGS = sizeof(happenings) / sizeof(happenings[0]) };

/* What a reader sees. */
static void
content(uint32_t ret_page[PAGES])
{
	memcpy(ret_page, world.main.page, sizeof(world.main.page));
	for (uint32_t i = 0; i < world.wal.frames; i++)
		ret_page[world.wal.frame[i].at] = world.wal.frame[i].page;
}

static struct evidence
facts(void)
{
	const struct wal *wal = &world.wal;
	struct evidence e = quiet();
	uint32_t page[PAGES];
	uint64_t sum = wal->salt;

	/* The checksum is what the WAL was written with, which an overwrite
	 * does not change: it is of the index, not of the bytes. */
	for (uint32_t i = 0; i < wal->frames; i++)
		sum = sum * 0x100000001b3u + wal->frame[i].at;
	content(page);
	(void)snprintf(e.boot, sizeof(e.boot), "%036u", world.boot);
	e.time_ns = world.wall;
	e.clock_ns = world.wall - world.steady;
	memset(e.page_one, 0, sizeof(e.page_one));
	memcpy(e.page_one, &page[0], sizeof(page[0]));
	e.main = (struct evidence_file){ 1, world.main.ino, 1, 3 * 4096,
		world.main.mtime, world.main.ctime };
	e.frames = wal->frames;
	e.salt[0] = wal->salt;
	e.checksum[0] = (uint32_t)sum;
	e.checksum[1] = (uint32_t)(sum >> 32);
	e.log = (struct evidence_file){ 1, wal->ino, 1, 4096, wal->mtime,
		wal->ctime };
	return e;
}

static void
time_passes(void)
{
	/* Mostly nothing to a moment, now and then long enough. */
	int64_t ns = below(3) == 0 ? (int64_t)below(5000) * 1000000
				   : (int64_t)below(30) * 1000000;

	world.wall += ns;
	world.steady += ns;
}

/* One or several things, the clock set at most once. */
static void
much_happens(void)
{
	bool set = false;

	for (uint32_t i = below(4) == 0 ? 5 : 1; i > 0; i--) {
		void (*happens)(void) = happenings[below(HAPPENINGS)];

		if (happens == set_clock && set)
			continue;
		set = set || happens == set_clock;
		time_passes();
		happens();
	}
}

struct tally {
	unsigned same, false_same, missed;
};

static struct tally
rounds(unsigned count, const struct evidence_rule *rule)
{
	struct tally tally = { 0 };
	struct evidence_past past = { .times = 0 };
	uint32_t read[PAGES] = { 0 }, page[PAGES];

	world = (struct world){ .wall = noon, .inodes = 10 };
	close_and_open();
	save();
	for (unsigned i = 0; i < count; i++) {
		much_happens();
		time_passes();
		struct evidence e = facts();
		content(page);
		bool same = memcmp(page, read, sizeof(page)) == 0;
		if (evidence_doubt(&past, &e, rule) == NULL) {
			past.times++;
			tally.same++;
			tally.false_same += !same;
			continue;
		}
		tally.missed += same;
		past = (struct evidence_past){ .facts = e,
			.scanned_ns = e.time_ns };
		memcpy(read, page, sizeof(read));
		time_passes();
	}
	return tally;
}

Test(evidence, what_is_believed_is_true)
{
	const int64_t granules[] = { second, second / 100, 1 };

	for (unsigned i = 0; i < sizeof(granules) / sizeof(granules[0]); i++) {
		granule = granules[i];
		struct tally tally = rounds(300000, &evidence_usual);

		cr_expect_eq(tally.false_same, 0, "granule %lld: %u of %u",
		    (long long)granule, tally.false_same, tally.same);
		/* It is of some use, too. */
		cr_expect_gt(tally.same, 5000);
	}
}

/* The model would find out: without the margin it does. */
Test(evidence, the_model_notices_a_worse_rule)
{
	struct evidence_rule rule = evidence_usual;

	granule = second;
	rule.margin_ns = 0;
	cr_expect_gt(rounds(100000, &rule).false_same, 0);
	rule = evidence_usual;
	rule.clock_step_ns = INT64_MAX / 2;
	cr_expect_gt(rounds(1000000, &rule).false_same, 0);
}
