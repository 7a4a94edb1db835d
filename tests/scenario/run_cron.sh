# As cron runs it: no terminal, next to no environment, HOME unset.  Who gets a
# mail gets it because something is wrong.
# shellcheck shell=bash disable=SC2154

begin() {
	make_repository
	unset LITESAFE_REPOSITORY LITESAFE_STATE
	mkdb one.db
	chmod 755 .
	cat >litesafe.conf <<-END
		[global]
		repository = $PWD/R
		[job night]
		database = $PWD/one.db
	END
}

# cron COMMAND...: in a session of its own, with what cron(8) gives.
cron() {
	env -i PATH=/usr/bin:/bin SHELL=/bin/sh LOGNAME=x \
		setsid -w "$@" </dev/null
}

nothing_is_said() {
	[ ! -s "$LOGS/out" ] && [ ! -s "$LOGS/err" ] ||
		fail "a mail: $(cat "$LOGS/out" "$LOGS/err")"
}

scenario_no_mail_of_a_success() {
	begin
	sed -i "1a state = $PWD/S" litesafe.conf
	run cron "$LITESAFE" run -c "$PWD/litesafe.conf"
	expect_exit 0
	nothing_is_said
	[ -n "$(find R/one.db -name '*.json')" ] || fail "no backup"
	rm one.db
	run cron "$LITESAFE" run -c "$PWD/litesafe.conf"
	refused 11 "night: one.db" "one.db"
}

# What there is of standard streams may be closed.
scenario_without_standard_streams() {
	begin
	sed -i "1a state = $PWD/S" litesafe.conf
	run sh -c 'exec "$0" run -c "$1" <&- >&- 2>&-' "$LITESAFE" "$PWD/litesafe.conf"
	expect_exit 0
	[ -n "$(find R/one.db -name '*.json')" ] || fail "no backup"
}

scenario_root_has_a_place_for_its_state() {
	need_root
	begin
	unshare -m true 2>/dev/null || skip "cannot unshare mounts here"
	# shellcheck disable=SC2016
	run cron unshare -m sh -c 'mount -t tmpfs none /var/lib && "$1" run -c "$2" &&
		ls /var/lib/litesafe/run' sh "$LITESAFE" "$PWD/litesafe.conf"
	expect_exit 0
	[ "$(cat "$LOGS/out")" = night.lock ] || fail "the lock"
	[ ! -s "$LOGS/err" ] || fail "a mail: $(cat "$LOGS/err")"
}

scenario_others_need_one_without_a_home() {
	need_root
	begin
	mkdir srv
	mv one.db* srv/
	sed -i "s|/one.db|/srv/one.db|" litesafe.conf
	chown -R 65534:65534 R srv
	run as_nobody env -i PATH=/usr/bin:/bin "$LITESAFE" run -c "$PWD/litesafe.conf"
	# `run` has no --state.
	refused 2 HOME LITESAFE_STATE 'state = DIR'
	mkdir S
	chown 65534:65534 S
	run as_nobody env -i PATH=/usr/bin:/bin LITESAFE_STATE="$PWD/S" \
		"$LITESAFE" run -c "$PWD/litesafe.conf"
	expect_exit 0
	nothing_is_said
}
