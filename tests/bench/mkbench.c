/*
 * Makes the database that the benchmark works on: what a small shop's server
 * might have after some years.
 *
 * In:  mkbench FILE MEGABYTES
 * Out: a WAL database of about that size: customers, orders, order lines,
 *      an event log with JSON, a few attachments that do not compress; seven
 *      indexes that grew with the rows, pages that are partly empty, some
 *      pages on the freelist, and a -wal with frames in it.
 *
 * The seed is fixed: the same SQLite makes the same content from the same
 * size.  Names and texts are made of invented words, with enough variety that
 * `zstd -3` takes the file to a bit less than half, as it does with real ones.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

enum { WORDS = 2000, ROUNDS_PER_COMMIT = 2000, WAL_COMMITS = 300 };

static const char schema[] =
    "PRAGMA page_size=4096;"
    "PRAGMA journal_mode=OFF;"
    "PRAGMA synchronous=OFF;"
    "PRAGMA cache_size=-400000;"
    "CREATE TABLE customer(id INTEGER PRIMARY KEY, uuid TEXT NOT NULL,"
    " name TEXT NOT NULL, email TEXT NOT NULL, city TEXT, joined TEXT,"
    " settings TEXT);"
    "CREATE UNIQUE INDEX customer_email ON customer(email);"
    "CREATE UNIQUE INDEX customer_uuid ON customer(uuid);"
    "CREATE TABLE purchase(id INTEGER PRIMARY KEY, uuid BLOB NOT NULL,"
    " customer INTEGER NOT NULL REFERENCES customer, state TEXT NOT NULL,"
    " cents INTEGER NOT NULL, placed TEXT NOT NULL, note TEXT);"
    "CREATE UNIQUE INDEX purchase_uuid ON purchase(uuid);"
    "CREATE INDEX purchase_customer ON purchase(customer, placed);"
    "CREATE TABLE line(purchase INTEGER NOT NULL, number INTEGER NOT NULL,"
    " sku TEXT NOT NULL, pieces INTEGER NOT NULL, cents INTEGER NOT NULL,"
    " PRIMARY KEY(purchase, number)) WITHOUT ROWID;"
    "CREATE INDEX line_sku ON line(sku);"
    "CREATE TABLE event(id INTEGER PRIMARY KEY, at REAL NOT NULL,"
    " kind TEXT NOT NULL, customer INTEGER, body TEXT NOT NULL);"
    "CREATE INDEX event_at ON event(at);"
    "CREATE INDEX event_customer ON event(customer, kind);"
    "CREATE TABLE attachment(id INTEGER PRIMARY KEY, purchase INTEGER,"
    " name TEXT, body BLOB);";

enum insert { CUSTOMER, PURCHASE, LINE, EVENT, ATTACHMENT, PRUNE, INSERTS };

static const char *const inserts[INSERTS] = {
	[CUSTOMER] = "INSERT INTO customer VALUES(NULL,?,?,?,?,?,?)",
	[PURCHASE] = "INSERT INTO purchase VALUES(NULL,?,?,?,?,?,?)",
	[LINE] = "INSERT INTO line VALUES(?,?,?,?,?)",
	[EVENT] = "INSERT INTO event VALUES(NULL,?,?,?,?)",
	[ATTACHMENT] = "INSERT INTO attachment VALUES(NULL,?,?,?)",
	[PRUNE] = "DELETE FROM event WHERE id BETWEEN ?1 AND ?1 + 400",
};

struct shop {
	sqlite3 *db;
	sqlite3_stmt *insert[INSERTS];
	uint64_t random;
	char word[WORDS][12];
	int64_t customers;
	int64_t purchases;
	int64_t events;
	double now; /* seconds since 1970, in the shop's history */
};

static void
die(sqlite3 *db, const char *what)
{
	(void)fprintf(stderr, "mkbench: %s: %s\n", what,
	    db == NULL ? "no memory" : sqlite3_errmsg(db));
	exit(1);
}

static void
sql(struct shop *shop, const char *text)
{
	if (sqlite3_exec(shop->db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(shop->db, text);
}

/* splitmix64 (Steele, Lea, Flood 2014): one addition and a mix. */
static uint64_t
draw(struct shop *shop)
{
	uint64_t z = shop->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static unsigned
below(struct shop *shop, unsigned limit)
{
	return (unsigned)(draw(shop) % limit);
}

/* Few words are said often and many seldom, as people do. */
static const char *
word(struct shop *shop)
{
	unsigned most = 1 + below(shop, WORDS);

	return shop->word[below(shop, most)];
}

static void
invent_words(struct shop *shop)
{
	static const char first[] = "bcdfghklmnprstvw";
	static const char second[] = "aeiou";

	for (int i = 0; i < WORDS; i++) {
		unsigned pairs = 2 + below(shop, 4);
		char *p = shop->word[i];

		while (pairs-- > 0) {
			*p++ = first[below(shop, sizeof(first) - 1)];
			*p++ = second[below(shop, sizeof(second) - 1)];
		}
		*p = '\0';
	}
}

/* Appends to the text in `buf`; what does not fit is cut. */
static void __attribute__((format(printf, 3, 4)))
say(char *buf, size_t size, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(buf + used, size - used, format, args);
	va_end(args);
}

static void
uuid(struct shop *shop, char text[37])
{
	uint64_t a = draw(shop), b = draw(shop);

	(void)snprintf(text, 37, "%08x-%04x-4%03x-%04x-%012" PRIx64,
	    (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
	    (unsigned)(a & 0xfff), (unsigned)(b >> 48 & 0x3fff) | 0x8000,
	    b & 0xffffffffffff);
}

/* The shop's clock as text; days of 2018 to 2026 are near enough. */
static void
when(const struct shop *shop, char text[32])
{
	int64_t minutes = (int64_t)shop->now / 60;
	int64_t days = minutes / 1440;

	(void)snprintf(text, 32, "%04d-%02d-%02dT%02d:%02d:%06.3fZ",
	    (int)(2018 + days / 372), (int)(1 + days / 31 % 12),
	    (int)(1 + days % 31), (int)(minutes / 60 % 24), (int)(minutes % 60),
	    shop->now - (double)(minutes * 60));
}

static void
bind_text(sqlite3_stmt *stmt, int column, const char *text)
{
	(void)sqlite3_bind_text(stmt, column, text, -1, SQLITE_TRANSIENT);
}

static void
run(struct shop *shop, enum insert which)
{
	if (sqlite3_step(shop->insert[which]) != SQLITE_DONE)
		die(shop->db, inserts[which]);
	(void)sqlite3_reset(shop->insert[which]);
}

static void
add_customer(struct shop *shop)
{
	sqlite3_stmt *stmt = shop->insert[CUSTOMER];
	char text[400] = "";

	shop->customers++;
	uuid(shop, text);
	bind_text(stmt, 1, text);
	text[0] = '\0';
	say(text, sizeof(text), "%s %s", word(shop), word(shop));
	bind_text(stmt, 2, text);
	text[0] = '\0';
	say(text, sizeof(text), "%s.%s%" PRId64 "@%s.example", word(shop),
	    word(shop), shop->customers, word(shop));
	bind_text(stmt, 3, text);
	bind_text(stmt, 4, word(shop));
	when(shop, text);
	bind_text(stmt, 5, text);
	text[0] = '\0';
	say(text, sizeof(text),
	    "{\"theme\":\"%s\",\"language\":\"%c%c\",\"newsletter\":%s,"
	    "\"pageSize\":%u,\"lastSeen\":%.3f}",
	    below(shop, 3) != 0 ? "light" : "dark", 'a' + (int)below(shop, 26),
	    'a' + (int)below(shop, 26), below(shop, 2) != 0 ? "true" : "false",
	    10 * (1 + below(shop, 10)), shop->now);
	bind_text(stmt, 6, text);
	run(shop, CUSTOMER);
}

static void
add_lines(struct shop *shop)
{
	sqlite3_stmt *stmt = shop->insert[LINE];
	unsigned count = 1 + below(shop, 5);

	for (unsigned i = 1; i <= count; i++) {
		char sku[16];

		(void)snprintf(sku, sizeof(sku), "%c%c-%05u",
		    'A' + (int)below(shop, 26), 'A' + (int)below(shop, 26),
		    below(shop, 40000));
		(void)sqlite3_bind_int64(stmt, 1, shop->purchases);
		(void)sqlite3_bind_int64(stmt, 2, i);
		bind_text(stmt, 3, sku);
		(void)sqlite3_bind_int64(stmt, 4, 1 + below(shop, 4));
		(void)sqlite3_bind_int64(stmt, 5, 99 + below(shop, 20000));
		run(shop, LINE);
	}
}

static void
add_purchase(struct shop *shop)
{
	static const char *const states[] = { "open", "paid", "sent",
		"returned" };
	sqlite3_stmt *stmt = shop->insert[PURCHASE];
	uint64_t id[2] = { draw(shop), draw(shop) };
	char text[300];

	shop->purchases++;
	(void)sqlite3_bind_blob(stmt, 1, id, sizeof(id), SQLITE_TRANSIENT);
	(void)sqlite3_bind_int64(
	    stmt, 2, 1 + (int64_t)(draw(shop) % (uint64_t)shop->customers));
	bind_text(stmt, 3, states[below(shop, 4)]);
	(void)sqlite3_bind_int64(stmt, 4, 99 + below(shop, 90000));
	when(shop, text);
	bind_text(stmt, 5, text);
	text[0] = '\0';
	for (unsigned n = below(shop, 12); n > 0; n--)
		say(text, sizeof(text), "%s ", word(shop));
	bind_text(stmt, 6, text);
	run(shop, PURCHASE);
	add_lines(shop);
}

static void
add_event(struct shop *shop)
{
	static const char *const kinds[] = { "view", "view", "view", "search",
		"login", "cart", "error" };
	static const char *const agents[] = { "Mozilla/5.0 (X11; Linux x86_64)",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X)",
		"ShopApp/4.7.1 (Android 14)" };
	sqlite3_stmt *stmt = shop->insert[EVENT];
	char session[37], text[600] = "";

	uuid(shop, session);
	say(text, sizeof(text),
	    "{\"session\":\"%s\",\"path\":\"/%s/%s-%s/%u\",\"query\":\"%s\","
	    "\"ms\":%u.%02u,\"address\":\"%u.%u.%u.%u\",\"agent\":\"%s\","
	    "\"status\":%u,\"bytes\":%u,\"tags\":[\"%s\",\"%s\"]}",
	    session, word(shop), word(shop), word(shop), below(shop, 100000),
	    word(shop), below(shop, 900), below(shop, 100), below(shop, 256),
	    below(shop, 256), below(shop, 256), below(shop, 256),
	    agents[below(shop, 4)], below(shop, 20) != 0 ? 200u : 404u,
	    below(shop, 90000), word(shop), word(shop));
	shop->events++;
	shop->now += (double)below(shop, 7000) / 1000;
	(void)sqlite3_bind_double(stmt, 1, shop->now);
	bind_text(stmt, 2, kinds[below(shop, 7)]);
	(void)sqlite3_bind_int64(
	    stmt, 3, 1 + (int64_t)(draw(shop) % (uint64_t)shop->customers));
	bind_text(stmt, 4, text);
	run(shop, EVENT);
}

static void
add_attachment(struct shop *shop)
{
	sqlite3_stmt *stmt = shop->insert[ATTACHMENT];
	uint64_t body[1024];
	unsigned count = 64 + below(shop, 960);

	for (unsigned i = 0; i < count; i++)
		body[i] = draw(shop);
	(void)sqlite3_bind_int64(stmt, 1, shop->purchases);
	bind_text(stmt, 2, word(shop));
	(void)sqlite3_bind_blob(
	    stmt, 3, body, (int)(count * sizeof(body[0])), SQLITE_TRANSIENT);
	run(shop, ATTACHMENT);
}

static void
one_round(struct shop *shop)
{
	if (shop->customers == 0 || below(shop, 4) == 0)
		add_customer(shop);
	add_purchase(shop);
	for (unsigned n = 1 + below(shop, 5); n > 0; n--)
		add_event(shop);
	if (below(shop, 22) == 0)
		add_attachment(shop);
}

static int64_t
pages(struct shop *shop)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(
		shop->db, "PRAGMA page_count", -1, &stmt, NULL) != SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		die(shop->db, "count pages");
	int64_t count = sqlite3_column_int64(stmt, 0);

	(void)sqlite3_finalize(stmt);
	return count;
}

static void
fill(struct shop *shop, int64_t page_target)
{
	while (pages(shop) < page_target) {
		sql(shop, "BEGIN");
		for (int i = 0; i < ROUNDS_PER_COMMIT; i++)
			one_round(shop);
		sql(shop, "COMMIT");
	}
}

/* Old events are thrown away; their pages go to the freelist. */
static void
prune(struct shop *shop)
{
	for (int i = 0; i < 10; i++) {
		(void)sqlite3_bind_int64(
		    shop->insert[PRUNE], 1, shop->events / 20 * i);
		run(shop, PRUNE);
	}
}

/* The last commits stay in the -wal, as in a database that is in use. */
static void
leave_a_wal(struct shop *shop)
{
	sql(shop, "PRAGMA journal_mode=WAL");
	(void)sqlite3_db_config(
	    shop->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sql(shop, "PRAGMA wal_autocheckpoint=0");
	for (int i = 0; i < WAL_COMMITS; i++) {
		sql(shop, "BEGIN");
		one_round(shop);
		sql(shop, "COMMIT");
	}
}

int
main(int argc, char **argv)
{
	long megabytes = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct shop *shop = calloc(1, sizeof(*shop));

	if (megabytes < 1 || shop == NULL) {
		(void)fprintf(stderr, "usage: mkbench FILE MEGABYTES\n");
		return 2;
	}
	shop->random = 20261121;
	invent_words(shop);
	if (sqlite3_open(argv[1], &shop->db) != SQLITE_OK)
		die(shop->db, argv[1]);
	sql(shop, schema);
	for (int i = 0; i < INSERTS; i++)
		if (sqlite3_prepare_v2(shop->db, inserts[i], -1,
			&shop->insert[i], NULL) != SQLITE_OK)
			die(shop->db, inserts[i]);
	fill(shop, (int64_t)megabytes * 256);
	prune(shop);
	leave_a_wal(shop);
	for (int i = 0; i < INSERTS; i++)
		(void)sqlite3_finalize(shop->insert[i]);
	if (sqlite3_close(shop->db) != SQLITE_OK)
		die(shop->db, "close");
	free(shop);
	return 0;
}
