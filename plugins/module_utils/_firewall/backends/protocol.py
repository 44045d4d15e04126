# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a backend has to be. Everything else - wishes, guards, comparison, messages - is common to all of them.

The life of a run: ``choose`` picks a backend; ``read`` tells what is there; a wish becomes an Allowlist; ``render`` makes the
Change from one to the other without touching anything, which check mode shows and a real run applies; ``read`` again proves it.

What a backend promises:

- ``render(desired, live)`` is pure and empty when there is nothing to do. Its steps need nothing of this collection: a
  command and what it reads from its standard input. So a Change can be written down as a shell script, and
  ``render(before.allowlist, Live(desired, drift, names=names(desired)))`` is the script that takes a change back, even without Python.
- A step is atomic. With several steps, allowed connections pass after each of them: sets before the rules that use them,
  removals last.
- ``read`` gives back what ``render`` made: ``read().allowlist == desired``, with no ``drift``. Service.mark, in a comment of a rule
  (or wherever the backend keeps texts), carries what rules cannot say: mode and since.
- Only objects with our name (TABLE, CHAIN, PREFIX) are ever written. Established connections and the loopback interface are
  accepted first, packets to other ports are never judged.
- ``files`` are pure too: whole contents of the files that bring the rules back after a reboot, before and after. Where a
  file belongs to others, their lines stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Optional, Protocol

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Allowlist, Live

TABLE = "mimecast_connect"  # nftables
CHAIN = "MIMECAST"  # iptables: MIMECAST, and MIMECAST-<service>
PREFIX = "mimecast-"  # ipset
STRANGERS_KEPT_S = 21 * 24 * 3600  # how long a stranger is remembered; ipset allows no more than 24 days
MOST_STRANGERS = 65535  # in each service and family; further ones are judged, but not remembered
LOG_RATE = "6/minute"


@dataclass(frozen=True)
class Step:
    """A command that reads ``text`` from its standard input; it works as a whole or not at all."""

    command: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class FileEdit:
    """The whole text of a file before and after; None where there is no file.

    ``mode`` is for a new file. ``runs`` says whether a file that is there is to be executable; None leaves that as it is.
    """

    path: str
    before: Optional[str]
    after: Optional[str]
    mode: int = 0o600
    runs: Optional[bool] = None


Paths = Mapping[str, str]  # by the names of the option ``paths``; a backend takes its own defaults for what is missing


class Backend(Protocol):
    """One kind of firewall."""

    name: str

    def missing(self) -> str:
        """Why this backend cannot be used on this machine, as the end of a sentence; empty when it can."""

    def in_charge(self) -> bool:
        """Whether this machine's administrator evidently uses it, such as rules of others in it, or a running daemon."""

    def read(self) -> Live:
        """What it holds of ours, now. Never changes anything."""

    def names(self, desired: Allowlist) -> frozenset[str]:
        """``Live.names`` as ``read`` shows them once the firewall holds ``desired``: for a way back that is made before anything is changed."""

    def render(self, desired: Allowlist, live: Live) -> tuple[Step, ...]:
        """The way from ``live`` to ``desired``; () if there is nothing to do. An empty Allowlist removes all that is ours."""

    def files(self, desired: Allowlist, paths: Paths) -> tuple[FileEdit, ...]:
        """The edits that make ``desired`` come back after a reboot; () if it does already."""

    def unkept(self, paths: Paths) -> str:
        """Why rules would not come back after a reboot whatever is written, as a sentence saying what to do; empty if they would."""

    def units(self) -> tuple[str, ...]:
        """The systemd units that load the files at boot; they must be enabled."""
