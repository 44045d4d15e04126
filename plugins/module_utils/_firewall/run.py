# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The only place that starts programs and writes files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import FileEdit, Step
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._machine import Machine, RunCommand, write_at_once

LIMIT_S = 120  # programs wait for each other's locks; none takes long on its own
_MACHINE = Machine(
    FirewallError, "Cannot run {0}: there is no such program on this machine", "; it may wait for a lock that another program holds",
    "a firewall is root's")
brief, program, read_file = _MACHINE.brief, _MACHINE.program, _MACHINE.read_file


class _Hands:
    run_command: Optional[RunCommand] = None


def use(run_command: RunCommand) -> None:
    """Programs are started by this from now on: AnsibleModule.run_command, or what behaves like it."""
    _Hands.run_command = run_command


def call(command: tuple[str, ...], text: str = "", limit: int = LIMIT_S, pass_fds: tuple[int, ...] = ()) -> tuple[int, str, str]:
    """Exit status, output and errors of a program, in plain English. limit: seconds, 0 for none."""
    data = text.encode("utf-8", "surrogateescape")
    return _MACHINE.call(_Hands.run_command, command[0], command, limit, data=data, binary_data=True, pass_fds=pass_fds)


def output(command: tuple[str, ...]) -> str:
    """What a program prints; raises if it fails."""
    status, printed, errors = call(command)
    if status:
        raise FirewallError("Cannot read the firewall: {0} failed: {1}".format(" ".join(command), brief(errors)))
    return printed


def apply(steps: Iterable[Step]) -> None:
    """Carry out all steps in their order; raises at the first that fails, which has changed nothing itself."""
    for step in steps:
        status, _printed, errors = call(step.command, step.text)
        if status:
            raise FirewallError("Cannot change the firewall: {0} refused: {1}".format(" ".join(step.command), brief(errors)))


def write_file(edit: FileEdit) -> None:
    """Bring a file to its new text at once: never half written, owner and mode of an existing file kept."""
    try:
        if edit.after is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(edit.path)
            return
        path = os.path.realpath(edit.path)  # a link stays a link
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_at_once(path, edit.after, lambda new: _like_before(new, path, edit))
    except OSError as error:
        raise FirewallError("Cannot write {0}: {1}. The rules are in force, but would not come back after a reboot".format(
            edit.path, error.strerror)) from None


def _like_before(new: str, path: str, edit: FileEdit) -> None:
    try:
        known = os.stat(path)
    except FileNotFoundError:
        os.chmod(new, edit.mode)
        return
    bits = known.st_mode & 0o7777
    if edit.runs is not None:
        bits = bits & ~0o111 | ((bits & 0o444) >> 2 if edit.runs else 0)
    os.chmod(new, bits)
    os.chown(new, known.st_uid, known.st_gid)
