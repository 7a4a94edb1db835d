/*
 * What is known beforehand (from the end of the file, or from beside it) says
 * how many pages there must be and of which size; the maps of the members say
 * which pages; their list says it once more, with the sums.
 */
#include "archive/increment_read.h"

#include <string.h>

#include "archive/member_path.h"
#include "archive/page_list.h"

static int
begin_member(
    struct walk *walk, uint32_t number, uint32_t *ret_runs, struct err *err)
{
	uint64_t size = (uint64_t)walk->db->page_count * walk->db->page_size;
	struct tar_member member = { 0 };
	char path[MEMBER_PATH_BYTES];

	member_path_pages(walk->db->name, number, path);
	if (tar_reader_member(walk->tar, path, &member, err) < 0)
		return -1;
	if (member.size != size)
		return err_set(err, ERR_DAMAGED, 0,
		    "member %u, '%s', has %llu bytes, and the image of %u "
		    "pages has %llu",
		    tar_reader_members(walk->tar), path,
		    (unsigned long long)member.size, walk->db->page_count,
		    (unsigned long long)size);
	return tar_reader_map(walk->tar, walk->db->page_size, ret_runs, err);
}

static int
prove_member(struct walk *walk, struct err *err)
{
	struct tar_span span = { 0 };

	for (;;) {
		if (tar_reader_span(walk->tar, &span, err) < 0)
			return -1;
		if (span.len == 0)
			return 0;
		if (walk->db->pages_offset == 0)
			walk->db->pages_offset = span.offset;
		if (page_proof_add(walk->proof, walk->frame,
			(uint32_t)(span.at / walk->db->page_size) + 1,
			span.bytes, span.len, err) < 0)
			return -1;
	}
}

/* A member may only be followed by another one when it is full. */
static int
check_runs(const struct walk *walk, uint32_t runs, struct err *err)
{
	uint32_t pages = page_proof_pages(walk->proof);
	uint32_t expected = walk_known(walk)->pages_stored;

	if (pages <= expected && (pages == expected || runs == RUNS_MAX))
		return 0;
	return err_set(err, ERR_DAMAGED, 0,
	    "the manifest's 'pages_stored' is %u, and the archive has %u",
	    expected, pages);
}

static int
prove_pages(struct walk *walk, struct err *err)
{
	uint32_t number = 0, runs = 0;

	do {
		if (begin_member(walk, ++number, &runs, err) < 0 ||
		    prove_member(walk, err) < 0 ||
		    check_runs(walk, runs, err) < 0)
			return -1;
	} while (
	    page_proof_pages(walk->proof) < walk_known(walk)->pages_stored);
	return walk_end_pages(walk, err);
}

int
increment_read(struct walk *walk, struct err *err)
{
	const struct manifest_database *db = walk_known(walk);
	char path[MEMBER_PATH_BYTES];

	walk->db->increment = true;
	(void)stpcpy(walk->db->name, db->name);
	walk->db->page_size = db->page_size;
	walk->db->page_count = db->page_count;
	if (walk_begin_pages(walk, PAGE_ENTRY_BYTES, err) < 0 ||
	    prove_pages(walk, err) < 0)
		return -1;
	member_path_page_list(walk->db->name, path);
	return walk_sums(walk, path, PAGE_ENTRY_BYTES, NULL, err);
}
