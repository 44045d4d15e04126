# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One change of a firewall: prepared without touching anything, then carried out, read back and kept for the next boot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import Backend, FileEdit, Paths, Step
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Allowlist, Live

SYSTEMD = "/run/systemd/system"  # exists where systemd runs (sd_booted(3))


@dataclass(frozen=True)
class Prepared:
    """All that a change will do. ``steps`` change the kernel, ``files`` what comes back after a reboot."""

    backend: Backend
    live: Live
    desired: Allowlist
    steps: tuple[Step, ...]
    files: tuple[FileEdit, ...]


def prepare(backend: Backend, live: Live, desired: Allowlist, paths: Paths, persist: bool) -> Prepared:
    """Nothing is touched. Raises if the rules could not be kept although they shall be."""
    files: tuple[FileEdit, ...] = ()
    if persist:
        unkept = backend.unkept(paths) if desired.services else ""
        if unkept:
            raise FirewallError("Cannot keep the services across a reboot with {0}: {1}".format(backend.name, unkept))
        files = backend.files(desired, paths)
    return Prepared(backend, live, desired, backend.render(desired, live), files)


def carry_out(change: Prepared) -> None:
    """Apply the steps and prove them by reading, then write the files. What fails half-way is taken back."""
    if change.steps:
        try:
            run.apply(change.steps)
            prove(change)
        except FirewallError as error:
            raise FirewallError("{0}. {1}".format(error, take_back(change))) from None
    for edit in change.files:
        run.write_file(edit)


def prove(change: Prepared) -> None:
    """Raises if reading does not show what was written."""
    found = change.backend.read()
    if found.allowlist != change.desired or found.drift:
        raise FirewallError("Cannot confirm the change: {0} does not show what was written{1}".format(
            change.backend.name, "".join("; " + text for text in found.drift)))


def take_back(change: Prepared) -> str:
    """From whatever is there back to what was before; how that went, as a sentence."""
    try:
        run.apply(change.backend.render(change.live.allowlist, change.backend.read()))
    except FirewallError as error:
        return "The services from before could not be brought back either: {0}".format(error)
    return "The services from before are in force"


def unloaded(backend: Backend) -> Iterator[str]:
    """A sentence for each unit that should load the files at boot and is not enabled."""
    if not os.path.isdir(SYSTEMD):
        return
    for unit in backend.units():
        status, printed, _errors = run.call(("systemctl", "is-enabled", unit))
        if status:
            yield "{0} is {1}, so nothing brings the services back after a reboot: enable it".format(unit, printed.strip() or "not there")
