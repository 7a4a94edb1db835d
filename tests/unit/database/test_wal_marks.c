#include "database/wal_marks.h"

#include <criterion/criterion.h>
#include <string.h>

/* A -shm's head as SQLite writes it, on this machine. */
static void
make(uint8_t bytes[WAL_MARKS_BYTES])
{
	uint32_t words[WAL_MARKS_BYTES / 4] = { 0 };
	uint16_t page_size = 4096;

	words[0] = 3007000;
	words[2] = 77; /* commits */
	words[4] = 1516; /* frames */
	words[5] = 4000; /* pages */
	words[6] = 13; /* checksum */
	words[7] = 14;
	memcpy(&words[8], "saltSALT", 8);
	memcpy((uint8_t *)words + 14, &page_size, 2);
	((uint8_t *)words)[12] = 1; /* filled */
	memcpy(words + 12, words, 48);
	words[24] = 504; /* backfilled */
	words[25] = 0;
	words[26] = 504;
	words[27] = 1009;
	words[28] = WAL_MARK_UNUSED;
	words[29] = 1516;
	memcpy(bytes, words, WAL_MARKS_BYTES);
}

static struct wal_marks
decode(const uint8_t bytes[WAL_MARKS_BYTES])
{
	struct wal_marks marks;

	wal_marks_decode(bytes, &marks);
	return marks;
}

Test(wal_marks, all_that_is_there)
{
	uint8_t bytes[WAL_MARKS_BYTES];

	make(bytes);
	struct wal_marks marks = decode(bytes);
	cr_assert(marks.known);
	cr_assert_eq(marks.change, 77);
	cr_assert_eq(marks.page_size, 4096);
	cr_assert_eq(marks.frames, 1516);
	cr_assert_eq(marks.pages, 4000);
	cr_assert_eq(marks.backfilled, 504);
	cr_assert_eq(memcmp(marks.salts, "saltSALT", 8), 0);
	cr_assert_eq(marks.checksum[0], 13);
	cr_assert_eq(marks.checksum[1], 14);
	cr_assert_eq(marks.read_mark[0], 0);
	cr_assert_eq(marks.read_mark[2], 1009);
	cr_assert_eq(marks.read_mark[3], WAL_MARK_UNUSED);
	cr_assert_eq(wal_marks_not_checkpointed(&marks), 1012);
}

Test(wal_marks, the_largest_page)
{
	uint8_t bytes[WAL_MARKS_BYTES];
	uint16_t one = 1;

	make(bytes);
	memcpy(bytes + 14, &one, 2);
	memcpy(bytes + 48 + 14, &one, 2);
	cr_assert_eq(decode(bytes).page_size, 65536);
}

/* Readers and checkpoints move nothing that tells of commits. */
Test(wal_marks, the_end_moves_with_commits_alone)
{
	uint8_t bytes[WAL_MARKS_BYTES];

	make(bytes);
	const struct wal_marks first = decode(bytes);
	for (unsigned i = 0; i < 12; i++) {
		make(bytes);
		bytes[i * 4] ^= 4;
		bytes[48 + i * 4] ^= 4;
		const struct wal_marks other = decode(bytes);
		/* The version, a word without use, the sum of the head. */
		bool told = i != 0 && i != 1 && i < 10;

		if (!other.known || i == 3)
			continue;
		cr_expect_eq(
		    wal_marks_same_end(&first, &other), !told, "word %u", i);
	}
	for (unsigned i = 24; i < 30; i++) {
		make(bytes);
		bytes[i * 4] ^= 4;
		const struct wal_marks other = decode(bytes);
		cr_expect(wal_marks_same_end(&first, &other), "word %u", i);
	}
}

/* Any difference between the copies: it is being written. */
Test(wal_marks, two_halves_that_do_not_fit)
{
	uint8_t bytes[WAL_MARKS_BYTES];

	for (size_t i = 0; i < 96; i++) {
		make(bytes);
		bytes[i] ^= 0x10;
		cr_assert_not(decode(bytes).known, "byte %zu", i);
	}
}

Test(wal_marks, nothing_there_yet)
{
	uint8_t bytes[WAL_MARKS_BYTES] = { 0 };

	cr_assert_not(decode(bytes).known);
	make(bytes);
	bytes[12] = bytes[48 + 12] = 0;
	cr_assert_not(decode(bytes).known);
	make(bytes);
	bytes[0] ^= 1;
	bytes[48] ^= 1;
	cr_assert_not(decode(bytes).known, "another version");
}

/* A checkpoint holds READ_0 so, and who moves a mark the mark's. */
Test(wal_marks, an_exclusive_holder_reads_nothing)
{
	static struct locks locks;
	enum lock_name lock;
	uint8_t bytes[WAL_MARKS_BYTES];
	uint32_t frames;

	make(bytes);
	struct wal_marks marks = decode(bytes);
	locks_add(&locks, 100, WAL_LOCK_READ_0, true);
	locks_add(&locks, 101, WAL_LOCK_READ_1, true);
	cr_assert_not(wal_marks_starver(&marks, &locks, &lock, &frames));
	locks_add(&locks, 102, WAL_LOCK_READ_1, false);
	cr_assert(wal_marks_starver(&marks, &locks, &lock, &frames));
	cr_assert_eq(lock, WAL_LOCK_READ_1);
}

/* Two numbers of different moments. */
Test(wal_marks, more_backfilled_than_written)
{
	struct wal_marks marks = {
		.known = true, .frames = 3, .backfilled = 900
	};

	cr_assert_eq(wal_marks_not_checkpointed(&marks), 0);
}

struct held {
	bool known;
	uint32_t backfilled;
	const char *read_locks; /* digits of those that are held */
	int starver; /* -1: none */
	uint32_t frames;
};

Test(wal_marks, who_starves_the_checkpoint)
{
	static const struct held cases[] = {
		{ true, 504, "", -1, 0 },
		{ true, 504, "4", -1, 0 },
		{ true, 504, "2", 2, 507 },
		{ true, 504, "421", 1, 1012 },
		{ true, 504, "24", 2, 507 },
		{ true, 504, "0", 0, 1012 },
		{ true, 300, "01", 0, 1216 },
		{ true, 700, "1", 1, 816 },
		{ true, 1516, "0", -1, 0 }, /* nothing is left to write */
		{ true, 1516, "1", -1, 0 }, /* marks of two moments */
		{ true, 504, "3", -1, 0 }, /* a mark that is not in use */
		{ false, 504, "1", -1, 0 },
	};
	static struct locks locks;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct held *c = &cases[i];
		enum lock_name lock = LOCK_NAMES;
		uint8_t bytes[WAL_MARKS_BYTES];
		uint32_t frames = 1;

		make(bytes);
		struct wal_marks marks = decode(bytes);
		marks.known = c->known;
		marks.backfilled = c->backfilled;
		memset(&locks, 0, sizeof(locks));
		for (const char *p = c->read_locks; *p != '\0'; p++)
			locks_add(&locks, 100 + *p,
			    WAL_LOCK_READ_0 + (enum lock_name)(*p - '0'),
			    false);
		bool starved =
		    wal_marks_starver(&marks, &locks, &lock, &frames);
		cr_assert_eq(starved, c->starver >= 0, "case %zu", i);
		cr_assert_eq(frames, c->frames, "case %zu: %u", i, frames);
		if (starved)
			cr_assert_eq((int)lock - WAL_LOCK_READ_0, c->starver,
			    "case %zu", i);
	}
}
