# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers, failures and the two envelopes (API notes, section 2)."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LEGACY_UNPAGED_ROWS = 999  # a legacy list without paging was silently cut here (API notes, section 2)


@dataclass
class Answer:
    """What goes back to the client. `body` None means an empty body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """A failure that the imitated service reports by itself.

    `name` is the request field at fault. `empty` sends the status without any body.
    """

    def __init__(self, status: int, code: str = "", message: str = "", name: str | None = None, empty: bool = False):
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.name = name
        self.empty = empty

    def answer(self, envelope: str) -> Answer:
        """The failure in the envelope of the operation: oauth, legacy or v1."""
        if self.empty:
            return Answer(self.status)
        if envelope == "oauth":
            return Answer(self.status, {"error": self.code, "error_description": self.message})
        # Only what concerns the content of a legacy call travels inside HTTP 200.
        if envelope == "legacy" and self.status == 400:
            return legacy_failure(self)
        return Answer(self.status, {"errors": [self._entry()]})

    def _entry(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.name:
            entry["field"] = self.name
        return entry


def invalid(name: str | None, message: str, code: str = "err_validation") -> ApiError:
    return ApiError(400, code, message, name)


def legacy_failure(error: ApiError, key: Any = None) -> Answer:
    """HTTP 200 with a filled `fail` list; `key` echoes the item that failed."""
    entry = {**error._entry(), "retryable": False}
    return Answer(200, {"meta": {"status": 200}, "data": [], "fail": [{"key": key, "errors": [entry]}]})


def legacy_page(rows: list[Any], request: Any, offset: int, token: Any) -> Answer:
    """One page of a legacy list, or up to 999 rows when no paging was asked for.

    `request` is the request body or None, `offset` the decoded page token, `token` makes one from an offset.
    """
    asked = ((request or {}).get("meta") or {}).get("pagination")
    if asked is None:
        return Answer(200, {"meta": {"status": 200}, "data": rows[:LEGACY_UNPAGED_ROWS], "fail": []})
    size = asked.get("pageSize", 25)
    paging: dict[str, Any] = {"pageSize": size, "totalCount": len(rows)}
    if offset + size < len(rows):
        paging["next"] = token(offset + size)
    meta = {"status": 200, "pagination": paging}
    return Answer(200, {"meta": meta, "data": rows[offset:offset + size], "fail": []})
