# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant whose every result is held against the law of faults, and a document that takes each kind of write.

The law: the work is done, or one sentence says what is wrong and what to do. Never two objects of one name, never a
traceback, never a secret; a failure owns up to what it changed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from conftest import DEFINITIONS, POLICIES, Tenant

PASSWORD = "smtp-Pa55-of-the-relay"
ADVICE = re.compile(r"run again|raise it|check |needs the product|Correct what|[Rr]ename or remove|report it|does not create it")

BEFORE = {
    "routes": {"HQ": ("old.example.com", 25), "Gone": ("gone.example.com", 25), "Not ours": ("other.example.com", 25)},
    "policies": {("HQ", "Inbound", True), ("HQ", "Out of date", True), ("Gone", "Going too", True), ("Not ours", "Stays", True)},
}
AFTER = {
    "routes": {"HQ": ("new.example.com", 25), "Fresh": ("fresh.example.com", 2525), "Not ours": ("other.example.com", 25)},
    "policies": {("HQ", "Inbound", False), ("HQ", "Added", True), ("Fresh", "For the board", True), ("Not ours", "Stays", True)},
}
# From BEFORE to AFTER takes each kind of write.
DOCUMENT = [
    {"name": "HQ", "hostname": "new.example.com", "policies": [
        {"name": "Inbound", "to": {"type": "domain", "domain": "example.com"}, "enabled": False},
        {"name": "Added", "to": {"type": "domain", "domain": "example.org"}},
    ]},
    {"name": "Fresh", "hostname": "fresh.example.com", "port": 2525, "alternate_route": "HQ",
     "smtp_authentication": {"mechanisms": ["PLAIN"], "username": "relay", "password": PASSWORD},
     "policies": [{"name": "For the board", "to": {"type": "group", "group": "Board"}}]},
    {"name": "Gone", "state": "absent"},
]


class Watched(Tenant):
    """``alone``: nobody else changes the tenant meanwhile."""

    alone = True

    def call(self, module: str, check: bool = False, folder: str | None = None, **options: Any) -> dict[str, Any]:
        before = self.state() if self.alone else {}
        result = super().call(module, check, folder, **options)
        text, message = json.dumps(result), message_of(result)
        assert self.connection["client_secret"] not in text and PASSWORD not in text and "Bearer" not in text
        if result.get("failed"):
            assert message.startswith("Cannot ") and ADVICE.search(message) and "\n" not in message, message
            assert "Traceback" not in message and "Unexpected error" not in message, message
            assert not self.alone or result["changed"] or self.state() == before, "a failed run hides its changes: " + message
        if self.alone:
            assert not self.twins(), message
        return result

    def state(self) -> dict[str, Any]:
        """What the tenant holds, in the form of BEFORE and AFTER."""
        routes = {row["description"]: (row["hostname"], row["port"]) for row in self.objects()}
        return {"routes": routes, "policies": set(self._policies())}

    def twins(self) -> list[Any]:
        """Names that occur twice."""
        found = [*self.names(), *(row[:2] for row in self._policies())]
        return [name for name in found if found.count(name) > 1]

    def _policies(self) -> list[tuple[str, str, bool]]:
        names = {row["ref"]: row["description"] for row in self.objects()}
        return [(names.get(row["definitionId"], "?"), row["description"], row["enabled"]) for row in self.objects(POLICIES)]

    def faults(self, *rules: dict[str, Any]) -> None:
        self.sandbox.faults(list(rules))

    def fill(self) -> None:
        """Bring a new tenant into the state BEFORE."""
        rows = [{"description": name, "hostname": host} for name, (host, _port) in BEFORE["routes"].items()]
        refs = dict(zip(BEFORE["routes"], self.sandbox.insert(self.code, DEFINITIONS, rows)))
        to = {"type": "email_domain", "domain": "example.com"}
        self.sandbox.insert(self.code, POLICIES, [
            {"description": name, "definitionId": refs[route], "to": to} for route, name, _enabled in sorted(BEFORE["policies"])])
        assert self.state() == BEFORE

    def drop(self, *names: str) -> None:
        """Remove routes with their policies, and policies, behind the back of a run."""
        routes = {row["ref"]: row["description"] for row in self.objects()}
        for row in self.objects(POLICIES):
            if row["description"] in names or routes[row["definitionId"]] in names:
                self.sandbox.delete(self.code, POLICIES, row["ref"])
        for ref, name in routes.items():
            if name in names:
                self.sandbox.delete(self.code, DEFINITIONS, ref)

    def settle(self, changed: bool | None = None) -> None:
        """Faults over: the same call finishes the work, and the next one changes nothing."""
        self.sandbox.clear_faults()
        again = self.document(DOCUMENT)
        assert message_of(again) == "" and changed in (None, again["changed"])
        if again["changed"]:
            again = self.document(DOCUMENT)
        assert (message_of(again), again["changed"], again["api"]["writes"]) == ("", False, 0)
        assert (self.state(), self.twins()) == (AFTER, [])


def message_of(result: dict[str, Any]) -> str:
    return result.get("msg", "")
