# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of the public side, as handlers see it."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .contract import Operation
from .errors import ApiError, invalid
from .ids import PAGE
from .state import State


@dataclass
class Call:
    """`tenant` is the account code that the call acts on, `home` the one that owns the credential.

    `headers` are those that hold JSON, decoded. `body` is text where the operation does not take JSON.
    """

    state: State
    operation: Operation
    params: dict[str, str]
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    tenant: str = ""
    home: str = ""
    lag_s: float = 0
    wrote: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        return self.state.settings

    @property
    def account(self) -> dict[str, Any]:
        return self.state.store.tenant(self.tenant) or {}

    def id_of(self, kind_number: int, ref: int) -> str:
        return self.state.ids.encode(kind_number, ref)

    def path_ref(self, kind_number: int) -> int:
        """The row behind the id in the path."""
        decoded = self.state.ids.decode(next(iter(self.params.values())))
        if decoded is None:
            raise ApiError(400, empty=True)
        kind, ref = decoded
        if kind != kind_number:
            raise ApiError(400, "xdk_failure", "the id belongs to another kind of object")
        return ref

    def page_start(self) -> int:
        """The row behind which the asked page starts."""
        token = self.query.get("pageToken")
        if token is None:
            return 0
        decoded = self.state.ids.decode(token)
        if decoded is None or decoded[0] != PAGE:
            raise invalid("pageToken", "the page token is not one of ours")
        return decoded[1]

    # Writes go through here, so that the request log and lag cannot be forgotten.

    def insert(self, kind: str, body: dict[str, Any]) -> int:
        self.wrote = True
        return self.state.store.insert(self.tenant, kind, [body], self.lag_s)[0]

    def insert_all(self, kind: str, bodies: list[dict[str, Any]]) -> None:
        self.wrote = self.wrote or bool(bodies)
        self.state.store.insert(self.tenant, kind, bodies, self.lag_s)

    def update(self, kind: str, ref: int, body: dict[str, Any]) -> None:
        self.wrote = True
        self.state.store.update(self.tenant, kind, ref, body, self.lag_s)

    def delete(self, kind: str, ref: int) -> None:
        self.wrote = True
        self.state.store.delete(self.tenant, kind, ref, self.lag_s)
