# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""firewalld: a policy of our own in front of all zones, and sets of our own. The steps change what is in force, the files what is kept.

firewalld replaces no set at once: it flushes it, then adds by thousands, and refuses an entry that overlaps another one. So a spare
set lets the sources in while the real one is filled. Only a new policy or set needs a reload, which drops all new connections for a moment;
removing needs none, since empty sets and a policy without rules do nothing until the next one. Each step does nothing where
nothing is to do, so that it can be repeated, and taken back from half-way.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends import firewalld_files as files
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends import firewalld_read, firewalld_scripts
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import FileEdit, Paths, Step
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import FAMILIES, Allowlist, Live, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import Ranges


class Firewalld:
    """The backend; see the protocol."""

    name = "firewalld"

    def missing(self) -> str:
        if not run.program("firewall-cmd"):
            return "firewalld is not installed"
        if not os.path.isdir("/usr/lib/firewalld/policies"):
            return "firewalld is older than 0.9, which has no policies"
        return "" if _process_runs() else "firewalld does not run"

    def in_charge(self) -> bool:
        return not self.missing() and run.call(("firewall-cmd", "--state"))[0] == 0

    def read(self) -> Live:
        return firewalld_read.read()

    def names(self, desired: Allowlist) -> frozenset[str]:
        return frozenset(["rules"] if desired.services else [])

    def render(self, desired: Allowlist, live: Live) -> tuple[Step, ...]:
        if desired == live.allowlist and not live.drift:
            return ()
        return tuple(_way(desired, live))

    def files(self, desired: Allowlist, paths: Paths) -> tuple[FileEdit, ...]:
        texts = {name: files.set_text(ranges, family) for name, ranges, family in files.sets_of(desired)}
        policy = _edit(files.policy_path(), files.policy_text(desired) if texts else None)
        sets = [_edit(files.set_path(name), texts.get(name)) for name in sorted(files.kept_sets() | set(texts))]
        edits = [*sets, policy] if texts else [policy, *sets]  # the policy names the sets
        return tuple(edit for edit in edits if edit.before != edit.after)

    def unkept(self, paths: Paths) -> str:
        return ""

    def units(self) -> tuple[str, ...]:
        return ("firewalld.service",)


def _process_runs() -> bool:
    """Whether there is a firewalld, maybe that of a container; to ask firewall-cmd each time takes a quarter of a second."""
    for comm in glob.iglob("/proc/[0-9]*/comm"):
        try:
            with open(comm, encoding="utf-8", errors="replace") as file:
                if file.read() == "firewalld\n":
                    return True
        except OSError:  # it has ended
            continue
    return False


def _edit(path: str, after: str | None) -> FileEdit:
    return FileEdit(path, run.read_file(path), after, 0o644)


def _way(desired: Allowlist, live: Live) -> Iterator[Step]:
    before = live.allowlist
    if desired.services and (live.drift or any(before.get(one.name) is None for one in desired.services)):
        yield Step(("sh", "-c", firewalld_scripts.MAKE, "sh", *(name for name, _ranges, _family in files.sets_of(desired))), "")
    parts = [(one, family) for one in desired.services for family in FAMILIES]
    new = [(one, family) for one, family in parts if before.get(one.name) is None]
    changed = [(one, family) for one, family in parts if (one, family) not in new and _differs(one, before.get(one.name), family)]
    for one, family in changed:
        yield _fill(files.set_name(one.name, family) + files.SPARE, one.sources(family), family)
    for one, family in new:
        yield _fill(files.set_name(one.name, family), one.sources(family), family)
    wanted = files.rules(desired)
    if changed:
        yield _rules([*(rule for one, family in changed for rule in files.accepts(one, (family,), files.SPARE)), *wanted])
    for one, family in [part for part in parts if part not in new] if live.drift else changed:
        yield _fill(files.set_name(one.name, family), one.sources(family), family)
    yield _rules(wanted)
    gone = sorted({name for name, _ranges, _family in files.sets_of(before)} - {name for name, _ranges, _family in files.sets_of(desired)})
    emptied = [name for name in gone if not name.endswith(files.SPARE)] + [files.set_name(one.name, family) + files.SPARE for one, family in changed]
    for name in emptied:
        yield Step(("sh", "-c", firewalld_scripts.CLEAR, "sh", name), "")
    if gone:
        yield Step(("sh", "-c", firewalld_scripts.CLEAN, "sh", *gone), "")


def _differs(service: Service, before: Service | None, family: int) -> bool:
    return before is None or before.sources(family) != service.sources(family)


def _fill(name: str, ranges: Ranges, family: int) -> Step:
    return Step(("sh", "-c", firewalld_scripts.FILL, "sh", name), _lines(files.entries(ranges, family)))


def _rules(rules: Iterable[str]) -> Step:
    return Step(("sh", "-c", firewalld_scripts.RULES), _lines(rules))


def _lines(texts: Iterable[str]) -> str:
    return "".join(text + "\n" for text in texts)
