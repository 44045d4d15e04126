# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that one running sandbox knows."""
from __future__ import annotations

import secrets
from collections import deque
from typing import Any

from . import settings
from .contract import Contract
from .faults import Faults
from .ids import IdCodec
from .limits import Limits
from .store import Store
from .tokens import Tokens

_LOG_ROWS = 100_000


class State:
    """`trust` is the file with the roots that verify trusts, None for those of the system."""

    def __init__(self, database: str = ":memory:", trust: str | None = None):
        self.contract = Contract()
        self.store = Store(database)
        self.ids = IdCodec(self.store.secret(), self.store.epoch())
        self.tokens = Tokens()
        self.limits = Limits()
        self.faults = Faults()
        self.settings: dict[str, Any] = settings.defaults()
        self.address_book: dict[str, str] = {}
        self.trust = trust
        self.control_token = secrets.token_urlsafe(32)
        self.requests: deque[dict[str, Any]] = deque(maxlen=_LOG_ROWS)
        self.bugs: list[str] = []
        self.seed: Any = None

    def rotate_ids(self) -> int:
        self.ids.epoch = self.store.epoch(step=1)
        return self.ids.epoch

    def reset(self) -> None:
        """Back to the start; the caller plants the seed again."""
        self.store.clear()
        for part in (self.tokens, self.limits, self.faults, self.address_book, self.requests, self.bugs):
            part.clear()
        self.settings = settings.defaults()
