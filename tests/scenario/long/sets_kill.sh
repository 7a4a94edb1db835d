# A set's restore is killed before each call that gives a name.
# shellcheck shell=bash disable=SC2154

# set_killed CALL N: a restore over the old ones, killed before its Nth CALL.
set_killed() {
	rm -rf data
	cp -r old data
	run bash -c '"$@"; exit $?' killed strace -f -q -o /dev/null \
		-e "trace=$1" -e "inject=$1:signal=KILL:when=$2" \
		"$LITESAFE" restore s.tar.zst --to data --replace
	expect_exit 0 137
	[ "$status" = 137 ]
}

# each_is_whole: old or new; $news counts the new ones.
each_is_whole() {
	local each
	news=0
	for each in a.db b.db c.db; do
		if cmp -s "data/$each" "new/$each"; then
			news=$((news + 1))
		else
			cmp -s "data/$each" "old/$each" ||
				fail "'$each' is neither old nor new: $when"
		fi
	done
}

# The same command ends it; a second name of an old one goes first, as it says.
ended_next_time() {
	local name
	run litesafe restore s.tar.zst --to data --replace
	while [ "$status" = 12 ]; do
		name=$(sed -n "s/^litesafe: hint: .*: rm -- \(.*\)$/\1/p" \
			"$LOGS/err")
		[ -f "$name" ] || fail "no way out: $when"
		rm "$name"
		run litesafe restore s.tar.zst --to data --replace
	done
	expect_exit 0
	each_is_whole
	[ $news = 3 ] || fail "$news of 3 are new: $when"
}

# Dying between two names leaves old and new ones, each whole.
scenario_killed_between_the_names() {
	need_strace
	local each call n mixed=0
	for each in a.db b.db c.db; do
		mkdb $each --journal delete --rows 20
	done
	mkdir old
	cp ./*.db old
	for each in a.db b.db c.db; do
		ask $each "UPDATE item SET name = 'new'"
	done
	run litesafe backup a.db b.db c.db --set shop -o s.tar.zst
	run litesafe restore s.tar.zst --to new
	expect_exit 0
	for call in linkat renameat; do
		for ((n = 1; n < 12; n++)); do
			when="killed at $call $n"
			set_killed $call $n || break
			each_is_whole
			[ $news != 0 ] && [ $news != 3 ] || continue
			mixed=$((mixed + 1))
			ended_next_time
		done
	done
	[ $mixed -ge 2 ] || fail "only $mixed kills were between two names"
	measured "$mixed kills between two names"
}
