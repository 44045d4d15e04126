# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A change, and the way back from it, as scripts for a POSIX shell: they need no Python, and nobody to wait for them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import run
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.protocol import FileEdit, Step
from ansible_collections.mimecast.connect.plugins.module_utils._machine import PLACES

HEAD = """\
# Written by Ansible (mimecast.connect.firewall_allowlist)
trap '' HUP
umask 077
PATH="$PATH:{path}"
LC_ALL=C
export PATH LC_ALL
cd {folder} || exit 1
"""
# The rename is the claim: of the timer, the confirmation and an order to take it back, exactly one succeeds.
CLAIM = """\
[ -z "$1" ] || sleep "$1"
mv armed reverting 2>/dev/null || exit 0
exec >log 2>&1 </dev/null
exec 9<{lock}
flock -w 120 9
failed=
"""
END = """\
if [ -z "$failed" ]; then mv reverting reverted; else mv reverting failed; fi
"""


def apply_script(steps: Iterable[Step], folder: str) -> str:
    """All steps in their order; the first that fails ends it, and its number is in ``failed_step``."""
    lines = [_head(folder), ": >began\n"]
    lines += ["{0} <do.{1} >/dev/null 2>errors || {{ echo {1} >failed_step; exit 1; }}\n".format(_command(step), number)
              for number, step in enumerate(steps)]
    return "".join(lines)


def revert_script(undo: Iterable[Step], folder: str, lock: str) -> str:
    """Waits for its first argument in seconds, if there is one; then goes all the way back, whatever fails on it."""
    lines = [_head(folder), CLAIM.format(lock=shlex.quote(lock))]
    lines.append("[ ! -e files ] || . ./files\n")
    lines.append("if [ -e began ]; then\n")
    lines += ["{0} <undo.{1} >/dev/null || failed=1\n".format(_command(step), number) for number, step in enumerate(undo)]
    lines += [":\n", "fi\n", END]
    return "".join(lines)


def files_script(edits: Iterable[FileEdit], folder: str, write: Callable[[str, str], None]) -> str:
    """Puts files back as they are now; their texts are written beside it."""
    lines = []
    for number, edit in enumerate(edits):
        path = os.path.realpath(edit.path)
        if edit.before is None:
            lines.append("rm -f {0} || failed=1\n".format(shlex.quote(path)))
            continue
        name, known = "file.{0}".format(number), os.stat(path)
        write(os.path.join(folder, name), edit.before)
        # Made beside the file, for the rename to be at once and the labels of SELinux to be those of the place.
        lines.append("cat {0} >{1} && chmod {2:o} {1} && chown {3}:{4} {1} && mv -f {1} {5} || failed=1\n".format(
            name, shlex.quote(path + ".mimecast-before"), known.st_mode & 0o7777, known.st_uid, known.st_gid, shlex.quote(path)))
    return "".join(lines)


def _head(folder: str) -> str:
    return HEAD.format(path=os.pathsep.join(PLACES), folder=shlex.quote(folder))


def _command(step: Step) -> str:
    return " ".join(shlex.quote(part) for part in (run.program(step.command[0]) or step.command[0], *step.command[1:]))
