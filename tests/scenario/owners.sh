# Whose a repository is: root may back up into another user's, who then has it
# all; and who may only read it can list, verify and restore.
#
# The repository belongs to user 4001 of group 4001.
#
# shellcheck shell=bash disable=SC2154

readonly app=4001

# owner COMMAND...; guest COMMAND...: another user.
owner() {
	as_user $app $app "$@"
}

guest() {
	as_user 4002 4002 "$@"
}

begin() {
	need_root
	setpriv --reuid=$app --regid=$app --clear-groups true ||
		skip "setpriv cannot become another user here"
	export HOME=/ LITESAFE_REPOSITORY=$PWD/home/R
	chmod 755 .
	mkdir home
	chown $app:$app home
	owner "$SUPPORT/mkdb" home/app.db
	run owner "$LITESAFE" init -r home/R
	expect_exit 0
}

# all_his FOLDER: nothing in it is another one's, but for page tags, which are
# believed only by who made them, and which he may replace.
all_his() {
	local others
	others=$(find "$1" \( ! -user $app -o ! -group $app \) ! -name tags)
	[ -z "$others" ] || fail "not his: $others"
}

scenario_root_backs_up_into_another_users_repository() {
	begin
	local n
	for n in 1 2 3 4; do
		run litesafe backup home/app.db --set x/app.db --full --state S
		expect_exit 0
		ask home/app.db "INSERT INTO item(name) VALUES($n)"
		run litesafe backup home/app.db --set x/app.db --state S
		expect_exit 0
	done
	run litesafe pin x/app.db latest
	expect_exit 0
	all_his home/R
	[ "$(find home/R -type f ! -perm 600)" = '' ] || fail "modes of files"
	[ "$(find home/R -type d ! -perm 700)" = '' ] || fail "modes of folders"

	# He has it all: his own backups go on, and old ones go.
	run owner "$LITESAFE" unpin x/app.db latest
	expect_exit 0
	run owner "$LITESAFE" verify --state home/S
	expect_exit 0
	run owner "$LITESAFE" backup home/app.db --set x/app.db --state home/S
	expect_exit 0
	expect_out increment
	run owner "$LITESAFE" prune --keep-last 1 --grace 0 --state home/S --json
	expect_exit 0
	expect_out '"goes"'
	run owner "$LITESAFE" restore x/app.db --to home/new.db
	expect_exit 0
	all_his home

	# Root prunes, too, and the reserve is still his.
	run litesafe backup home/app.db --set x/app.db --full --state S
	rm home/R/litesafe-reserve
	run litesafe prune --keep-last 1 --grace 0 --state S
	expect_exit 0
	all_his home/R
}

# A folder of a set that an older version made as root.
scenario_a_set_that_was_roots() {
	begin
	mkdir -m 700 home/R/app.db
	run litesafe backup home/app.db --state S
	expect_exit 0
	all_his home/R
}

scenario_root_makes_a_repository_in_another_users_folder() {
	begin
	mkdir home/given
	chown $app:$app home/given
	run litesafe init -r home/given
	expect_exit 0
	all_his home/given
	# What root makes where there was nothing is root's.
	run litesafe init -r home/roots
	expect_exit 0
	[ "$(stat -c %u home/roots home/roots/* | sort -u)" = 0 ]
}

# What is remembered for him, he can read and change.
scenario_the_state_of_another_user() {
	begin
	mkdir home/state
	chown $app:$app home/state
	run litesafe backup home/app.db --state home/state
	expect_exit 0
	run litesafe verify --state home/state
	expect_exit 0
	all_his home/state
	run owner "$LITESAFE" backup home/app.db --state home/state
	expect_exit 0
	[ ! -s "$LOGS/err" ] || fail "there was a warning"
	run owner "$LITESAFE" verify --state home/state
	expect_exit 0
	run litesafe backup home/app.db --state home/state/deep/er
	expect_exit 0
	all_his home/state
}

# He may put a link where root will look: root goes no other way.
scenario_a_link_in_the_state_of_another_user() {
	begin
	mkdir home/state private
	chown $app:$app home/state
	local repository_id
	run litesafe backup home/app.db --state home/state
	expect_exit 0
	repository_id=$(ls home/state)
	for each in "home/state/$repository_id/app.db" \
		"home/state/$repository_id"; do
		rm -r "$each"
		ln -s "$PWD/private" "$each"
		run litesafe backup home/app.db --state home/state
		expect_exit 0
		expect_err 'nothing is remembered'
		expect_err 'is not a folder'
		run litesafe verify --state home/state
		expect_exit 0
		expect_files private
		rm "$each"
	done
}

# An archive beside is whose it was: what root reads is not everybody's.
scenario_an_archive_of_roots_stays_roots() {
	begin
	run litesafe backup home/app.db -o home/a.tar.zst
	expect_exit 0
	[ "$(stat -c %u:%a home/a.tar.zst)" = 0:600 ]
}

# Who may read the repository and write nothing of it.
scenario_readers() {
	begin
	run owner "$LITESAFE" backup home/app.db --state home/S
	ask home/app.db "INSERT INTO item(name) VALUES('more')"
	run owner "$LITESAFE" backup home/app.db --state home/S
	expect_exit 0
	chmod -R go+rX home/R
	mkdir -m 777 mine
	local before
	before=$(fingerprint home/R)
	export LITESAFE_STATE=$PWD/mine/state TMPDIR=$PWD/mine
	for command in 'list' 'list app.db' 'show app.db latest' \
		'verify' 'verify --all --check full' \
		'restore app.db --to mine/new.db' \
		'export app.db latest -o mine/a.tar.zst' \
		'prune --keep-last 1 --dry-run'; do
		# shellcheck disable=SC2086 # words
		run guest "$LITESAFE" $command
		expect_exit 0
		# Only root can make a database that is another user's.
		[[ $command == restore* ]] || [ ! -s "$LOGS/err" ] ||
			fail "it had something to say"
	done
	[ "$(stat -c %u mine/new.db)" = 4002 ]
	same_pages home/app.db mine/new.db
	# Not even a place for a state.
	run guest "$LITESAFE" restore app.db --to mine/new2.db \
		--state /proc/none
	expect_exit 0
	[ "$(fingerprint home/R)" = "$before" ] || fail "the repository changed"
	# What needs to write says so.
	run guest "$LITESAFE" backup mine/new.db
	expect_exit 1
	expect_one_error
	expect_err ermission
	run guest "$LITESAFE" prune --keep-last 1
	expect_exit 0
	[ "$(fingerprint home/R)" = "$before" ] || fail "the repository changed"
	# And who may not even read.
	chmod -R go-rwx home/R
	run guest "$LITESAFE" list
	refused 5 ermission
}
