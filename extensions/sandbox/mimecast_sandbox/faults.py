# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: rules that make chosen calls go wrong, and barriers that make calls wait for each other."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from jsonschema import Draft202012Validator

KINDS = ("status", "drop_before", "drop_after", "cut_body", "wrong_type", "slow", "expire_token", "lag", "hold")
_HOLD_LIMIT_MS = 30_000  # a forgotten hold must not hang a test run for ever
_SCHEMA = Draft202012Validator({
    "type": "array",
    "items": {
        "type": "object", "additionalProperties": False, "required": ["kind"],
        "properties": {
            "operation": {"type": "string"}, "kind": {"enum": list(KINDS)},
            "times": {"type": "integer", "minimum": 1}, "after": {"type": "integer", "minimum": 0},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "retry_after": {"type": ["integer", "string"]}, "reset_ms": {"type": "integer", "minimum": 0},
            "before_commit": {"type": "boolean"}, "delay_ms": {"type": "number", "minimum": 0},
            "body": {}, "name": {"type": "string", "minLength": 1}, "count": {"type": "integer", "minimum": 1},
        },
        "allOf": [
            {"if": {"properties": {"kind": {"const": "status"}}}, "then": {"required": ["status"]}},
            {"if": {"properties": {"kind": {"const": "hold"}}}, "then": {"required": ["name"]}},
            {"if": {"properties": {"kind": {"enum": ["slow", "lag"]}}}, "then": {"required": ["delay_ms"]}},
        ],
    },
})


@dataclass
class Rule:
    """One rule as it was posted, and how often it matched and fired."""

    spec: dict[str, Any]
    seen: int = 0
    fired: int = 0

    @property
    def kind(self) -> str:
        return str(self.spec["kind"])

    @property
    def times(self) -> int:
        # A barrier for n calls has to catch n calls.
        return int(self.spec.get("times", self.spec.get("count", 1)))

    def take(self, operation: str) -> bool:
        """Whether the rule strikes this call; counts it either way."""
        if not fnmatchcase(operation, self.spec.get("operation", "*")) or self.fired >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.spec.get("after", 0):
            return False
        self.fired += 1
        return True


@dataclass
class _Gate:
    waiting: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)


class Faults:
    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._gates: dict[str, _Gate] = {}

    def add(self, specs: Any) -> None:
        """Appends rules; raises ValueError for a rule that makes no sense."""
        for error in _SCHEMA.iter_errors(specs):
            raise ValueError(f"{error.json_path}: {error.message}")
        self.rules.extend(Rule(spec) for spec in specs)

    def clear(self) -> None:
        self.rules.clear()
        for name in list(self._gates):
            self.release(name)

    def pick(self, operation: str) -> Rule | None:
        """The first rule that strikes; later rules do not see the call."""
        return next((rule for rule in self.rules if rule.take(operation)), None)

    def report(self) -> list[dict[str, Any]]:
        return [{**rule.spec, "matched": rule.seen, "fired": rule.fired} for rule in self.rules]

    def waiting(self) -> dict[str, int]:
        return {name: gate.waiting for name, gate in self._gates.items()}

    def release(self, name: str) -> int:
        """Lets all waiting calls go; answers how many."""
        gate = self._gates.pop(name, None)
        if gate is None:
            return 0
        gate.opened.set()
        return gate.waiting

    async def hold(self, rule: Rule) -> None:
        """Waits for the release, for enough company, or for delay_ms (30 s) at most."""
        name = rule.spec["name"]
        gate = self._gates.setdefault(name, _Gate())
        gate.waiting += 1
        if gate.waiting >= rule.spec.get("count", float("inf")):
            self.release(name)
            return
        try:
            await asyncio.wait_for(gate.opened.wait(), rule.spec.get("delay_ms", _HOLD_LIMIT_MS) / 1000)
        except TimeoutError:
            gate.waiting -= 1
