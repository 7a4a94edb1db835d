# The sandbox of litesafe@.service, put up by hand where systemd is not the first
# process, and the job in it: for a database in WAL mode of another user, whose
# application is at work, has ended, or was killed.
#
# Everything is read from the unit.  A setting of it that is not known here fails
# the scenario, so that none is forgotten.  What only systemd can do is named in
# `passed_over`.  long/package runs the same unit under a real systemd.
#
# shellcheck shell=bash disable=SC2154

# The sources and the program may lie in /tmp, as the scenario does.
top=$(cd "$here/../.." && pwd)
unit=$top/packaging/systemd/litesafe@.service
readonly app=4001

passed_over=(Type SuccessExitStatus TimeoutStartSec TimeoutStopSec
	KillMode LimitCORE
	CPUSchedulingPolicy KeyringMode ProtectHostname ProtectClock
	LockPersonality RestrictRealtime SystemCallArchitectures
	SystemCallErrorNumber StateDirectory)

# setting KEY: its value in [Service].
setting() {
	sed -n '/^\[Service\]/,$s/^'"$1"'=//p' "$unit"
}

# read_unit: leaves $sandbox, what is put before the program of the unit, and
# $command, what it runs.
read_unit() {
	local key value each capabilities
	local -a mounts_of=() limits=()
	while IFS='=' read -r key value; do
		case $key=$value in
		ExecStart=*) command=$value ;;
		Nice=*) limits+=(nice -n "$value") ;;
		IOSchedulingClass=idle) limits+=(ionice -c 3) ;;
		UMask=*) mask=$value ;;
		StateDirectoryMode=*) state_mode=$value ;;
		ProtectSystem=full)
			for each in /usr /boot /efi /etc; do
				[ ! -e $each ] ||
					mounts_of+=(--ro-bind "$each" "$each")
			done
			;;
		ProtectHome=no) ;;
		PrivateTmp=yes) mounts_of+=(--tmpfs /tmp --tmpfs /var/tmp) ;;
		PrivateDevices=yes) mounts_of+=(--dev /dev) ;;
		ProtectControlGroups=yes)
			mounts_of+=(--ro-bind /sys /sys)
			;;
		ProtectKernelTunables=yes)
			mounts_of+=(--ro-bind /proc/sys /proc/sys)
			;;
		ProtectKernelLogs=yes | ProtectKernelModules=yes)
			# Their capabilities are not left to it.
			;;
		CapabilityBoundingSet=*)
			capabilities=--bounding-set=-all
			for each in $value; do
				each=${each#CAP_}
				capabilities+=,+${each,,}
			done
			;;
		NoNewPrivileges=yes) privileges=--no-new-privs ;;
		SystemCallFilter=* | RestrictAddressFamilies=* | \
			RestrictNamespaces=yes | MemoryDenyWriteExecute=yes | \
			RestrictSUIDSGID=yes)
			filters+=("$key=$value")
			;;
		*)
			[[ " ${passed_over[*]} " == *" $key "* ]] ||
				fail "no way to apply '$key=$value' is known"
			;;
		esac
	done < <(sed -n '/^\[Service\]/,$s/^\([A-Z][^=]*=.*\)$/\1/p' "$unit")
	sandbox=("${limits[@]}" bwrap --bind / / "${mounts_of[@]}"
		--ro-bind "$top" "$top" --bind "$PWD" "$PWD" --chdir "$PWD"
		setpriv "$capabilities" "$privileges"
		/usr/bin/python3 "$top/tests/support/confine.py" "${filters[@]}" --)
}

# in_sandbox COMMAND...
in_sandbox() {
	(umask "$mask" && exec "${sandbox[@]}" "$@")
}

# run_job: what the unit runs, of the job 'shop'; the program is the one that is
# tested, the configuration the scenario's.
run_job() {
	local words
	read -ra words <<<"${command//%i/shop}"
	run in_sandbox "$LITESAFE" "${words[@]:1}"
}

begin() {
	need_root
	local each
	for each in bwrap setpriv ionice systemd-analyze; do
		command -v $each >/dev/null || skip "needs $each"
	done
	/usr/bin/python3 -c 'import seccomp' 2>/dev/null ||
		skip "needs python3-seccomp"
	bwrap --bind / / true || skip "bwrap cannot mount here"
	filters=()
	read_unit
	export HOME=/ LITESAFE_CONFIG=$PWD/litesafe.conf LITESAFE_STATE=$PWD/state
	chmod 755 .
	mkdir -m "$state_mode" state
	mkdir shop
	chown $app:$app shop
	cat >litesafe.conf <<-END
		[repository backups]
		url = $PWD/R

		[job shop]
		repository = backups
		database = $PWD/shop/app.db
		verify = restore
	END
	run litesafe init -r R
	expect_exit 0
}

start_application() {
	local i
	rm -f "$LOGS/application"
	setpriv --reuid=$app --regid=$app --clear-groups "$SUPPORT/writer" \
		shop/app.db --journal wal --rate 200 >"$LOGS/application" 2>&1 &
	application=$!
	others+=("$application")
	for ((i = 0; i < 200; i++)); do
		! grep -q ready "$LOGS/application" || return 0
		sleep 0.05
	done
	fail "the application did not begin"
}

# end_application SIGNAL: it must not have seen an error.
end_application() {
	kill -"$1" "$application"
	wait "$application" || [ "$1" = KILL ] ||
		fail "the application: $(cat "$LOGS/application")"
	others=()
}

all_his() {
	local found
	found=$(find shop ! -uid $app -o ! -gid $app)
	[ -z "$found" ] || fail "not the application's: $found"
}

# backed_up SITUATION: the job succeeds, and what lies there is the user's.
backed_up() {
	run_job
	[ "$status" = 0 ] || fail "$1: the job failed"
	all_his
}

scenario_the_sandbox_holds() {
	begin
	# shellcheck disable=SC2016 # the shell inside
	run in_sandbox sh -c '! touch /usr/x && ! touch /etc/x &&
		! unshare --mount true && ! chmod 4755 shop && ls -A /tmp &&
		grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status
		[ "$(ionice)" = idle ] && [ "$(nice)" = 10 ]'
	expect_exit 0
	expect_out $'CapEff:\t000000000008000b'
	expect_out $'NoNewPrivs:\t1'
	expect_out $'Seccomp:\t2'
	[ ! -e /usr/x ] && [ ! -e /etc/x ] || fail "files outside"
	run in_sandbox /usr/bin/python3 -c 'import socket
socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'
	expect_exit 1
	run in_sandbox /usr/bin/python3 -c 'import mmap
mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)'
	expect_exit 1
	expect_err PermissionError
}

scenario_the_job_works_in_the_sandbox() {
	begin
	start_application
	backed_up 'the application is at work'
	end_application TERM

	fingerprint shop >"$LOGS/before"
	backed_up 'nobody has it open'
	fingerprint shop >"$LOGS/after"
	diff "$LOGS/before" "$LOGS/after" || fail "the folder was changed"

	start_application
	end_application KILL
	[ -s shop/app.db-wal ] || fail "no -wal of a dead application"
	backed_up 'the application was killed'
	rm shop/app.db-shm
	backed_up 'the application was killed, and -shm is gone'

	# It goes on as before, and what was stored is right.
	start_application
	backed_up 'the application is at work again'
	end_application TERM
	run litesafe verify -r R
	expect_exit 0
	run litesafe restore -r R app.db --to back.db
	expect_exit 0
	ledger_is_right back.db
}
