# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""ufw: in the kernel the same chains and sets as iptables, whose front end it is; kept by a script that its after.init starts.

ufw has no sets, and a rule with a set that is not there keeps all of before.rules from being loaded, with ssh in it. So its files of
rules stay as they are. The jump stands in INPUT, before those of ufw, where ``ufw reload`` leaves it alone.
"""

from __future__ import annotations

import os
import re
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends import iptables, iptables_files
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import CHAIN, FileEdit, Paths
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import FAMILIES, Allowlist

HOOK = "/etc/ufw/after.init"  # ufw-framework(8): run with start and stop, if executable
OWN = "/etc/ufw/mimecast.init"
BEGIN, END = "# BEGIN mimecast.connect (Ansible)\n", "# END mimecast.connect (Ansible)\n"
OFF = "exit 0 # what follows was switched off: the file was not executable\n"
BLOCK = re.compile(re.escape(BEGIN) + "(.*?)" + re.escape(END), re.S)
DISABLED_S = 5  # seconds, longer than a reload takes
SHELL = "#!/bin/sh\n"
SCRIPT = """#!/bin/sh
# Written by Ansible (mimecast.connect.firewall_allowlist); changes are overwritten.
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
case "$1" in
start)
    ipset restore -exist <<'SETS' || exit 1
{sets}SETS
{rules}    ;;
stop)
    # ufw reload disables and enables at once, and must open nothing. Who disables takes these rules away as well, a little later.
    (
        sleep {later}
        grep -Eiq "^ENABLED=[\\"']?yes" {conf} && exit 0
        for program in iptables ip6tables; do
            $program -w 10 -D INPUT -j {chain}
        done
    ) </dev/null >/dev/null 2>&1 &
    ;;
esac
"""
RULES = """    {program}-restore -w 10 --noflush <<'RULES' || exit 1
*filter
{lines}COMMIT
RULES
    {program} -w 10 -C INPUT -j {chain} 2>/dev/null || {program} -w 10 -I INPUT 1 -j {chain} || exit 1
"""


def script(desired: Allowlist) -> str:
    """What brings the rules back, without anything of this collection. Doing it again changes nothing."""
    rules = []
    for family in FAMILIES:
        chains = iptables.chains(desired, family)
        lines = [":{0} - [0:0]\n".format(name) for name in chains]
        lines += ["-A {0} {1}\n".format(name, rule) for name, rules_ in chains.items() for rule in rules_]
        rules.append(RULES.format(program=iptables.PROGRAMS[family], lines="".join(lines), chain=CHAIN))
    sets = "".join(line + "\n" for lines in iptables.sets(desired).values() for line in lines)
    return SCRIPT.format(sets=sets, rules="".join(rules), conf=iptables_files.UFW_CONF, chain=CHAIN, later=DISABLED_S)


def hooked(text: Optional[str], runs: bool) -> str:
    """The hook with our block after its first line. What else stands in it does what it did."""
    first, newline, rest = (BLOCK.sub("", text) if text is not None else SHELL).partition("\n")
    off = OFF if text is not None and (not runs or OFF in text) else ""
    return first + newline + BEGIN + "[ ! -x {0} ] || {0} \"$1\" || true\n".format(OWN) + off + END + rest


class Ufw(iptables.Iptables):
    """The backend; see the protocol."""

    name = "ufw"

    def missing(self) -> str:
        if not run.program("ufw"):
            return "ufw is not installed"
        return self.absent() or ("" if iptables_files.ufw_enabled() else "ufw is not enabled (ufw enable)")

    def in_charge(self) -> bool:
        return not self.missing()

    def files(self, desired: Allowlist, paths: Paths) -> tuple[FileEdit, ...]:
        own, hook = run.read_file(OWN), run.read_file(HOOK)
        runs = os.access(HOOK, os.X_OK)
        if desired.services:
            edits = [FileEdit(OWN, own, script(desired), 0o750, True), FileEdit(HOOK, hook, hooked(hook, runs), 0o750, True)]
        else:
            left = None if hook is None else BLOCK.sub("", hook)
            still = runs and OFF not in (hook or "")
            edits = [FileEdit(HOOK, hook, None if left == SHELL else left, runs=still), FileEdit(OWN, own, None)]
        return tuple(edit for edit in edits if edit.before != edit.after or (edit.after and edit.runs and not os.access(edit.path, os.X_OK)))

    def unkept(self, paths: Paths) -> str:
        first = (run.read_file(HOOK) or SHELL).partition("\n")[0]
        if re.match(r"#! ?/\S*/(env )?(ba|da)?sh\b", first):
            return ""
        return "{0} is no shell script, so no line can be added to it. Set persist to false".format(HOOK)

    def units(self) -> tuple[str, ...]:
        return ("ufw.service",)
