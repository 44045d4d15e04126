# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Which journaling service is meant, by its address: as it is declared, and what the tenant says of it besides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._engine import values

SMTP, POP3 = "smtp", "pop3"
METHODS = (SMTP, POP3)


@dataclass(frozen=True)
class Service:
    """transports: by method its options, declared ones before those of the tenant. row: what the tenant has, {} without it."""

    name: str
    transports: dict[str, dict[str, Any]]
    enabled: bool = True
    row: dict[str, Any] = field(default_factory=dict)

    def emails(self) -> set[str]:
        """Its addresses."""
        found = (one.get("email") for one in self.transports.values())
        return {canonical(email) for email in found if email}

    @property
    def arrives(self) -> bool:
        """Whether the service has taken copies, and has no error now."""
        return bool(self.row.get("last_received")) and self.row.get("status") != "error"

    def seen(self) -> dict[str, Any]:
        """What the service says of itself."""
        shown = {option: self.row.get(option) for option in ("status", "last_received", "queue_size", "hostnames")}
        return {"name": self.name, **shown, "arrives": self.arrives}


def canonical(email: Any) -> str:
    """The address as it is compared; one that is none stays as it is."""
    try:
        return values.address(email)
    except ValueError:
        return str(email)


def services(declared: Iterable[dict[str, Any]], rows: Iterable[dict[str, Any]]) -> list[Service]:
    """Those declared, and those that only the tenant has."""
    named = {str(one["name"]).strip(): one for one in declared}
    there = {row["name"]: row for row in rows}
    wanted = {name: one for name, one in named.items() if (one.get("state") or "present") != "absent"}
    return [
        *(_service(name, one, there.get(name, {})) for name, one in wanted.items()),
        *(_service(name, {}, row) for name, row in there.items() if name not in named),
    ]


def _service(name: str, declared: dict[str, Any], row: dict[str, Any]) -> Service:
    transports = {}
    for method in METHODS:
        given = {option: value for option, value in (declared.get(method) or {}).items() if value is not None}
        found = {**(row.get(method) or {}), **given}
        if found:
            transports[method] = found
    enabled = declared.get("enabled")
    return Service(name, transports, flag(row.get("enabled", True) if enabled is None else enabled) is not False, row)


def flag(value: Any) -> bool | None:
    """A truth value as people write it; None where nothing is said."""
    return None if value is None else str(value).strip().lower() in ("true", "yes", "on", "1", "t", "y")
