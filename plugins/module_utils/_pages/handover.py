# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The account of a journey as a page: what is done and proved by what, who is waited for and what exactly they do, what failed, what is next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._pages.blocks import Block, Facts, Heading, Items, Page, Paragraph, Table, clean, one_line

DONE, CHANGED, WAITING, FAILED, NOT_REACHED, NOT_PART = "done", "changed", "waiting", "failed", "not_reached", "not_part"
STATES = {
    DONE: "done", CHANGED: "changed by this run", WAITING: "waiting", FAILED: "failed", NOT_REACHED: "not reached", NOT_PART: "not part of the service",
}
OPEN, ACKNOWLEDGED, EXPIRED = "open", "acknowledged", "expired"
# A page is read by people: of what is alike it shows the first, and says how many more there are. What is wrong is shown further than what is right.
MAX_STEPS, MAX_HANDOVERS, MAX_ACTIONS, MAX_WRONG, MAX_RIGHT, MAX_CHANGES = 50, 50, 200, 50, 20, 20
MAX_LINE, MAX_ACTION = 600, 2000  # characters
_RIGHT = ("ok", "degraded")


def page(account: Any) -> Page:
    """The page; ValueError says what is no account. The same account gives the same page."""
    if not isinstance(account, dict) or not isinstance(account.get("steps"), (list, tuple)):
        raise ValueError("the account of a journey is a mapping with a list of steps, as the role connect makes it")
    steps = [step for step in account["steps"] if isinstance(step, dict)][:MAX_STEPS]
    if len(steps) < len(account["steps"]):
        raise ValueError("steps has to be a list of at most {0} mappings".format(MAX_STEPS))
    handovers = _handovers(steps, _text(account, "day"))
    blocks: list[Block] = [Facts(_about(account))]
    if _text(account, "next"):
        blocks += [Heading(2, "Next"), Paragraph(clean(account["next"]))]
    if steps:
        blocks += [Heading(2, "Steps"), Table(("Step", "State", "Why"), tuple((_name(step), _state(step), _why(step)) for step in steps))]
    blocks += _stopped(steps)
    blocks += _to_do("To do by a person", [row for row in handovers if row[2] != ACKNOWLEDGED])
    blocks += _to_do("Known, and not yet proved", [row for row in handovers if row[2] == ACKNOWLEDGED])
    blocks += _proved(steps)
    return Page("Handover: {0}".format(_text(account, "customer") or "a customer"), tuple(blocks))


def _text(of: dict[str, Any], key: str) -> str:
    value = of.get(key)
    return "" if value is None or isinstance(value, (dict, list, tuple)) else one_line(value, MAX_LINE)


def _about(account: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    labels = {"customer": "Customer", "account_code": "Account", "region": "Region", "service": "Service", "infrastructure": "Infrastructure", "day": "Day"}
    return tuple((label, _infrastructure(account) if key == "infrastructure" else _text(account, key) or "not known") for key, label in labels.items())


def _infrastructure(account: dict[str, Any]) -> str:
    """Given as a word, or as the mapping of the customer file."""
    found = account.get("infrastructure")
    if not isinstance(found, dict):
        return _text(account, "infrastructure") or "not known"
    parts = [_text(found, key) for key in ("type", "on_premises", "cloud", "version")]
    return ", ".join(filter(None, parts)) or "not known"


def _name(step: dict[str, Any]) -> str:
    return _text(step, "step") or "a step"


def _state(step: dict[str, Any]) -> str:
    return STATES.get(_text(step, "state"), _text(step, "state") or "not known")


def _why(step: dict[str, Any]) -> str:
    soak = step.get("soak")
    found = [_text(step, "why")]
    if isinstance(soak, dict) and (_text(soak, "since") or _text(soak, "until")):
        found.append("Runs since {0}, at least until {1}.".format(_text(soak, "since") or "not known", _text(soak, "until") or "not known"))
    return " ".join(filter(None, found))


Row = tuple[str, dict[str, Any], str]  # name of the step, handover, its state


def _handovers(steps: Iterable[dict[str, Any]], day: str) -> list[Row]:
    return [(_name(step), handover, _state_of(handover, day)) for step in steps for handover in _dicts(step, "handovers")]


def _dicts(of: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = of.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, (list, tuple)) else []


def _state_of(handover: dict[str, Any], day: str) -> str:
    """As of the account's day; without one as it was said."""
    word = handover.get("acknowledged")
    if not isinstance(word, dict) or not _text(word, "until"):
        return OPEN
    if not day:
        return EXPIRED if _text(handover, "state") == EXPIRED else ACKNOWLEDGED
    return ACKNOWLEDGED if day <= _text(word, "until") else EXPIRED


def _to_do(title: str, rows: Sequence[Row]) -> list[Block]:
    blocks: list[Block] = [Heading(2, title)] if rows else []
    for step, handover, state in rows[:MAX_HANDOVERS]:
        blocks.append(Heading(3, _text(handover, "title") or "Something without a title", "open again" if state == EXPIRED else state))
        facts = [("Step", step), ("For", _text(handover, "for_whom")), ("Why a person", _text(handover, "why")), ("Gone when", _text(handover, "gone_when"))]
        if state != OPEN:
            facts.append(("Acknowledged", _word(handover["acknowledged"], state)))
        blocks.append(Facts(tuple(fact for fact in facts if fact[1])))
        actions = handover.get("steps")
        if isinstance(actions, (list, tuple)) and actions:
            blocks.append(Items(_first([clean(action, MAX_ACTION) for action in actions], MAX_ACTIONS, "more; the result of the run has all"), numbered=True))
    if len(rows) > MAX_HANDOVERS:
        blocks.append(Paragraph("And {0} more; the result of the run has all.".format(len(rows) - MAX_HANDOVERS)))
    return blocks


def _word(word: dict[str, Any], state: str) -> str:
    said = "by {0}, on {1}, until {2}".format(*(_text(word, key) or "not known" for key in ("by", "on", "until")))
    return said + (", which is over: it has to be done, or to be acknowledged again" if state == EXPIRED else "")


def _first(texts: Sequence[str], most: int, more: str) -> tuple[str, ...]:
    rest = len(texts) - most
    return (*texts[:most], *(["And {0} {1}.".format(rest, more)] if rest > 0 else []))


def _stopped(steps: Iterable[dict[str, Any]]) -> list[Block]:
    """What failed, with all that was seen."""
    blocks: list[Block] = []
    for step in steps:
        if step.get("state") == FAILED:
            blocks += [Heading(3, _name(step)), Paragraph(clean(step.get("why") or "The run says no reason.")), *_evidence(step)]
    return [Heading(2, "Failed"), *blocks] if blocks else []


def _proved(steps: Iterable[dict[str, Any]]) -> list[Block]:
    blocks: list[Block] = []
    for step in steps:
        evidence = _evidence(step)
        if step.get("state") in (DONE, CHANGED):
            blocks += [Heading(3, _name(step), _state(step)), *(evidence or [Paragraph(_why(step) or "Nothing had to be proved or changed.")])]
        elif step.get("state") != FAILED and evidence:
            blocks += [Heading(3, _name(step), _state(step)), *evidence]
    return [Heading(2, "Done, and proved by what"), *blocks] if blocks else []


def _evidence(step: dict[str, Any]) -> list[Block]:
    verdicts = _dicts(step, "proof")
    wrong = [_verdict(row) for row in verdicts if row.get("verdict") not in _RIGHT]
    right = [_verdict(row) for row in verdicts if row.get("verdict") in _RIGHT]
    changes = ["Changed: {0}".format(_change(row)) for row in _dicts(step, "changes")]
    shown = [*_first(wrong, MAX_WRONG, "that did not pass"), *_first(right, MAX_RIGHT, "that passed"), *_first(changes, MAX_CHANGES, "changes")]
    return [Items(tuple(shown))] if shown else []


def _verdict(row: dict[str, Any]) -> str:
    name = _text(row, "name")
    kind = " ({0})".format(_text(row, "type")) if _text(row, "type") else ""
    return "{0}{1}: {2}. {3}".format(name or "a check", kind, _text(row, "verdict") or "unknown", _text(row, "message") or _text(row, "code")).strip()


def _change(row: dict[str, Any]) -> str:
    """What and on which object; never before and after, which the diff of the run shows."""
    named = [_text(row, key).replace("_", " ") for key in ("action", "kind") if _text(row, key)]
    name = _text(row, "name") or _text(row, "parameter") or _text(row, "path")
    return " ".join([*named, name]).strip() or "an object"
