#!/usr/bin/env python3
"""What a shell offers behind a line: typed into a real one, on a terminal.

usage: shells.py bash|zsh SCRIPT LINE...

For each LINE there is one of the output: its words after all completions were
put in, with tabs between them.  LITESAFE is the program that is found as
litesafe.
"""

import os
import pty
import re
import select
import sys
import time

SETUP = {
    # ESC * puts in all completions.
    "bash": "source '{script}'; shopt -s extglob; PS1=@",
    "zsh": "fpath=('{folder}' $fpath); autoload -U compinit; compinit -D -u;"
    " zle -C all complete-word _generic; bindkey '^Xa' all;"
    " bindkey '^A' beginning-of-line;"
    " zstyle ':completion:all:*' completer _all_matches _complete;"
    " zstyle ':completion:all:*' insert true; unsetopt BEEP; PS1=@",
}
COMMAND = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
ALL = {"bash": "\x1b*", "zsh": "\x18a"}


def read_until(fd, wanted, seconds=20.0):
    """What comes until a text does."""
    text, end = "", time.monotonic() + seconds
    while not re.search(wanted, text):
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            sys.exit(f"nothing like {wanted!r} came: {text!r}")
        try:
            text += os.read(fd, 65536).decode(errors="replace")
        except OSError:
            sys.exit(f"the shell ended: {text!r}")
    return text


def main():
    shell, script, lines = sys.argv[1], sys.argv[2], sys.argv[3:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="dumb", COLUMNS="200", HISTFILE="")
        os.execvp(COMMAND[shell][0], COMMAND[shell])
    setup = SETUP[shell].format(script=script, folder=os.path.dirname(script))
    shown = 'shown() { printf "\\nword:%s" "$@"; printf "\\n%s\\n" d"one"; }'
    path = 'PATH="$(dirname "$LITESAFE"):$PATH"'
    os.write(fd, f"{path}; {shown}; {setup}; echo r\"\"eady\r".encode())
    read_until(fd, "\nready")
    for line in lines:
        os.write(fd, f"{line}{ALL[shell]}\x01shown \r".encode())
        text = read_until(fd, "\ndone")
        print("\t".join(re.findall(r"\nword:([^\r\n]*)", text)))
    os.write(fd, b"exit\r")
    os.close(fd)
    os.waitpid(pid, 0)


main()
