# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a person has to do because no public API does it: a value that results show and nothing carries out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._engine import values

OPEN, ACKNOWLEDGED, EXPIRED = "open", "acknowledged", "expired"

ACKNOWLEDGED_SPEC = {
    "type": "dict",
    "options": {
        "by": {"type": "str", "required": True},
        "on": {"type": "str", "required": True, "aliases": ["since"]},  # YAML takes an unquoted on for a truth
        "until": {"type": "str", "required": True},
    },
}


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody's word that a handover is known or done although nothing proves it: who, since when, up to and including which day."""

    by: str
    on: str
    until: str

    def holds(self, day: str = "") -> bool:
        """Whether it has not ended before ``day`` (YYYY-MM-DD, today in UTC if empty)."""
        return (day or today()) <= self.until


@dataclass(frozen=True)
class Handover:
    """Exact steps for a person, with the values of this customer and never a secret.

    ``why`` says why a person is needed, ``gone_when`` which evidence makes the handover go away.
    """

    title: str
    for_whom: str
    steps: tuple[str, ...]
    why: str
    gone_when: str
    acknowledged: Acknowledgement | None = None

    def state(self, day: str = "") -> str:
        """open, acknowledged, or expired when the acknowledgement has ended before ``day``."""
        if self.acknowledged is None:
            return OPEN
        return ACKNOWLEDGED if self.acknowledged.holds(day) else EXPIRED

    def as_dict(self, day: str = "") -> dict[str, Any]:
        """The handover as results hold it."""
        found = self.acknowledged
        return {
            "title": self.title,
            "state": self.state(day),
            "for_whom": self.for_whom,
            "steps": list(self.steps),
            "why": self.why,
            "gone_when": self.gone_when,
            "acknowledged": {"by": found.by, "on": found.on, "until": found.until} if found else {},
        }

    def as_text(self) -> str:
        """The handover as a message holds it."""
        steps = " ".join("{0}. {1}".format(number, step) for number, step in enumerate(self.steps, 1))
        return "{0} (for: {1}). {2}".format(self.title, self.for_whom, steps)


def acknowledgement(given: dict[str, Any] | None) -> Acknowledgement | None:
    """What the user gave in the shape of ACKNOWLEDGED_SPEC; ValueError says what would be right."""
    if given is None:
        return None
    by = values.text(given["by"])
    if not by:
        raise ValueError("by must say who acknowledges it")
    days = {}
    for part in ("on", "until"):
        try:
            days[part] = values.date(given[part])
        except ValueError as error:
            raise ValueError("{0}: {1}".format(part, error)) from None
    if days["until"] < days["on"]:
        raise ValueError("until must not be before on")
    return Acknowledgement(by, days["on"], days["until"])


def today() -> str:
    """The day in UTC, the same for every controller."""
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()
