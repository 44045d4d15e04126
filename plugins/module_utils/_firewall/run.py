# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The only place that starts programs and writes files."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import FileEdit, Step
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError

# sudo and cron often leave these out of PATH, and there is where the programs are
PLACES = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")
TIMED_OUT = 124  # the status of timeout
LIMIT_S = 120  # programs wait for each other's locks; none takes long on its own
MOST_SHOWN = 600


def program(name: str) -> str:
    """Path of a program; empty if it is not on this machine."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES])) or ""


class _Hands:
    run_command: Optional[Callable[..., "tuple[int, str, str]"]] = None


def use(run_command: Callable[..., "tuple[int, str, str]"]) -> None:
    """Programs are started by this from now on: AnsibleModule.run_command, or what behaves like it."""
    _Hands.run_command = run_command


def call(command: tuple[str, ...], text: str = "", limit: int = LIMIT_S, pass_fds: tuple[int, ...] = ()) -> tuple[int, str, str]:
    """Exit status, output and errors of a program, in plain English. limit: seconds, 0 for none."""
    found = program(command[0])
    if not found:
        raise FirewallError("Cannot run {0}: there is no such program on this machine".format(command[0]))
    if not _Hands.run_command:
        raise FirewallError("Cannot run {0}: this works as an ordinary module only".format(command[0]))
    timer = program("timeout") if limit else ""
    words = [*([timer, str(limit)] if timer else []), found, *command[1:]]
    status, printed, errors = _Hands.run_command(
        words, data=text.encode("utf-8", "surrogateescape"), binary_data=True, environ_update={"LC_ALL": "C"}, pass_fds=pass_fds)
    if timer and status == TIMED_OUT:
        raise FirewallError("{0} did not end within {1} s; it may wait for a lock that another program holds".format(command[0], limit))
    return status, printed, errors


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


def brief(text: str) -> str:
    """The part of an error text that fits a sentence; these programs quote whole lines of their input."""
    joined = " ".join(text.split())
    if os.geteuid() != 0:
        joined += " (a firewall is root's: set become to true)"
    return joined if len(joined) <= MOST_SHOWN else joined[:MOST_SHOWN] + "..."


def read_file(path: str) -> Optional[str]:
    """The whole text; None if there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FirewallError("Cannot read {0}: {1}".format(path, error.strerror)) from None


def write_file(edit: FileEdit) -> None:
    """Bring a file to its new text at once: never half written, owner and mode of an existing file kept."""
    try:
        if edit.after is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(edit.path)
            return
        path = os.path.realpath(edit.path)  # a link stays a link
        folder = os.path.dirname(path)
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".mimecast-", dir=folder)
        try:
            with open(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(edit.after)
                file.flush()
                os.fsync(file.fileno())
            _like_before(temporary, path, edit)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise FirewallError("Cannot write {0}: {1}. The rules are in force, but would not come back after a reboot".format(
            edit.path, error.strerror)) from None


def _like_before(temporary: str, path: str, edit: FileEdit) -> None:
    try:
        known = os.stat(path)
    except FileNotFoundError:
        os.chmod(temporary, edit.mode)
        return
    bits = known.st_mode & 0o7777
    if edit.runs is not None:
        bits = bits & ~0o111 | ((bits & 0o444) >> 2 if edit.runs else 0)
    os.chmod(temporary, bits)
    os.chown(temporary, known.st_uid, known.st_gid)
