# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that one running sandbox knows."""
from __future__ import annotations

import ipaddress
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from . import formats, settings
from .contract import Contract
from .faults import Faults
from .ids import IdCodec
from .limits import Limits
from .store import Store
from .tokens import Tokens

_LOG_ROWS = 100_000


class State:
    """`trust` is the file with the roots that verify trusts, None for those of the system. `reach`: networks beside loopback."""

    def __init__(self, database: str = ":memory:", trust: str | None = None, reach: Iterable[str] = ()):
        self.contract = Contract()
        self.store = Store(database)
        self.ids = IdCodec(self.store.secret(), self.store.epoch())
        self.tokens = Tokens()
        self.limits = Limits()
        self.faults = Faults()
        self.settings: dict[str, Any] = settings.defaults()
        self.address_book: dict[str, str] = {}
        self.trust = trust
        self.reach = [formats.documentation_network(text) for text in reach]
        self.control_token = secrets.token_urlsafe(32)
        self.requests: deque[dict[str, Any]] = deque(maxlen=_LOG_ROWS)
        self.mail_log: deque[dict[str, Any]] = deque(maxlen=_LOG_ROWS)
        # Where the service's own mail hosts are; nowhere until they listen.
        self.mail_hosts: Callable[[str], tuple[str, int] | None] = lambda name: None
        self.bugs: list[str] = []
        self.seed: Any = None

    def target(self, address: str) -> tuple[str, int]:
        """(host, port) of an address that the sandbox may dial; raises ValueError for one that it may not."""
        host, port = formats.split_address(address)
        if not formats.is_loopback(host) and not any(ipaddress.ip_address(host) in network for network in self.reach):
            raise ValueError(f"{host} is not a loopback address")
        return host, port

    def rotate_ids(self) -> int:
        self.ids.epoch = self.store.epoch(step=1)
        return self.ids.epoch

    def reset(self) -> None:
        """Back to the start; the caller plants the seed again."""
        self.store.clear()
        for part in (self.tokens, self.limits, self.faults, self.address_book, self.requests, self.bugs, self.mail_log):
            part.clear()
        self.settings = settings.defaults()
