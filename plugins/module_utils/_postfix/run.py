# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The only place that starts Postfix's programs and writes files."""

from __future__ import annotations

import contextlib
import os
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._machine import Machine, RunCommand, write_at_once
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import PostfixError

LIMIT_S = 60
_MACHINE = Machine(PostfixError, "There is no {0} on this machine; Postfix must be installed on it", "", "Postfix is root's")
brief, read_file = _MACHINE.brief, _MACHINE.read_file


class Programs:
    """Postfix's programs, for the configuration in one folder; ``start`` is AnsibleModule.run_command or what behaves like it."""

    def __init__(self, folder: str, start: Optional[RunCommand]) -> None:
        self._folder = folder
        self._start = start

    def call(self, name: str, *words: str) -> tuple[int, str, str]:
        """Exit status, output and errors of a program, in plain English."""
        return _MACHINE.call(self._start, " ".join([name, *words]), [name, "-c", self._folder, *words], LIMIT_S)

    def output(self, name: str, *words: str) -> str:
        """What a program prints; raises if it fails."""
        status, printed, errors = self.call(name, *words)
        if status:
            raise PostfixError("{0} {1} failed: {2}".format(name, " ".join(words), brief(errors)))
        return printed


def write_file(path: str, text: Optional[str], mode: int) -> None:
    """Bring a file to its text at once: never half written, and never readable for more people than ``mode`` says. None removes it."""
    try:
        if text is not None:
            write_at_once(path, text, lambda new: os.chmod(new, mode))
            return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    except OSError as error:
        raise PostfixError("Cannot write {0}: {1}".format(path, error.strerror)) from None
