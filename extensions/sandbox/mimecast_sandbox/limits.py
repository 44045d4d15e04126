# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits: fixed windows per operation and client id (API notes, section 2)."""
from __future__ import annotations

import math
import time
from fnmatch import fnmatchcase
from typing import Any


class Limits:
    """Counts calls and says what the three headers hold."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, settings: dict[str, Any], operation: str, client: str) -> tuple[bool, dict[str, str]]:
        """(allowed, headers). No headers when no limit is set for the operation. Reset is in milliseconds."""
        rule = _rule(settings["rate_limits"], operation)
        if rule is None:
            return True, {}
        now = time.monotonic() * 1000
        start, used = self._windows.get((operation, client), (now, 0))
        if now - start >= rule["window_ms"]:
            start, used = now, 0
        allowed = used < rule["limit"]
        used += allowed
        self._windows[(operation, client)] = (start, used)
        left = rule["limit"] - used
        headers = {"X-RateLimit-Limit": str(rule["limit"]), "X-RateLimit-Remaining": str(max(left, 0))}
        if settings["rate_limit_reset"]:
            headers["X-RateLimit-Reset"] = "0" if left > 0 else str(math.ceil(start + rule["window_ms"] - now))
        return allowed, headers

    def clear(self) -> None:
        self._windows.clear()


def _rule(rules: dict[str, Any], operation: str) -> dict[str, Any] | None:
    if operation in rules:
        return rules[operation]
    return next((rule for pattern, rule in rules.items() if fnmatchcase(operation, pattern)), None)
