# What an operator asserts is asked of the restored copy: of one database, of
# several, of a repository; and no question can do harm.
# shellcheck shell=bash disable=SC2034,SC2154

# An application that lost its users, and was backed up before and after.
make_history() {
	make_repository
	ask app.db "PRAGMA journal_mode=WAL; CREATE TABLE users(name);
		INSERT INTO users VALUES ('anna'), ('berta')" >/dev/null
	snapshot app.db
	good=$id
	ask app.db 'DELETE FROM users'
	snapshot app.db
}

scenario_a_state_that_lost_something_is_found() {
	make_history
	run litesafe verify app.db
	expect_exit 0
	run litesafe verify app.db --check-sql 'SELECT count(*) > 0 FROM users'
	refused 4 "app.db $id is not as asserted" \
		"'SELECT count(*) > 0 FROM users' gives '0'" \
		'every stored byte is right'
	expect_out "app.db $id: not as asserted (restored and checked"
	run litesafe verify app.db -q --check-sql 'SELECT name FROM users'
	refused 4 'it gives no row'
	# The good one is not what was asked here, and comes back.
	run litesafe restore app.db --snapshot "$good" --to back.db
	expect_exit 0
	[ "$(ask back.db 'SELECT count(*) FROM users')" = 2 ] || fail 'not back'
}

scenario_one_that_is_as_asserted_says_nothing_more() {
	make_history
	ask app.db "INSERT INTO users VALUES ('carla')"
	snapshot app.db
	run litesafe verify app.db -q \
		--check-sql 'SELECT count(*) = 1 FROM users' \
		--check-sql "SELECT name FROM users -- ; '"
	expect_exit 0
	[ ! -s "$LOGS/out" ] && [ ! -s "$LOGS/err" ] || fail 'it said something'
	run litesafe verify app.db --json \
		--check-sql "SELECT name FROM users WHERE name = 'carla'"
	expect_exit 0
	expect_out '"result":"carla","ok":true'
	expect_out '"result":"ok","level":"restore"'
}

scenario_of_several_databases_one_is_named() {
	ask orders.db 'CREATE TABLE t(a); INSERT INTO t VALUES (1)'
	ask stock.db 'CREATE TABLE t(a)'
	run litesafe backup orders.db stock.db --set shop -o s.tar.zst
	expect_exit 0
	run litesafe verify s.tar.zst --check-sql 'SELECT count(*) FROM t'
	refused 2 "has several databases" "'orders.db: SELECT count(*) FROM t'"
	run litesafe verify s.tar.zst --check-sql 'orders.db: SELECT a FROM t'
	expect_exit 0
	run litesafe verify s.tar.zst --check-sql 'stock.db: SELECT a FROM t'
	refused 4 "'stock.db: SELECT a FROM t': it gives no row"
	run litesafe verify s.tar.zst --check-sql 'shop.db: SELECT 1'
	refused 4 'no database of that name'
	run litesafe backup orders.db -o o.tar.zst
	run litesafe verify o.tar.zst --check-sql 'orders.db: SELECT 1 FROM t'
	expect_exit 0
}

# Whoever writes the configuration is no enemy; the archive may be one.
scenario_nothing_is_changed_or_reached() {
	ask app.db "CREATE TABLE t(a); INSERT INTO t VALUES (1);
		CREATE VIEW v AS SELECT load_extension('/tmp/x.so');
		CREATE VIEW w AS SELECT * FROM pragma_journal_mode"
	run litesafe backup app.db -o a.tar.zst
	cp app.db kept.db
	local before each
	before=$(fingerprint .)
	for each in 'DELETE FROM t' "ATTACH 'app.db' AS b" \
		'PRAGMA journal_mode=WAL' "VACUUM INTO 'x.db'" \
		'SELECT 1; DROP TABLE t' 'WITH x AS (SELECT 1) DELETE FROM t' \
		"SELECT 1; ATTACH 'app.db' AS b" 'BEGIN' 'SELECT'; do
		run litesafe verify a.tar.zst --check-sql "$each"
		refused 2 'cannot be asserted' '--check-sql'
		[ ! -s "$LOGS/out" ] || fail 'it was restored all the same'
	done
	for each in 'SELECT * FROM v' 'SELECT * FROM w' \
		"SELECT load_extension('/tmp/x.so')" "SELECT writefile('x','y')" \
		"SELECT readfile('/etc/passwd')" \
		'SELECT length(randomblob(1000000000))' \
		"SELECT * FROM pragma_wal_checkpoint('TRUNCATE')"; do
		run litesafe verify a.tar.zst --check-sql "$each"
		expect_exit 4
		expect_err 'is not as asserted'
	done
	[ "$(fingerprint .)" = "$before" ] || fail 'something was changed'
}

scenario_an_endless_question_is_stopped_by_a_signal() {
	ask app.db 'CREATE TABLE t(a)'
	run litesafe backup app.db -o a.tar.zst
	"$LITESAFE" verify a.tar.zst --check-sql 'WITH RECURSIVE n(i) AS
		(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n' \
		>"$LOGS/out" 2>"$LOGS/err" &
	local pid=$! begin
	sleep 0.7
	kill -0 $pid || fail "it ended by itself: $(cat "$LOGS/err")"
	begin=$(date +%s%N)
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	expect_exit 143
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 2000 ] || fail 'it took long'
}
