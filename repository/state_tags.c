/*
 * The file:
 *
 *	tags	PAGE_TAG_BYTES for each page
 *	facts	at_* below, FACTS_BYTES in all
 *	seal	the tag of tags and facts, under the key in the facts
 *
 * Why the root is in it: two snapshots of a set may have a page in common that
 * a third one in between has not.  Tags of another snapshot than the parent
 * would call a page unchanged that is another one than the parent's, and the
 * new snapshot would hold the wrong one.
 *
 * Why there is a seal although a damaged tag only costs a sum: half of this
 * file and half of an older one, with the new root, would be such tags.  That
 * can be what a power cut leaves of a file that was not flushed.
 *
 * Who can write such a file can make a backup miss changes, which who can write
 * page sums cannot (they are proved by the root).  So it must be this user's,
 * and nobody else may write to it.
 */
#include "repository/state_tags.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/file.h"

static const char magic[16] = "litesafe tags 1";

enum {
	at_magic = 0,
	at_key = at_magic + sizeof(magic),
	at_root = at_key + PAGE_TAG_KEY_BYTES,
	at_page_size = at_root + SHA256_BYTES,
	at_page_count = at_page_size + 4,
	at_age = at_page_count + 4,
	FACTS_BYTES = at_age + 4,
	/* Tags are read for the seal in pieces of this size. */
	PIECE_BYTES = 1 << 16,
};

static const char tags_name[] = "the file of page tags";

static uint64_t
tags_bytes(const struct manifest_database *db)
{
	return (uint64_t)db->page_count * PAGE_TAG_BYTES;
}

static void
encode_facts(const struct state_tags *tags, const struct manifest_database *db,
    uint8_t ret_facts[FACTS_BYTES])
{
	memcpy(ret_facts + at_magic, magic, sizeof(magic));
	memcpy(ret_facts + at_key, tags->key, PAGE_TAG_KEY_BYTES);
	memcpy(ret_facts + at_root, db->root, SHA256_BYTES);
	put_le32(ret_facts + at_page_size, db->page_size);
	put_le32(ret_facts + at_page_count, db->page_count);
	put_le32(ret_facts + at_age, tags->age);
}

/* Of what is in the file, and of the facts that are or will be behind it. */
static int
find_seal(int fd, uint64_t size, const uint8_t facts[FACTS_BYTES],
    uint8_t ret_seal[PAGE_TAG_BYTES], struct err *err)
{
	AUTO(tagger) struct tagger *tagger = NULL;
	uint8_t piece[PIECE_BYTES];

	if (tagger_new(facts + at_key, &tagger, err) < 0)
		return -1;
	tagger_begin(tagger, PAGE_TAG_NONCE_SEAL);
	for (uint64_t at = 0, len = 0; at < size; at += len) {
		size_t got = 0;

		len = size - at < sizeof(piece) ? size - at : sizeof(piece);
		if (file_read_at(
			fd, piece, (size_t)len, at, tags_name, &got, err) < 0)
			return -1;
		if (got < len)
			return err_set(err, ERR_FAILED, 0,
			    "%s has %llu of %llu bytes", tags_name,
			    (unsigned long long)(at + got),
			    (unsigned long long)size);
		tagger_add(tagger, piece, got);
	}
	tagger_add(tagger, facts, FACTS_BYTES);
	tagger_finish(tagger, ret_seal);
	return 0;
}

/* A regular file of the right size that nobody else can have written. */
static bool
is_ours(int fd, uint64_t size)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == size && st.st_uid == geteuid() &&
	       (st.st_mode & (S_IWGRP | S_IWOTH | S_IRGRP | S_IROTH)) == 0;
}

static bool
is_sealed(
    int fd, const struct manifest_database *parent, struct state_tags *ret_tags)
{
	uint8_t end[FACTS_BYTES + PAGE_TAG_BYTES];
	uint8_t expected[FACTS_BYTES], seal[PAGE_TAG_BYTES];
	uint64_t size = tags_bytes(parent);
	struct err ignored;
	size_t got = 0;

	if (file_read_at(
		fd, end, sizeof(end), size, tags_name, &got, &ignored) < 0 ||
	    got < sizeof(end))
		return false;
	memcpy(ret_tags->key, end + at_key, PAGE_TAG_KEY_BYTES);
	ret_tags->age = get_le32(end + at_age);
	encode_facts(ret_tags, parent, expected);
	return memcmp(end, expected, FACTS_BYTES) == 0 &&
	       find_seal(fd, size, end, seal, &ignored) == 0 &&
	       memcmp(end + FACTS_BYTES, seal, PAGE_TAG_BYTES) == 0;
}

void
state_tags_open(const struct state *state, const char *name,
    const struct manifest_database *parent, struct state_tags *ret_tags)
{
	char file[STATE_FILE_BYTES];

	*ret_tags = (struct state_tags)STATE_TAGS_NONE;
	state_name(name, "tags", file);
	AUTO(fd) int fd = state_file(state, file);
	if (is_ours(fd, tags_bytes(parent) + FACTS_BYTES + PAGE_TAG_BYTES) &&
	    is_sealed(fd, parent, ret_tags) &&
	    ret_tags->age < STATE_TAGS_AGE_MAX)
		ret_tags->fd = take_fd(&fd);
}

int
state_tags_draft(const struct state *state, const char *name,
    struct draft *ret_draft, struct err *err)
{
	char file[STATE_FILE_BYTES];

	state_name(name, "tags", file);
	return state_draft(state, file, ret_draft, err);
}

int
state_tags_keep(struct draft *draft, const struct state_tags *tags,
    const struct manifest_database *db, struct err *err)
{
	uint8_t end[FACTS_BYTES + PAGE_TAG_BYTES];
	uint64_t size = tags_bytes(db);

	encode_facts(tags, db, end);
	if (find_seal(draft->fd, size, end, end + FACTS_BYTES, err) < 0 ||
	    file_write_at(draft->fd, end, sizeof(end), size, draft->path, err) <
		0)
		return -1;
	return draft_publish_unflushed(draft, err);
}
