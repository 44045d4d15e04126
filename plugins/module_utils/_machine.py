# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Programs and files of the machine that a module runs on. Standard library only."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Optional

RunCommand = Callable[..., "tuple[int, str, str]"]  # AnsibleModule.run_command, or what behaves like it
PLACES = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")  # sudo and cron often leave these out of PATH
TIMED_OUT = 124  # the status of timeout
MOST_SHOWN = 600


def write_at_once(path: str, text: str, finish: Callable[[str], None]) -> None:
    """Bring a file to its text, never half written. ``finish`` is for owner and mode of the new file, which is 0600 until then. Raises OSError."""
    handle, temporary = tempfile.mkstemp(prefix=".mimecast-", dir=os.path.dirname(path))
    try:
        with open(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        finish(temporary)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


@dataclass(frozen=True)
class Machine:
    """The machine as one part speaks of it: the class of its errors, and the words in them."""

    error: type[Exception]
    absent: str  # that there is no program {0}
    late: str  # what a program that took too long may have waited for: the end of a sentence
    owner: str  # what is root's

    @staticmethod
    def program(name: str) -> str:
        """Path of a program; empty if it is not on this machine."""
        return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES])) or ""

    def call(self, start: Optional[RunCommand], shown: str, words: Sequence[str], limit: int, **options: Any) -> tuple[int, str, str]:
        """Exit status, output and errors of a program, in plain English. shown: the program in errors. limit: seconds, 0 for none."""
        found, timer = self.program(words[0]), self.program("timeout") if limit else ""
        if not found:
            raise self.error(self.absent.format(words[0]))
        if not start:
            raise self.error("Cannot run {0}: this works as an ordinary module only".format(words[0]))
        timed = [timer, str(limit)] if timer else []
        status, printed, errors = start([*timed, found, *words[1:]], environ_update={"LC_ALL": "C"}, **options)
        if timer and status == TIMED_OUT:
            raise self.error("{0} did not end within {1} s{2}".format(shown, limit, self.late))
        return status, printed, errors

    def brief(self, text: str) -> str:
        """The part of an error text that fits a sentence; programs quote whole lines of their input."""
        joined = " ".join(text.split())
        if os.geteuid() != 0:
            joined += " ({0}: set become to true)".format(self.owner)
        return joined if len(joined) <= MOST_SHOWN else joined[:MOST_SHOWN] + "..."

    def read_file(self, path: str) -> Optional[str]:
        """The whole text; None if there is no such file."""
        try:
            with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self.error("Cannot read {0}: {1}".format(path, error.strerror)) from None
