/*
 * Makes databases of every shape that the matrix needs.
 *
 * usage: mkdb FILE [--page-size N] [--journal MODE] [--encoding NAME]
 *             [--auto-vacuum none|full|incremental] [--reserve BYTES]
 *             [--rows N] [--bytes N] [--rewrite N] [--with FEATURE,...]
 *             [--leave wal|journal]
 *
 *   --rows       rows of the table `item` (default 200)
 *   --bytes      more rows, until the file has at least so many bytes
 *   --rewrite    updates all of `item` N times without a checkpoint: a WAL
 *                larger than its database
 *   --with       without-rowid strict generated fts5 rtree freelist
 *                foreign-key: a row that violates one
 *                collation function tokenizer module: something that only
 *                this program knows, as an application may have it
 *   --leave      ends as a dead application does, without closing: with
 *                commits that are only in the -wal, or in the middle of a
 *                transaction that is partly in the file (a hot -journal)
 *
 * The content depends on the options only.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/shared/sql.h"

static struct {
	const char *file;
	int page_size;
	const char *journal;
	const char *auto_vacuum;
	const char *encoding;
	int reserve;
	int rows;
	int64_t bytes;
	int rewrite;
	const char *with;
	const char *leave;
} options = {
	.page_size = 4096,
	.journal = "WAL",
	.auto_vacuum = "none",
	.encoding = "UTF-8",
	.rows = 200,
	.with = "",
};

/* --- what only this application knows ------------------------------------ */

static int
compare_reversed(
    void *unused, int n, const void *left, int m, const void *right)
{
	(void)unused;
	int order = memcmp(right, left, (size_t)(n < m ? n : m));
	return order != 0 ? order : m - n;
}

static void
app_double(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_int64(context, 2 * sqlite3_value_int64(argv[0]));
}

/*
 * noise(SEED, BYTES): hex digits that look random, always the same; zstd takes
 * them to a half.
 */
static void
noise(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t state = (uint64_t)sqlite3_value_int64(argv[0]) + 88172645463u;
	int len = sqlite3_value_int(argv[1]);
	char *text = sqlite3_malloc(len + 16);

	(void)argc;
	if (text == NULL) {
		sqlite3_result_error_nomem(context);
		return;
	}
	for (int i = 0; i < len; i += 16) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		for (int j = 0; j < 16; j++)
			text[i + j] = digits[state >> 4 * j & 15];
	}
	sqlite3_result_text(context, text, len, sqlite3_free);
}

/* A tokenizer that finds one word in any text: the text. */
static int
whole_create(void *ctx, const char **argv, int argc, Fts5Tokenizer **ret)
{
	(void)argv, (void)argc;
	*ret = ctx;
	return SQLITE_OK;
}

static void
whole_delete(Fts5Tokenizer *tokenizer)
{
	(void)tokenizer;
}

static int
whole_tokenize(Fts5Tokenizer *tokenizer, void *ctx, int flags, const char *text,
    int len, int (*token)(void *, int, const char *, int, int, int))
{
	(void)tokenizer, (void)flags;
	return token(ctx, 0, text, len, 0, len);
}

static void
add_tokenizer(sqlite3 *db)
{
	static fts5_tokenizer whole = { whole_create, whole_delete,
		whole_tokenize };
	sqlite3_stmt *statement = NULL;
	fts5_api *api = NULL;

	if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, NULL) !=
	    SQLITE_OK)
		sql_die(db, "fts5");
	(void)sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", NULL);
	(void)sqlite3_step(statement);
	(void)sqlite3_finalize(statement);
	if (api == NULL || api->xCreateTokenizer(
			       api, "whole", &whole, &whole, NULL) != SQLITE_OK)
		sql_die(db, "tokenizer");
}

/* A virtual table with nothing in it, but with a module of its own. */
static int
hollow_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
    sqlite3_vtab **ret_table, char **ret_error)
{
	(void)aux, (void)argc, (void)argv, (void)ret_error;
	*ret_table = sqlite3_malloc(sizeof(**ret_table));
	if (*ret_table == NULL)
		return SQLITE_NOMEM;
	memset(*ret_table, 0, sizeof(**ret_table));
	return sqlite3_declare_vtab(db, "CREATE TABLE x(a)");
}

static int
hollow_disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

static int
hollow_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table, (void)info;
	return SQLITE_OK;
}

static const sqlite3_module hollow = {
	.xCreate = hollow_connect,
	.xConnect = hollow_connect,
	.xBestIndex = hollow_best_index,
	.xDisconnect = hollow_disconnect,
	.xDestroy = hollow_disconnect,
};

static void
add_own_things(sqlite3 *db)
{
	if (sqlite3_create_collation(db, "app_reversed", SQLITE_UTF8, NULL,
		compare_reversed) != SQLITE_OK ||
	    sqlite3_create_function(db, "app_double", 1,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, app_double, NULL,
		NULL) != SQLITE_OK ||
	    sqlite3_create_function(db, "noise", 2, SQLITE_UTF8, NULL, noise,
		NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_module(db, "app_hollow", &hollow, NULL) != SQLITE_OK)
		sql_die(db, "set up");
	add_tokenizer(db);
}

/* --- features ------------------------------------------------------------ */

static const char numbers[] = "WITH RECURSIVE n(i) AS"
			      " (SELECT 1 UNION ALL SELECT i + 1 FROM n"
			      "  WHERE i < %d) ";

static const struct feature {
	const char *name;
	const char *create;
	const char *fill; /* follows `numbers`; n(i) runs from 1 to --rows */
} features[] = {
	{ "without-rowid",
	    "CREATE TABLE dense(a TEXT, b INT, PRIMARY KEY(a, b)) WITHOUT ROWID",
	    "INSERT INTO dense SELECT 'key ' || i * 7919 %% 1000, i FROM n" },
	{ "strict", "CREATE TABLE exact(a INTEGER, b TEXT, c BLOB) STRICT",
	    "INSERT INTO exact SELECT i, 'text ' || i, zeroblob(i %% 50) FROM "
	    "n" },
	{ "generated",
	    "CREATE TABLE derived(a INT, b INT AS (a * 2) STORED,"
	    " c TEXT AS ('c' || a) VIRTUAL);"
	    "CREATE INDEX derived_c ON derived(c)",
	    "INSERT INTO derived(a) SELECT i FROM n" },
	{ "fts5", "CREATE VIRTUAL TABLE words USING fts5(body)",
	    "INSERT INTO words SELECT 'some words about number ' || i FROM n" },
	{ "rtree", "CREATE VIRTUAL TABLE places USING rtree(id, x0, x1)",
	    "INSERT INTO places SELECT i, i, i + 1 FROM n" },
	{ "freelist", "CREATE TABLE gone(a)",
	    "INSERT INTO gone SELECT zeroblob(5000) FROM n" },
	{ "foreign-key",
	    "CREATE TABLE parent(id INTEGER PRIMARY KEY);"
	    "CREATE TABLE child(p INT REFERENCES parent(id))",
	    "INSERT INTO child SELECT i FROM n LIMIT 1" },
	{ "collation",
	    "CREATE TABLE sorted(a TEXT COLLATE app_reversed PRIMARY KEY)",
	    "INSERT INTO sorted SELECT 'word ' || i FROM n" },
	{ "function",
	    "CREATE TABLE doubled(a INT);"
	    "CREATE INDEX doubled_a ON doubled(app_double(a))",
	    "INSERT INTO doubled SELECT i FROM n" },
	{ "tokenizer",
	    "CREATE VIRTUAL TABLE texts USING fts5(body, tokenize = 'whole')",
	    "INSERT INTO texts SELECT 'text ' || i FROM n" },
	{ "module", "CREATE VIRTUAL TABLE empty USING app_hollow", NULL },
};

static void
add_feature(sqlite3 *db, const char *name)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const struct feature *feature = &features[i];
		char fill[500];

		if (strcmp(name, feature->name) != 0)
			continue;
		sql_run(db, "%s", feature->create);
		if (feature->fill == NULL)
			return;
		(void)snprintf(
		    fill, sizeof(fill), "%s%s", numbers, feature->fill);
		/* The format comes from the tables above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
		sql_run(db, fill, options.rows);
#pragma GCC diagnostic pop
		if (strcmp(name, "freelist") == 0)
			sql_run(db, "DELETE FROM gone");
		return;
	}
	sql_die(NULL, "no feature '%s'", name);
}

static void
add_features(sqlite3 *db)
{
	char *list = strdup(options.with);

	for (char *name = strtok(list, ","); name != NULL;
	     name = strtok(NULL, ","))
		add_feature(db, name);
	free(list);
}

/* --- the plain part ------------------------------------------------------ */

static void
shape(sqlite3 *db)
{
	int reserve = options.reserve;

	if (reserve > 0 &&
	    sqlite3_file_control(
		db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve) != SQLITE_OK)
		sql_die(db, "reserve %d bytes", options.reserve);
	sql_run(db,
	    "PRAGMA page_size=%d; PRAGMA encoding='%s'; PRAGMA auto_vacuum=%s;"
	    "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;",
	    options.page_size, options.encoding, options.auto_vacuum);
	sql_run(db,
	    "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, data BLOB);"
	    "PRAGMA user_version=4711; PRAGMA application_id=1279874386;");
}

static int64_t
bytes_now(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(db, "PRAGMA page_count", -1, &statement, NULL) !=
		SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		sql_die(db, "count pages");
	int64_t count = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return count * options.page_size;
}

static void
fill(sqlite3 *db)
{
	sql_run(db,
	    "WITH RECURSIVE n(i) AS"
	    " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
	    "INSERT INTO item SELECT i, 'item ' || i * 7919 %% 10007 || ' \xc3"
	    "\xa4', zeroblob(i %% 97) || i FROM n",
	    options.rows);
	sql_run(db, "CREATE INDEX item_name ON item(name)");
	while (bytes_now(db) < options.bytes)
		sql_run(db,
		    "BEGIN;"
		    "WITH RECURSIVE n(i) AS"
		    " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
		    "INSERT INTO item(name, data)"
		    " SELECT 'large', noise(i + total_changes(), 1000000)"
		    " FROM n;"
		    "COMMIT");
}

/* The last changes of a dead application, which it did not put away. */
static void
leave_behind(sqlite3 *db)
{
	if (strcmp(options.leave, "wal") == 0) {
		sql_run(db, "UPDATE item SET name = name || ' last words'");
	} else if (strcmp(options.leave, "journal") == 0) {
		/* A small cache spills, and so syncs the journal, early. */
		sql_run(db,
		    "PRAGMA synchronous=FULL; PRAGMA cache_size=2;"
		    "PRAGMA cache_spill=2; BEGIN;"
		    "UPDATE item SET name = 'torn ' || id, data = zeroblob(900)");
	} else {
		sql_die(NULL, "--leave %s", options.leave);
	}
	_exit(0);
}

static bool
parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "page-size", required_argument, NULL, 'p' },
		{ "journal", required_argument, NULL, 'j' },
		{ "auto-vacuum", required_argument, NULL, 'a' },
		{ "encoding", required_argument, NULL, 'e' },
		{ "reserve", required_argument, NULL, 'v' },
		{ "rows", required_argument, NULL, 'r' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "rewrite", required_argument, NULL, 'w' },
		{ "with", required_argument, NULL, 'f' },
		{ "leave", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		switch (c) {
		case 'p':
			options.page_size = atoi(optarg);
			break;
		case 'j':
			options.journal = optarg;
			break;
		case 'a':
			options.auto_vacuum = optarg;
			break;
		case 'e':
			options.encoding = optarg;
			break;
		case 'v':
			options.reserve = atoi(optarg);
			break;
		case 'r':
			options.rows = atoi(optarg);
			break;
		case 'b':
			options.bytes = atoll(optarg);
			break;
		case 'w':
			options.rewrite = atoi(optarg);
			break;
		case 'f':
			options.with = optarg;
			break;
		case 'l':
			options.leave = optarg;
			break;
		default:
			return false;
		}
	}
	options.file = optind + 1 == argc ? argv[optind] : NULL;
	return options.file != NULL;
}

int
main(int argc, char **argv)
{
	sqlite3 *db = NULL;

	if (!parse(argc, argv)) {
		(void)fprintf(stderr, "usage: mkdb FILE [options]\n");
		return 2;
	}
	if (sqlite3_open(options.file, &db) != SQLITE_OK)
		sql_die(db, "open '%s'", options.file);
	add_own_things(db);
	shape(db);
	fill(db);
	add_features(db);
	sql_run(db, "PRAGMA journal_mode=%s", options.journal);
	sql_run(db, "PRAGMA wal_autocheckpoint=0");
	for (int i = 0; i < options.rewrite; i++)
		sql_run(db, "UPDATE item SET data = zeroblob(%d) || data || id",
		    i % 10);
	if (options.leave != NULL)
		leave_behind(db);

	/* A persistent or truncated journal exists once there was a commit. */
	sql_run(db, "UPDATE item SET name = name || '.' WHERE id = 1");
	if (sqlite3_close(db) != SQLITE_OK)
		sql_die(db, "close");
	return 0;
}
