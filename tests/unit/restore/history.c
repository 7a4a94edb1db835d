#include "history.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/detached.h"
#include "archive/increment_write.h"

struct repository history_repository;

static struct manifest taken[HISTORY_MAX];
static struct stored_file files[HISTORY_MAX];
static size_t count;

void
history_sql(const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;

	cr_assert_eq(sqlite3_open("app.db", &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_OK,
	    "%s: %s", sql, why);
	cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

void
history_begin(void)
{
	world_begin();
	history_make();
}

void
history_make(void)
{
	struct err err = { 0 };
	bool made = false;

	count = 0;
	history_sql("pragma page_size=1024;"
		    "create table note(tag text);"
		    "insert into note values('0');"
		    "create table fill(id integer primary key, body blob);"
		    "with n(i) as (select 1 union all select i+1 from n"
		    " where i<400)"
		    " insert into fill select i, randomblob(500) from n;");
	cr_assert_eq(
	    repository_init("r", false, &history_repository, &made, &err), 0,
	    "%s", err.text);
	cr_assert_eq(repository_make_set(&history_repository, "app.db", &err),
	    0, "%s", err.text);
}

void
history_end(void)
{
	world_end();
}

static const char *
image_name(size_t number)
{
	static char name[32];

	(void)snprintf(name, sizeof(name), "image.%zu", number);
	return name;
}

const char *
history_path(size_t number, enum snapshot_file file)
{
	static char paths[HISTORY_MAX][SNAPSHOT_DRAFT]
			 [SNAPSHOT_NAME_BYTES + 40];
	char name[SNAPSHOT_NAME_BYTES];
	char *path = paths[number][file];

	cr_assert_leq(number, count);
	snapshot_name(&taken[number], name);
	(void)snprintf(path, sizeof(paths[0][0]), "r/app.db/%s%s", name,
	    snapshot_suffix[file]);
	return path;
}

/* A manifest of app.db as it is now, and its image. */
static uint8_t *
look(size_t *ret_len)
{
	cr_assert_lt(count, HISTORY_MAX);
	uint8_t *image = world_get("app.db", ret_len);
	struct manifest *m = &taken[count];

	*m = world_manifest(image, *ret_len, 0640);
	m->pin_start_ms += (int64_t)count * 3600000;
	m->pin_end_ms = m->finished_ms = m->pin_start_ms;
	world_put(image_name(count), image, *ret_len);
	return image;
}

static void
write_manifest(size_t number)
{
	struct err err = { 0 };
	char *text = NULL;
	size_t len = 0;

	cr_assert_eq(
	    detached_encode(&taken[number], &files[number], &text, &len, &err),
	    0, "%s", err.text);
	world_put(history_path(number, SNAPSHOT_MANIFEST), text, len);
	free(text);
}

static size_t
commit(const struct stored_file *file)
{
	files[count] = *file;
	write_manifest(count);
	return count++;
}

void
history_restate(size_t number, const char *host, bool other_sha256)
{
	(void)snprintf(
	    taken[number].host, sizeof(taken[number].host), "%s", host);
	files[number].sha256[0] ^= other_sha256;
	write_manifest(number);
}

size_t
history_full(void)
{
	size_t len = 0;
	uint8_t *image = look(&len);
	const struct stored_file file = world_write(
	    history_path(count, SNAPSHOT_ARCHIVE), image, &taken[count]);

	free(image);
	return commit(&file);
}

static void
sum_of(const uint8_t *page, uint32_t page_size, uint8_t ret_sum[PAGE_SUM_BYTES])
{
	struct sha256 *stream = NULL;
	struct err err = { 0 };

	cr_assert_eq(sha256_new(&stream, &err), 0);
	sha256_pages(stream, page, page_size, 1, ret_sum);
	sha256_free(stream);
}

static void
root_of(const uint8_t *image, struct manifest_database *db)
{
	struct sha256 *stream = NULL;
	struct err err = { 0 };
	uint8_t sum[PAGE_SUM_BYTES];

	cr_assert_eq(sha256_new(&stream, &err), 0);
	manifest_root_begin(stream, db->page_size, db->page_count);
	for (uint32_t i = 0; i < db->page_count; i++) {
		sum_of(image + (size_t)i * db->page_size, db->page_size, sum);
		sha256_add(stream, sum, sizeof(sum));
	}
	sha256_finish(stream, db->root);
	sha256_free(stream);
}

/* Two images, and which pages of the new one an increment holds. */
struct change {
	const uint8_t *now, *before;
	size_t len, before_len, page_size;
	size_t lacking; /* offset of a page that is left out; 0: none */
};

static bool
is_stored(const struct change *c, size_t at)
{
	if (c->lacking != 0 && at == c->lacking)
		return false;
	return at + c->page_size > c->before_len ||
	       memcmp(c->now + at, c->before + at, c->page_size) != 0;
}

static struct page_list *
list_pages(const struct change *c)
{
	struct page_list *pages = NULL;
	struct err err = { 0 };
	uint8_t sum[PAGE_SUM_BYTES];

	cr_assert_eq(page_list_new("/tmp", &pages, &err), 0, "%s", err.text);
	for (size_t at = 0; at < c->len; at += c->page_size) {
		if (!is_stored(c, at))
			continue;
		sum_of(c->now + at, (uint32_t)c->page_size, sum);
		cr_assert_eq(page_list_add(pages,
				 (uint32_t)(at / c->page_size) + 1, sum, &err),
		    0);
	}
	return pages;
}

static struct stored_file
write_increment(const char *archive, const struct change *c, struct manifest *m)
{
	struct page_list *pages = list_pages(c);
	struct increment_writer *writer = NULL;
	struct stored_file file = { 0 };
	struct err err = { 0 };
	int fd = open(archive, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert(fd >= 0);
	const struct archive_write_options options =
	    world_writer(fd, archive, m);
	cr_assert_eq(increment_writer_new(&options, pages, &writer, &err), 0,
	    "%s", err.text);
	for (size_t at = 0; at < c->len; at += c->page_size)
		if (is_stored(c, at))
			cr_assert_eq(
			    increment_writer_page(writer, c->now + at, &err), 0,
			    "%s", err.text);
	cr_assert_eq(increment_writer_seal(writer, &m->database, &err), 0, "%s",
	    err.text);
	cr_assert_eq(
	    increment_writer_finish(writer, m, &file, &err), 0, "%s", err.text);
	increment_writer_free(writer);
	page_list_free(pages);
	cr_assert_eq(close(fd), 0);
	return file;
}

/* The last page that an increment would hold. */
static size_t
last_stored(const struct change *c)
{
	size_t last = 0;

	for (size_t at = 0; at < c->len; at += c->page_size)
		if (is_stored(c, at))
			last = at;
	cr_assert_neq(last, 0);
	return last;
}

static size_t
take_increment(size_t parent, bool lacking)
{
	struct change c = { .lacking = 0 };
	uint8_t *image = look(&c.len);
	uint8_t *before = world_get(image_name(parent), &c.before_len);
	struct manifest *m = &taken[count];

	cr_assert_lt(parent, count);
	c.now = image;
	c.before = before;
	c.page_size = m->database.page_size;
	if (lacking)
		c.lacking = last_stored(&c);
	(void)snprintf(m->kind, sizeof(m->kind), MANIFEST_INCREMENT);
	memcpy(m->parent, taken[parent].id, sizeof(m->parent));
	memcpy(
	    m->database.parent_root, taken[parent].database.root, SHA256_BYTES);
	root_of(image, &m->database);
	const struct stored_file file =
	    write_increment(history_path(count, SNAPSHOT_ARCHIVE), &c, m);

	free(before);
	free(image);
	return commit(&file);
}

size_t
history_increment(size_t parent)
{
	return take_increment(parent, false);
}

void
history_chain(void)
{
	(void)history_full();
	history_sql("update fill set body=randomblob(500) where id%7=0");
	(void)history_increment(0);
	history_sql("insert into fill select id+1000, randomblob(400) "
		    "from fill where id<100");
	(void)history_increment(1);
}

size_t
history_lacking(size_t parent)
{
	return take_increment(parent, true);
}

const char *
history_id(size_t number)
{
	return taken[number].id;
}

int64_t
history_time(size_t number)
{
	return taken[number].pin_start_ms;
}

bool
history_same(const char *path, size_t number)
{
	size_t len = 0;
	uint8_t *image = world_get(image_name(number), &len);
	bool same = world_same(path, image, len);

	free(image);
	return same;
}

struct catalog
history_catalog(void)
{
	struct catalog catalog;
	struct err err = { 0 };

	cr_assert_eq(
	    catalog_read(&history_repository, "app.db", &catalog, &err), 0,
	    "%s", err.text);
	return catalog;
}

size_t
history_at(const struct catalog *catalog, size_t number)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (strcmp(catalog->list[i].id, taken[number].id) == 0)
			return i;
	cr_assert_fail("snapshot %zu is not in the catalog", number);
	abort();
}
