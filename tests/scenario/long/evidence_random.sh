# Random work and random mischief on several databases: whatever is believed
# without reading is compared with what the files hold.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/scenario/evidence.sh
. "$here/evidence.sh"

# Content of once, with the times of once or not, in place or as another file.
put_back() {
	local db=$1/app.db each
	rm -f "$db-shm"
	for each in app.db app.db-wal; do
		if [ ! -f "$1.old/$each" ]; then
			rm -f "$1/$each"
			continue
		fi
		case $((RANDOM % 4)) in
		0) cat "$1.old/$each" >"$1/$each" ;;
		1) cp -p "$1.old/$each" "$1/$each" ;;
		2)
			cp -p "$1.old/$each" "$1.new"
			mv "$1.new" "$1/$each"
			;;
		3) overwrite "$1/$each" "$1.old/$each" ;;
		esac
	done
}

keep_aside() {
	rm -rf "$1.old"
	mkdir "$1.old"
	cp -p "$1/app.db" "$1.old"
	[ ! -f "$1/app.db-wal" ] || cp -p "$1/app.db-wal" "$1.old"
}

happen() {
	local db=$1/app.db
	case $((RANDOM % 16)) in
	0) leave "$db" "UPDATE item SET name = 'n$RANDOM' WHERE id = 7" ;;
	1) leave "$db" 'UPDATE item SET name = name WHERE id < 9' ;;
	2) leave "$db" 'PRAGMA wal_checkpoint(PASSIVE)' ;;
	3) leave "$db" "PRAGMA wal_checkpoint(RESTART);
		UPDATE item SET name = 'r$RANDOM' WHERE id = 7" ;;
	4) leave "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' ;;
	5) ask "$db" "PRAGMA user_version = $RANDOM" ;;
	6) touch "$db" ;;
	7) keep_aside "$1" ;;
	8 | 9) put_back "$1" ;;
	10) ask "$db" 'VACUUM' ;;
	*) ;;
	esac
}

# tell_and_compare NAME: counts in $believed.
tell_and_compare() {
	look "$1"
	case $(json_of unchanged evidence) in
	wal | stat) believed=$((believed + 1)) ;;
	esac
	truly_stored "$1"
}

scenario_what_is_believed_is_true() {
	local seed=${SEED:-20261127} round each n all=() believed=0
	echo "SEED=$seed"
	RANDOM=$seed
	make_repository
	for ((n = 0; n < 8; n++)); do
		all+=("d$n")
		case $((n % 3)) in
		0) make_wal "d$n" ;;
		1) make_closed "d$n" ;;
		2) make_rollback "d$n" ;;
		esac
		keep_aside "d$n"
	done
	for ((round = 0; round < 12; round++)); do
		for each in "${all[@]}"; do
			happen "$each"
			[ $((RANDOM % 2)) = 0 ] || tell_and_compare "$each"
		done
		rest
		for each in "${all[@]}"; do
			tell_and_compare "$each"
		done
	done
	[ "$believed" -ge 20 ] || fail "only $believed times believed"
}
