#!/usr/bin/python3
"""Runs a program under the system call filters of a systemd unit.

usage: confine.py SETTING=VALUE... -- PROGRAM ARGUMENT...

SystemCallFilter=, RestrictAddressFamilies=, RestrictNamespaces=yes,
MemoryDenyWriteExecute=yes and RestrictSUIDSGID=yes, as systemd.exec(5) says,
by one filter of what is allowed; all else fails with EPERM, where systemd would
sometimes say EAFNOSUPPORT or EACCES.  Files are not kept from being made with a
set-user-id bit by open(2): its mode is not always there to be looked at.

The names of groups ("@system-service") are systemd-analyze's.
"""
import errno
import os
import socket
import subprocess
import sys

from seccomp import ALLOW, ERRNO, Arg, EQ, MASKED_EQ, SyscallFilter

WRITE, EXECUTE = 2, 4
NAMESPACES = 0x7E020080  # CLONE_NEW*
SET_IDS = 0o6000


def members(name):
    """The system calls of a group, and of the groups in it."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(
        ["systemd-analyze", "syscall-filter", name],
        check=True, capture_output=True, text=True).stdout
    lines = [line.strip() for line in text.splitlines()[1:]]
    names = {line for line in lines if line and not line.startswith("#")}
    return set().union(*(members(each) for each in names))


def conditions(settings):
    """What is allowed only with some arguments: {call: [rule, ...]}."""
    found = {}
    if "RestrictAddressFamilies" in settings:
        found["socket"] = [
            [Arg(0, EQ, getattr(socket, family))]
            for family in settings["RestrictAddressFamilies"].split()]
    if settings.get("RestrictNamespaces") == "yes":
        found["clone"] = [[Arg(0, MASKED_EQ, NAMESPACES, 0)]]
        found.update(unshare=[], setns=[])
    if settings.get("MemoryDenyWriteExecute") == "yes":
        both = WRITE | EXECUTE
        found["mmap"] = [
            [Arg(2, MASKED_EQ, both, have)] for have in (0, WRITE, EXECUTE)]
        found["mprotect"] = [[Arg(2, MASKED_EQ, EXECUTE, 0)]]
        found["pkey_mprotect"] = []
    if settings.get("RestrictSUIDSGID") == "yes":
        for call, argument in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2),
                               ("mkdir", 1), ("mkdirat", 2)):
            found[call] = [[Arg(argument, MASKED_EQ, SET_IDS, 0)]]
    return found


def confine(settings):
    special = conditions(settings)
    allowed = set().union(
        *(members(each) for each in settings["SystemCallFilter"].split()))
    rules = SyscallFilter(ERRNO(errno.EPERM))
    for call in sorted(allowed):
        for arguments in special.get(call, [[]]):
            try:
                rules.add_rule(ALLOW, call, *arguments)
            except RuntimeError:
                pass  # not of this architecture
    # What it would ask for cannot be seen; the C library falls back to clone.
    rules.add_rule(ERRNO(errno.ENOSYS), "clone3")
    rules.load()


def main():
    end = sys.argv.index("--")
    confine(dict(each.split("=", 1) for each in sys.argv[1:end]))
    os.execvp(sys.argv[end + 1], sys.argv[end + 1:])


main()
