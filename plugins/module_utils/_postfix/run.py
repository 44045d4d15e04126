# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The only place that starts Postfix's programs and writes files."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import PostfixError

RunCommand = Callable[..., "tuple[int, str, str]"]
PLACES = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")  # sudo and cron often leave these out of PATH
LIMIT_S = 60
TIMED_OUT = 124  # the status of timeout
MOST_SHOWN = 600


class Programs:
    """Postfix's programs, for the configuration in one folder; ``start`` is AnsibleModule.run_command or what behaves like it."""

    def __init__(self, folder: str, start: Optional[RunCommand]) -> None:
        self._folder = folder
        self._start = start

    def call(self, name: str, *words: str) -> tuple[int, str, str]:
        """Exit status, output and errors of a program, in plain English."""
        found, timer = _program(name), _program("timeout")
        if not found:
            raise PostfixError("There is no {0} on this machine; Postfix must be installed on it".format(name))
        if not self._start:
            raise PostfixError("Cannot run {0}: this works as an ordinary module only".format(name))
        limit = [timer, str(LIMIT_S)] if timer else []
        status, printed, errors = self._start([*limit, found, "-c", self._folder, *words], environ_update={"LC_ALL": "C"})
        if timer and status == TIMED_OUT:
            raise PostfixError("{0} {1} did not end within {2} s".format(name, " ".join(words), LIMIT_S))
        return status, printed, errors

    def output(self, name: str, *words: str) -> str:
        """What a program prints; raises if it fails."""
        status, printed, errors = self.call(name, *words)
        if status:
            raise PostfixError("{0} {1} failed: {2}".format(name, " ".join(words), brief(errors)))
        return printed


def _program(name: str) -> str:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES])) or ""


def brief(text: str) -> str:
    """The part of an error text that fits a sentence."""
    joined = " ".join(text.split())
    if os.geteuid() != 0:
        joined += " (Postfix is root's: set become to true)"
    return joined if len(joined) <= MOST_SHOWN else joined[:MOST_SHOWN] + "..."


def read_file(path: str) -> Optional[str]:
    """The whole text; None if there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PostfixError("Cannot read {0}: {1}".format(path, error.strerror)) from None


def write_file(path: str, text: Optional[str], mode: int) -> None:
    """Bring a file to its text at once: never half written, and never readable for more people than ``mode`` says. None removes it."""
    try:
        if text is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            return
        handle, temporary = tempfile.mkstemp(prefix=".mimecast-", dir=os.path.dirname(path))  # 0600 by contract
        try:
            with open(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise PostfixError("Cannot write {0}: {1}".format(path, error.strerror)) from None
