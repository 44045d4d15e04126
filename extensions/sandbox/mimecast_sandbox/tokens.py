# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens: made at /oauth/token, held in memory only, and expiring for real."""
from __future__ import annotations

import secrets
import time
from typing import Any

_MOST = 20_000  # long rehearsals must not grow without end


class Tokens:
    def __init__(self) -> None:
        self._tokens: dict[str, tuple[float, dict[str, Any]]] = {}

    def issue(self, credential: dict[str, Any], lifetime_s: float) -> str:
        if len(self._tokens) >= _MOST:
            self._tokens.pop(next(iter(self._tokens)))
        token = secrets.token_urlsafe(96)
        self._tokens[token] = (time.monotonic() + lifetime_s, credential)
        return token

    def credential(self, token: str) -> dict[str, Any] | None:
        """The credential behind a live token."""
        until, credential = self._tokens.get(token, (0.0, None))
        return credential if until > time.monotonic() else None

    def expire(self, tenant: str | None = None) -> int:
        """Ends all tokens, or those of one tenant; answers how many were alive."""
        now = time.monotonic()
        ended = [token for token, (until, credential) in self._tokens.items()
                 if until > now and tenant in (None, credential["tenant"])]
        for token in ended:
            self._tokens[token] = (0.0, self._tokens[token][1])
        return len(ended)

    def tenant_of(self, token: str) -> str | None:
        """The home tenant of a token, dead or alive."""
        known = self._tokens.get(token)
        return known[1]["tenant"] if known else None

    def clear(self) -> None:
        self._tokens.clear()
