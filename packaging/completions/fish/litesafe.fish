# fish completion of litesafe(1): commands, their options, what these may be,
# and the sets, snapshots and jobs that there are.
#
# What there is, is asked of the program, with the repository and the
# configuration that stand on the line.  Nothing is said when it fails, and it
# has two seconds.

# The words before the cursor that are no options and no values of options;
# the first of them is the command.
function __litesafe_operands
    set -l words (commandline -opc)
    set -l skip
    for word in $words[2..]
        if test -n "$skip"
            set skip
        else if string match -qr -- '^(-[rco]|'(string join '|' -- (__litesafe_valued))')$' $word
            set skip yes
        else if not string match -q -- '-*' $word
            echo -- $word
        end
    end
end

# Options that take the next word.
function __litesafe_valued
    # generated valued: begin
    printf '%s\n' \
        --repository \
        --config \
        --log-file \
        --color \
        --progress \
        --output \
        --set \
        --full-every \
        --verify \
        --level \
        --max-pin \
        --max-wal-growth \
        --max-stall \
        --min-free \
        --checkpoint \
        --checkpoint-budget \
        --busy-timeout \
        --rate \
        --threads \
        --scratch \
        --state \
        --to \
        --at \
        --snapshot \
        --database \
        --check \
        --check-sql \
        --keep-last \
        --keep-hourly \
        --keep-daily \
        --keep-weekly \
        --keep-monthly \
        --keep-yearly \
        --keep-within \
        --grace \
        --max-age \
        --max-verify-age \
        --prometheus
    # generated valued: end
end

function __litesafe_on
    set -l operands (__litesafe_operands)
    test (count $operands) -gt 0; and contains -- $operands[1] $argv
end

# __litesafe_at N COMMAND...: the operand N of one of these is being typed.
function __litesafe_at
    set -l operands (__litesafe_operands)
    test (count $operands) -eq $argv[1]
    and begin
        test $argv[1] -eq 0; or contains -- $operands[1] $argv[2..]
    end
end

function __litesafe_ask
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l where
    set -l limit
    set -l take
    for word in $words[2..]
        if test -n "$take"
            set -a where $take(string replace -r '^~/' "$HOME/" -- $word)
            set take
            continue
        end
        switch $word
            case -r --repository
                set take --repository=
            case -c --config
                set take --config=
            case --state
                set take --state=
            case '--repository=*' '--config=*' '--state=*' --no-config
                set -a where $word
            case '-r*' '-c*'
                set -a where $word
        end
    end
    command -sq timeout; and set limit timeout 2
    command $limit $program $argv $where </dev/null 2>/dev/null
end

function __litesafe_sets
    __litesafe_ask list --json --progress never |
        string replace -rf '^{"type":"set","set":"([^"\\\\]*)".*' '$1'
end

function __litesafe_ids
    set -l operands (__litesafe_operands)
    printf 'latest\tthe newest good one\n'
    __litesafe_ask list --json --progress never $operands[2] |
        string replace -rf '^{"type":"snapshot","set":"[^"\\\\]*","id":"([0-9a-f]*)","kind":"([a-z]*)".*?"time":"([^"]*)".*' '$1\t$3 $2'
end

function __litesafe_jobs
    __litesafe_ask config show --json |
        string replace -rf '^{"type":"section","section":"job","name":"([^"]*)".*' '$1'
end

complete -c litesafe -f
complete -c litesafe -n '__litesafe_on backup doctor' -F
complete -c litesafe -n '__litesafe_at 1 show restore verify' -F
complete -c litesafe -n '__litesafe_on verify' -F
complete -c litesafe -n '__litesafe_at 1 list show restore verify prune pin unpin discard export' -a '(__litesafe_sets)'
complete -c litesafe -n '__litesafe_at 2 show pin unpin discard export' -k -a '(__litesafe_ids)'
complete -c litesafe -n '__litesafe_on run status; or __litesafe_at 2 config' -a '(__litesafe_jobs)'
complete -c litesafe -n '__litesafe_on status' -a '(__litesafe_sets)'
complete -c litesafe -n '__litesafe_at 1 config' -a 'check show'

# Between the marks: written by 'make completions', from 'litesafe help --json'.
# generated: begin
complete -c litesafe -n '__litesafe_at 0' -a init -d 'make a repository'
complete -c litesafe -n '__litesafe_at 1 help' -a init -d 'make a repository'
complete -c litesafe -n '__litesafe_at 0' -a backup -d 'store one state of a live database, and prove it'
complete -c litesafe -n '__litesafe_at 1 help' -a backup -d 'store one state of a live database, and prove it'
complete -c litesafe -n '__litesafe_at 0' -a list -d 'the sets of a repository, or the snapshots of one'
complete -c litesafe -n '__litesafe_at 1 help' -a list -d 'the sets of a repository, or the snapshots of one'
complete -c litesafe -n '__litesafe_at 0' -a show -d 'what a snapshot says about itself'
complete -c litesafe -n '__litesafe_at 1 help' -a show -d 'what a snapshot says about itself'
complete -c litesafe -n '__litesafe_at 0' -a restore -d 'make a database from a snapshot, all or nothing'
complete -c litesafe -n '__litesafe_at 1 help' -a restore -d 'make a database from a snapshot, all or nothing'
complete -c litesafe -n '__litesafe_at 0' -a verify -d 'read snapshots back, restore them to scratch, ask SQLite'
complete -c litesafe -n '__litesafe_at 1 help' -a verify -d 'read snapshots back, restore them to scratch, ask SQLite'
complete -c litesafe -n '__litesafe_at 0' -a prune -d 'delete the chains that no rule keeps, and say why'
complete -c litesafe -n '__litesafe_at 1 help' -a prune -d 'delete the chains that no rule keeps, and say why'
complete -c litesafe -n '__litesafe_at 0' -a pin -d 'keep a snapshot and its chain from being pruned'
complete -c litesafe -n '__litesafe_at 1 help' -a pin -d 'keep a snapshot and its chain from being pruned'
complete -c litesafe -n '__litesafe_at 0' -a unpin -d 'let a pinned snapshot be pruned again'
complete -c litesafe -n '__litesafe_at 1 help' -a unpin -d 'let a pinned snapshot be pruned again'
complete -c litesafe -n '__litesafe_at 0' -a discard -d 'delete a damaged snapshot, and what cannot be restored without it'
complete -c litesafe -n '__litesafe_at 1 help' -a discard -d 'delete a damaged snapshot, and what cannot be restored without it'
complete -c litesafe -n '__litesafe_at 0' -a export -d 'make an archive that stands alone from a snapshot'
complete -c litesafe -n '__litesafe_at 1 help' -a export -d 'make an archive that stands alone from a snapshot'
complete -c litesafe -n '__litesafe_at 0' -a doctor -d 'what state live databases are in, and who holds them up'
complete -c litesafe -n '__litesafe_at 1 help' -a doctor -d 'what state live databases are in, and who holds them up'
complete -c litesafe -n '__litesafe_at 0' -a run -d 'do what the configuration asks for: the line for cron'
complete -c litesafe -n '__litesafe_at 1 help' -a run -d 'do what the configuration asks for: the line for cron'
complete -c litesafe -n '__litesafe_at 0' -a status -d 'whether every set is fresh and verified'
complete -c litesafe -n '__litesafe_at 1 help' -a status -d 'whether every set is fresh and verified'
complete -c litesafe -n '__litesafe_at 0' -a config -d 'whether the configuration is right, and what it comes to'
complete -c litesafe -n '__litesafe_at 1 help' -a config -d 'whether the configuration is right, and what it comes to'
complete -c litesafe -n '__litesafe_at 0' -a help -d 'the help of a command'
complete -c litesafe -n '__litesafe_at 1 help' -a help -d 'the help of a command'
complete -c litesafe -n '__litesafe_at 0' -a version -d 'the versions of litesafe and SQLite'
complete -c litesafe -n '__litesafe_at 1 help' -a version -d 'the versions of litesafe and SQLite'
complete -c litesafe -n '__litesafe_on init backup list show restore verify prune pin unpin discard export status' -s r -l repository -x -a '(__fish_complete_directories)' -d 'the repository: a folder that \'litesafe init\' makes, for many states of many databases'
complete -c litesafe -n '__litesafe_on init' -l if-missing -d 'be content with a repository that is there already'
complete -c litesafe -n '__litesafe_on init backup restore prune discard run' -l dry-run -d 'say what would be done, and change nothing'
complete -c litesafe -s c -l config -r -F -d 'the configuration (default: /etc/litesafe/litesafe.conf where it is)'
complete -c litesafe -l no-config -d 'read no configuration'
complete -c litesafe -l log-file -r -F -d 'write messages to this file, too'
complete -c litesafe -l syslog -d 'write messages to syslog, too'
complete -c litesafe -l json -d 'report as JSON Lines'
complete -c litesafe -s q -l quiet -d 'say nothing but errors: no results, no warnings'
complete -c litesafe -s v -l verbose -d 'say more'
complete -c litesafe -l color -x -a 'auto always never' -d 'colours in messages'
complete -c litesafe -l progress -x -a 'auto always never' -d 'a live line on standard error'
complete -c litesafe -s h -l help -d 'print the help, of a command or of all'
complete -c litesafe -s V -l version -d 'print the version'
complete -c litesafe -n '__litesafe_on backup export' -s o -l output -r -F -d 'the archive to write; \'-\' is standard output'
complete -c litesafe -n '__litesafe_on backup' -l set -x -a '(__litesafe_sets)' -d 'the set: the history that the snapshot belongs to (default: the database\'s file name); needed for several databases'
complete -c litesafe -n '__litesafe_on backup' -l no-instant -d 'take several databases one after the other, not all at one instant'
complete -c litesafe -n '__litesafe_on backup' -l recursive -d 'find all databases in folders and below them; each is a set of its own, named by its path below the folder'
complete -c litesafe -n '__litesafe_on backup' -l one-file-system -d 'with --recursive: stay in the filesystem of the folder'
complete -c litesafe -n '__litesafe_on backup' -l full -d 'store every page, also where an increment is possible'
complete -c litesafe -n '__litesafe_on backup' -l full-every -x -d 'store every page when the chain\'s full is older than this'
complete -c litesafe -n '__litesafe_on backup' -l skip-unchanged -d 'store nothing when no page has changed since the newest snapshot'
complete -c litesafe -n '__litesafe_on backup' -l frozen -d 'nobody writes to it, it is a snapshot of a filesystem or a copy: read it with its -wal, and make no file there'
complete -c litesafe -n '__litesafe_on backup export' -l force -d 'replace FILE when it exists'
complete -c litesafe -n '__litesafe_on backup export' -l verify -x -a 'none stored restore' -d 'the proof before the archive counts: read everything back, or also restore it to scratch and let SQLite check that'
complete -c litesafe -n '__litesafe_on backup export' -l level -x -d 'zstd compression level, 1 to 19'
complete -c litesafe -n '__litesafe_on backup' -l image-sha256 -d 'store the SHA-256 of the whole database too; this costs a core'
complete -c litesafe -n '__litesafe_on backup' -l max-pin -x -d 'give up when the database was held for longer than this'
complete -c litesafe -n '__litesafe_on backup' -l max-wal-growth -x -d 'give up when the WAL grew by more than this meanwhile'
complete -c litesafe -n '__litesafe_on backup' -l max-stall -x -d 'without a WAL: give up when writers were stopped for longer than this'
complete -c litesafe -n '__litesafe_on backup' -l min-free -x -d 'give up when less than this is left on the database\'s filesystem'
complete -c litesafe -n '__litesafe_on backup' -l checkpoint -x -a 'auto off passive full restart truncate' -d 'the checkpoint after the database was held; auto: only of what the WAL gained by it, and only where that is safe'
complete -c litesafe -n '__litesafe_on backup' -l checkpoint-budget -x -d 'how long a checkpoint may stop writers; full, restart and truncate need it'
complete -c litesafe -n '__litesafe_on backup' -l busy-timeout -x -d 'how long to wait for a lock, at most 21d'
complete -c litesafe -n '__litesafe_on backup' -l rate -x -d 'read at most this much of the database in a second; the pin lasts longer'
complete -c litesafe -n '__litesafe_on backup restore verify discard export' -l threads -x -d 'worker threads, 1 to 64 (default: the CPUs, at most 4)'
complete -c litesafe -n '__litesafe_on backup verify export' -l scratch -x -a '(__fish_complete_directories)' -d 'where a restored copy goes to be checked (default: $TMPDIR or /var/tmp)'
complete -c litesafe -n '__litesafe_on backup list show restore verify prune discard status' -l state -x -a '(__fish_complete_directories)' -d 'what this machine remembers: page sums, results of verify (default: /var/lib/litesafe, or ~/.local/state/litesafe)'
complete -c litesafe -n '__litesafe_on restore' -l to -r -F -d 'the database to make'
complete -c litesafe -n '__litesafe_on restore' -l at -x -a 'now today yesterday' -d 'the newest snapshot at or before this local time: \'2026-11-19 18:00\', \'yesterday 18:00\', \'2h ago\', RFC 3339; yesterday or 2026-11-19 alone is the end of that day'
complete -c litesafe -n '__litesafe_on restore' -l snapshot -x -k -a '(__litesafe_ids)' -d 'this snapshot, by the first digits of its id; without it and --at, the newest'
complete -c litesafe -n '__litesafe_on restore' -l database -x -d 'of several databases only this one, to the path of --to'
complete -c litesafe -n '__litesafe_on restore' -l fallback -d 'when the snapshot is damaged, take the newest good one before it'
complete -c litesafe -n '__litesafe_on restore' -l replace -d 'put an existing database at PATH aside; it is kept'
complete -c litesafe -n '__litesafe_on restore' -l check -x -a 'none quick full' -d 'SQLite\'s check before PATH gets its name'
complete -c litesafe -n '__litesafe_on verify' -l all -d 'restore every snapshot to scratch, not only the newest of each set'
complete -c litesafe -n '__litesafe_on verify' -l level -x -a 'stored restore' -d 'read and compare everything that is stored, or also restore it to scratch and let SQLite check that'
complete -c litesafe -n '__litesafe_on verify' -l check -x -a 'quick full' -d 'SQLite\'s quick_check, or its integrity_check and foreign_key_check'
complete -c litesafe -n '__litesafe_on verify' -l check-sql -x -d 'a SELECT that must give something other than 0 and NULL on the restored copy; may be given several times'
complete -c litesafe -n '__litesafe_on verify doctor status' -l strict -d 'a warning makes the exit code 1'
complete -c litesafe -n '__litesafe_on prune' -l keep-last -x -d 'keep the newest N snapshots'
complete -c litesafe -n '__litesafe_on prune' -l keep-hourly -x -d 'keep the newest snapshot of each of the newest N hours that have one'
complete -c litesafe -n '__litesafe_on prune' -l keep-daily -x -d '... of N days, in UTC'
complete -c litesafe -n '__litesafe_on prune' -l keep-weekly -x -d '... of N weeks, beginning on Monday'
complete -c litesafe -n '__litesafe_on prune' -l keep-monthly -x -d '... of N months'
complete -c litesafe -n '__litesafe_on prune' -l keep-yearly -x -d '... of N years'
complete -c litesafe -n '__litesafe_on prune' -l keep-within -x -d 'keep all that are at most this much older than the newest'
complete -c litesafe -n '__litesafe_on prune' -l grace -x -d 'never delete what was stored within this time'
complete -c litesafe -n '__litesafe_on doctor' -l check -x -a 'none quick full' -d 'read a database that nobody has open, and let SQLite check it'
complete -c litesafe -n '__litesafe_on doctor' -l watch -d 'look again and again, every 2s or DURATION, until interrupted'
complete -c litesafe -n '__litesafe_on run' -l wait -d 'wait for a run of the same job that is still working'
complete -c litesafe -n '__litesafe_on status' -l max-age -x -d 'a set is stale when its newest snapshot is older than this'
complete -c litesafe -n '__litesafe_on status' -l max-verify-age -x -d '... when nothing of it was verified for longer than this'
complete -c litesafe -n '__litesafe_on status' -l nagios -d 'one line and the exit codes of a Nagios plugin'
complete -c litesafe -n '__litesafe_on status' -l prometheus -r -F -d 'write metrics to this file, for the textfile collector'
complete -c litesafe -n '__litesafe_on config' -l origin -d 'say where each value comes from'
# generated: end
