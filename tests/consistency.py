#!/usr/bin/env python3
"""Options, --help, manual pages and completions say the same.

usage: consistency.py TOPIC [FILE...]

Everything is compared with `litesafe help --json`, which is the program's own
table.  Prints what differs; the status is 1 when something does.  The program
is $LITESAFE.
"""

import glob
import json
import os
import re
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGES = f"{ROOT}/packaging/man"
# No command's own, but explained for all of them in litesafe(1).
EXPLAINED_ONCE = {"repository", "threads", "scratch", "state"}

faults = 0


def expect(truth, text):
    global faults
    if not truth:
        print(text)
        faults += 1


def same(found, wanted, where):
    for each in sorted(set(wanted) - set(found)):
        expect(False, f"{where}: {each} is missing")
    for each in sorted(set(found) - set(wanted)):
        expect(False, f"{where}: {each} is too much")
    for each in sorted(set(found)):
        expect(list(found).count(each) == 1, f"{where}: {each} comes twice")


def ask(*words):
    return subprocess.run(
        [os.environ["LITESAFE"], *words], capture_output=True, text=True, check=True
    ).stdout


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def table():
    rows = [json.loads(line) for line in ask("help", "--json").splitlines()]
    return {r["name"]: r["options"] for r in rows if r["type"] == "command"}


def page_of(command):
    return read(f"{PAGES}/litesafe-{command}.1")


def typed(option):
    """As it is typed: "-r --repository"."""
    letter = "" if option["letter"] is None else f"-{option['letter']} "
    return f"{letter}--{option['name']}"


def described(option):
    """With its choices: "--check none|quick|full"."""
    words = typed(option)
    if "choices" in option:
        words += " " + "|".join(option["choices"])
    elif option["value"] is not None:
        words += " ..."
    return words


# --- help ---------------------------------------------------------------------


def as_typed(pairs):
    return [" ".join(filter(None, pair)) for pair in pairs]


def explained(text):
    """The options of a help that have a line of their own."""
    return as_typed(re.findall(r"^ {2}(?:    |(-\w), )(--[a-z0-9-]+)", text, re.M))


def check_help():
    for command, options in table().items():
        text = ask(command, "--help")
        own, common = text.split("\noptions of all commands")
        same(
            explained(own),
            [typed(o) for o in options if not o["common"]],
            f"{command} --help",
        )
        # That of help is that of all, which explains them.
        named = re.findall(r"\[(?:(-\w) \| )?(--[a-z0-9-]+)", common)
        same(
            explained(common) if command == "help" else as_typed(named),
            [typed(o) for o in options if o["common"]],
            f"{command} --help, options of all commands",
        )
        for line in text.splitlines():
            expect(len(line) < 80, f"{command} --help: too wide: {line}")
    listed = re.findall(r"^  ([a-z]+) ", ask("--help").split("\noptions")[0], re.M)
    same(listed, table(), "--help")
    expect(ask("--help") == ask("help", "--help"), "help --help is another")


# --- the manual ---------------------------------------------------------------


def items(text):
    """The options that a page explains: each ".It Fl ..." as described()."""
    for line in re.findall(r"^\.It Fl (.*)$", text, re.M):
        name = re.search(r"(?:^|Fl )-([a-z0-9-]+)", line)
        letter = re.match(r"(\w) , Fl ", line)
        words = f"{'-' + letter[1] + ' ' if letter else ''}--{name[1]}"
        choices = re.findall(r"Cm (\S+)", line)
        if choices:
            words += " " + "|".join(choices)
        elif " Ar " in line:
            words += " ..."
        yield words


def check_pages():
    commands = table()
    several = {}
    for command, options in commands.items():
        own = [o for o in options if not o["common"]]
        if not os.path.exists(f"{PAGES}/litesafe-{command}.1"):
            expect(False, f"there is no litesafe-{command}(1)")
            continue
        same(
            items(page_of(command)),
            [described(o) for o in own],
            f"litesafe-{command}(1)",
        )
        for o in own:
            several.setdefault(o["name"], o)
    common = [o for o in commands["help"] if o["common"]]
    once = [several[name] for name in EXPLAINED_ONCE]
    overview = read(f"{PAGES}/litesafe.1")
    same(items(overview), [described(o) for o in common + once], "litesafe(1)")
    listed = re.search(r"^\.Sh COMMANDS\n(.*?)^\.Sh ", overview, re.M | re.S)
    rows = re.findall(r"^\.It Cm (\w+)\n.*?^\.Xr (\S+) 1 \.$", listed[1], re.M | re.S)
    same([row[0] for row in rows], commands, "litesafe(1), COMMANDS")
    for command, page in rows:
        expect(page == f"litesafe-{command}", f"litesafe(1): {command} leads to {page}")


def check_references():
    """Pages that a page names and that would be ours are there."""
    for path in glob.glob(f"{PAGES}/*.[1-9]"):
        for name, section in re.findall(r"^\.Xr (litesafe\S*) (\d)", read(path), re.M):
            expect(
                os.path.exists(f"{PAGES}/{name}.{section}"),
                f"{os.path.basename(path)}: there is no {name}({section})",
            )


def check_environment():
    known = {
        o["environment"]
        for options in table().values()
        for o in options
        if o["environment"] is not None
    }
    overview = read(f"{PAGES}/litesafe.1")
    listed = re.search(r"^\.Sh ENVIRONMENT\n(.*?)^\.Sh ", overview, re.M | re.S)[1]
    found = re.findall(r"LITESAFE_[A-Z0-9_]+", "\n".join(
        line for line in listed.splitlines() if line.startswith(".It")
    ))
    same(found, known, "litesafe(1), ENVIRONMENT")


# --- exit codes ---------------------------------------------------------------


def codes_in(page):
    status = re.search(r"^\.Sh EXIT STATUS\n(.*?)^\.Sh ", page, re.M | re.S)
    return re.findall(r"^\.It (\d+)", status[1], re.M)


def check_exit_codes():
    header = read(f"{ROOT}/command/exit_code.h")
    wanted = re.findall(r"EXIT_[A-Z_]+ = (\d+),", header)
    wanted = [code for code in wanted if code != "128"]
    promised = codes_in(read(f"{PAGES}/litesafe.1"))
    same([c for c in promised if c != "128"], wanted, "litesafe(1), EXIT STATUS")
    for command in table():
        for code in codes_in(page_of(command)):
            expect(
                code in wanted + ["128"],
                f"litesafe-{command}(1): exit code {code}",
            )
    told = re.search(r"Exit codes: (.*?)128\+N", read(f"{ROOT}/README.md"), re.S)
    same(re.findall(r"(?:^|,\s+)(\d+) ", told[1]), wanted, "README, exit codes")


# --- status -------------------------------------------------------------------


def part(page, title):
    return re.search(rf"^\.Sh {title}\n(.*?)^\.Sh ", page, re.M | re.S)[1]


def check_metrics():
    source = read(f"{ROOT}/command/status_prometheus.c")
    made = re.findall(r'^\t\{ "([a-z0-9_]+)",', source, re.M)
    made += re.findall(r'put_head\(out,\s*"([a-z0-9_]+)"', source)
    items = re.findall(r"^\.It Va (litesafe_.*)$", part(page_of("status"), "METRICS"), re.M)
    told = [name for item in items for name in item.split(" , ")]
    same(told, ["litesafe_" + name for name in made], "litesafe-status(1), METRICS")
    expect(len(made) > 10, "the metrics were not found")


def check_findings():
    source = read(f"{ROOT}/status/verdict.c")
    made = re.findall(r'\[STATUS_\w+\] = "([a-z-]+)"', source)
    severities = ["info", "warning", "error", "damage"]
    found = part(page_of("status"), "WHAT IT FINDS")
    told = re.findall(r"^\.It Cm (\S+)$", found, re.M)
    told += sorted(set(re.findall(r"^\.Em (\w+)$", found, re.M)))
    same(told, made, "litesafe-status(1), WHAT IT FINDS")
    expect(set(severities) < set(made), "the severities were not found")


# --- examples -----------------------------------------------------------------


def examples():
    """Where, and a command line that somebody could type."""
    for command in table():
        text = ask(command, "--help")
        for line in text.partition("\nexamples:\n")[2].splitlines():
            yield f"{command} --help", line
    for path in glob.glob(f"{PAGES}/*.[1-9]") + [f"{ROOT}/README.md"]:
        text = read(path).replace("\\(dq", '"').replace("\\e", "\\")
        for line in text.splitlines():
            yield os.path.basename(path), line


def commands_of(line):
    """The words behind each "litesafe" that begins a command of the line."""
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return
    at = 0
    while at < len(words):
        if words[at] == "litesafe":
            end = at + 1
            while end < len(words) and not re.fullmatch(r"[|&;<>()]+", words[end]):
                end += 1
            yield words[at + 1 : end]
            at = end
        at += 1


def check_examples():
    known = table()
    tried = 0
    for where, line in examples():
        if not re.match(r"\s+(sudo )?litesafe |[$#] |.*\* ", line):
            continue
        for words in commands_of(line):
            if not words or words[0] not in known:
                continue
            options = known[words[0]]
            tried += 1
            for word in words[1:]:
                name = re.match(r"--([a-z0-9-]+)(=|$)", word)
                letter = re.match(r"-(\w)", word)
                expect(
                    not name or name[1] in [o["name"] for o in options],
                    f"{where}: {words[0]} has no {word}: {line}",
                )
                expect(
                    not letter or letter[1] in [o["letter"] for o in options],
                    f"{where}: {words[0]} has no {word}: {line}",
                )
    expect(tried > 40, f"only {tried} examples were found")


# Not to be run: another machine, a device, a terminal, an id that only its
# author had, a user who is not here, a file that is to be made up.
NOT_HERE = re.compile(
    r"ssh|lvcreate|--watch|7f3a9c2b|\bsu\b|install -d|\bjq\b|systemctl|-c new.conf"
)


def check_scripts():
    """Prints the examples of all pages that can be run, one a line."""
    for path in sorted(glob.glob(f"{PAGES}/litesafe*.1")):
        if os.path.islink(path):
            continue
        text = read(path).replace("\\(dq", '"')
        for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.M | re.S):
            lines = re.findall(r"^[$#] (.*)$", block, re.M)
            script = "; ".join(lines)
            if lines and "litesafe" in script and not NOT_HERE.search(script):
                print(script)


def check_configurations(files):
    """Those of README.md and of the pages, each as a file of the folder."""
    blocks = []
    readme = read(f"{ROOT}/README.md")
    indented = re.findall(r"(?:^ {4}.*\n|^\n)+", readme, re.M)
    lines = re.findall(r"^```\n(.*?)^```$", readme, re.M | re.S)
    lines += [re.sub(r"^ {4}", "", text, flags=re.M) for text in indented]
    whole = [re.search(r"<<'END'\n(.*?)^END$", text, re.M | re.S) for text in lines]
    more = [t for t, w in zip(lines, whole) if not w and "\n[job " in t]
    blocks.append("\n".join([w[1] for w in whole if w] + more))
    for path in glob.glob(f"{PAGES}/*.[1-9]"):
        for text in re.findall(
            r"^\.Bd -literal.*?\n(.*?)^\.Ed", read(path), re.M | re.S
        ):
            if "[job " in text:
                blocks.append(text.replace("\\(dq", '"'))
    for number, text in enumerate(blocks):
        with open(f"{files[0]}/{number}.conf", "w", encoding="utf-8") as f:
            f.write(text)


# --- JSON ---------------------------------------------------------------------


def fields(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from fields(each)
    elif isinstance(value, list):
        for each in value:
            yield from fields(each)


def check_json(files):
    """Each type and field that the lines of these files have is documented."""
    overview = read(f"{PAGES}/litesafe.1")
    for path in files:
        lines = [json.loads(line) for line in read(path).splitlines()]
        command = lines[-1]["command"]
        page = page_of(command)
        # Fields that several commands print are on the page that it names.
        for name in set(re.findall(r"^\.Xr (litesafe-\S+) 1", page, re.M)):
            if os.path.exists(f"{PAGES}/{name}.1"):
                page += read(f"{PAGES}/{name}.1")
        words = set(re.findall(r"[a-z0-9_]+", page + overview))
        for line in lines:
            for key in list(fields(line)) + [line["type"]]:
                expect(key in words, f"{command}: {line['type']}.{key} is not told")


def main():
    topic, files = sys.argv[1], sys.argv[2:]
    check = globals()[f"check_{topic}"]
    check(files) if files else check()
    sys.exit(1 if faults else 0)


main()
