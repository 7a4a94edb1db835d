#!/usr/bin/env python3
"""Writes what the completions know of commands and options.

usage: litesafe help --json | generate.py FOLDER

The scripts below FOLDER are written by people but for what stands between
"generated: begin" and "generated: end", which is made here from the program's
own tables.  A test runs this and finds that nothing changes.
"""

import json
import re
import sys

# Text options whose value is something that a shell can find.
TAKES = {
    "repository": "dir",
    "scratch": "dir",
    "state": "dir",
    "output": "file",
    "to": "file",
    "config": "file",
    "log-file": "file",
    "prometheus": "file",
    "set": "set",
    "snapshot": "id",
    "at": "now|today|yesterday",
}


def takes(option):
    """What bash's table calls the value of an option."""
    if option["kind"] == "flag":
        return "-"
    if option["kind"] == "choice":
        return "|".join(option["choices"])
    if option["value_optional"]:
        return "?"
    return TAKES.get(option["name"], "*")


def tables(commands):
    """The common options under "", then those of each command."""
    yield "", [o for o in commands[0]["options"] if o["common"]]
    for command in commands:
        yield command["name"], command["options"]


def in_bash(commands):
    for name, options in tables(commands):
        yield f"\t{name or QUOTES}) echo '"
        for o in options:
            yield f"{o['letter'] or '-'} {o['name']} {takes(o)}"
        yield "' ;;"


QUOTES = "''"


def bash_commands(commands):
    names = " ".join(c["name"] for c in commands)
    yield f"\tprintf '%s\\n' {names}"


def zsh_spec(o):
    text = re.sub(r"([\[\]:\\])", r"\\\1", o["help"]).replace("'", "'\\''")
    action = {
        "dir": "_files -/",
        "file": "_files",
        "set": "_litesafe_sets",
        "id": "_litesafe_ids",
        "*": " ",
        "?": " ",
    }
    kind = takes(o)
    value = ""
    if kind != "-":
        value = f"{'::' if kind == '?' else ':'}{value_name(o)}:" + action.get(
            kind, "(" + kind.replace("|", " ") + ")"
        )
    after = {"-": "", "?": "=-"}.get(kind, "=")
    many = "*" if o["kind"] == "texts" else ""
    if o["letter"] is None:
        return f"'{many}--{o['name']}{after}[{text}]{value}'"
    letter = f"-{o['letter']}{'+' if after else ''}"
    return (
        f"'(-{o['letter']} --{o['name']})'"
        f"{{{letter},--{o['name']}{after}}}'[{text}]{value}'"
    )


def value_name(o):
    return o["name"] if o["kind"] == "choice" else o["value"]


def in_zsh(commands):
    for name, options in tables(commands):
        yield f"\t{name or QUOTES})"
        yield "\t\tspecs=("
        for o in options:
            yield "\t\t\t" + zsh_spec(o)
        yield "\t\t)"
        yield "\t\t;;"


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def zsh_commands(commands):
    for c in commands:
        text = c["summary"].replace("'", "'\\''")
        yield f"\t\t'{c['name']}:{text}'"


def in_fish(commands):
    for c in commands:
        yield (
            f"complete -c litesafe -n '__litesafe_at 0' -a {c['name']} "
            f"-d {quoted(c['summary'])}"
        )
        yield (
            f"complete -c litesafe -n '__litesafe_at 1 help' -a {c['name']} "
            f"-d {quoted(c['summary'])}"
        )
    rows = {}
    for c in commands:
        for o in c["options"]:
            rows.setdefault(json.dumps(o), []).append(c["name"])
    for row, names in rows.items():
        yield fish_option(json.loads(row), names)


def fish_option(o, names):
    kind = takes(o)
    value = {
        "-": "",
        "?": "",
        "*": " -x",
        "file": " -r -F",
        "dir": " -x -a '(__fish_complete_directories)'",
        "set": " -x -a '(__litesafe_sets)'",
        "id": " -x -k -a '(__litesafe_ids)'",
    }.get(kind, f" -x -a '{kind.replace('|', ' ')}'")
    where = "" if o["common"] else f" -n '__litesafe_on {' '.join(names)}'"
    letter = "" if o["letter"] is None else f" -s {o['letter']}"
    return (
        f"complete -c litesafe{where}{letter} -l {o['name']}{value} "
        f"-d {quoted(o['help'])}"
    )


def fish_valued(commands):
    names = []
    for c in commands:
        for o in c["options"]:
            if takes(o) not in "-?" and o["name"] not in names:
                names.append(o["name"])
    yield "    printf '%s\\n' \\"
    lines = [f"        --{name}" for name in names]
    yield " \\\n".join(lines)


def replace(text, mark, lines):
    """What stands between two marks; both must be there."""
    pattern = re.compile(
        rf"(^[ \t]*# {mark}: begin\n).*?(^[ \t]*# {mark}: end$)", re.S | re.M
    )
    body = "".join(line + "\n" for line in lines)
    new, count = pattern.subn(lambda m: m[1] + body + m[2], text)
    if count != 1:
        sys.exit(f"no place for '{mark}'")
    return new


PLACES = {
    "bash/litesafe": {"generated": in_bash, "generated commands": bash_commands},
    "zsh/_litesafe": {"generated": in_zsh, "generated commands": zsh_commands},
    "fish/litesafe.fish": {
        "generated": in_fish,
        "generated valued": fish_valued,
    },
}


def main():
    rows = [json.loads(line) for line in sys.stdin]
    commands = [row for row in rows if row["type"] == "command"]
    for path, places in PLACES.items():
        path = f"{sys.argv[1]}/{path}"
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for mark, made_by in places.items():
            text = replace(text, mark, made_by(commands))
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


main()
