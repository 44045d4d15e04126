# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""From the user's options to wishes: cleaned, named, and wrong input refused before anything is asked of the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Catalogue, Resource

MAX_PROBLEMS = 20
Key = tuple[str, str, str]  # kind, owner's name or '', name


@dataclass
class Wish:
    """What is wanted of one object. ``values`` holds the options given; ``complete`` the kinds whose nested list was given."""

    resource: Resource
    name: str
    scope: str = ""
    state: str = "present"
    values: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    always_secret: bool = False
    complete: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.resource.describe(self.name, self.scope)

    @property
    def key(self) -> Key:
        """Kind, owner and name."""
        return (self.resource.kind, self.scope, self.name)


def wishes(catalogue: Catalogue, document: dict[str, list[dict[str, Any]] | None], known: Sequence[str] = ()) -> list[Wish]:
    """Every object of a tenant document, owners before what they own. InputError lists all problems, those ``known`` before too."""
    found: list[Wish] = []
    problems = list(known)
    for resource in catalogue.resources:
        items = document.get(resource.kind) or []
        for position, item in enumerate([items] if isinstance(items, dict) else items, 1):
            _collect(catalogue, resource, item, "{0} number {1}".format(resource.label, position), "", found, problems)
    problems += _duplicates(found)
    if problems:
        rest = len(problems) - MAX_PROBLEMS
        lines = problems[:MAX_PROBLEMS] + (["and {0} more".format(rest)] if rest > 0 else [])
        raise InputError("Nothing was changed, the input is wrong. " + "; ".join(lines) + ".")
    return found


def _collect(
    catalogue: Catalogue, resource: Resource, item: dict[str, Any], place: str, scope: str,
    found: list[Wish], problems: list[str],
) -> None:
    try:
        name = "" if resource.singleton else resource.named(item.get("name") or "")
    except ValueError as error:
        problems.append("{0}: name: {1}".format(place[:1].upper() + place[1:], error))
        return
    wish = Wish(resource, name, scope, item.get("state") or "present", always_secret=item.get("update_secret") == "always")
    wish.overrides = tuple(name for name in resource.overrides if item.get(name))
    found.append(wish)
    for row in resource.options:
        given = item.get(row.option)
        if given is not None:
            _clean(wish, row.option, given, problems)
    if resource.owner:
        wish.values[resource.owner.field] = scope
    for owned in catalogue.owned_by(resource.kind):
        members = item.get(owned.owner.option)
        if members is None or wish.state == "absent":
            continue
        wish.complete += (owned.kind,)
        for position, member in enumerate(members, 1):
            inner = "{0} number {1} of {2}".format(owned.label, position, wish)
            _collect(catalogue, owned, {"state": wish.state, **member}, inner, name, found, problems)


def _clean(wish: Wish, option: str, given: Any, problems: list[str]) -> None:
    row = wish.resource.row(option)
    if row.codec.hidden:
        wish.secrets[option] = {option: given}
        return
    try:
        wish.values[option] = value = row.codec.clean(given)
    except ValueError as error:
        shown = "" if isinstance(given, (dict, list)) else " is {0}".format(_quoted(given))
        problems.append("{0}: {1}{2}: {3}".format(_title(wish), option, shown, error))
        return
    secrets = row.codec.secrets(given)
    if secrets:
        wish.secrets[option] = secrets
    if (wish.resource.kind, wish.name) in row.codec.references(value):
        problems.append("{0}: {1} is {2!r}: it cannot refer to itself".format(_title(wish), option, wish.name))


def _duplicates(found: list[Wish]) -> list[str]:
    seen: set[Key] = set()
    problems = []
    for wish in found:
        if wish.key in seen:
            problems.append("{0}: it is declared twice; names must differ".format(_title(wish)))
        seen.add(wish.key)
    return problems


def _quoted(value: Any) -> str:
    """Whole or not at all: a part of a text could be a part of a secret, which nobody would recognise and hide."""
    return "a text of {0} characters".format(len(value)) if isinstance(value, str) and len(value) > 300 else repr(value)


def _title(wish: Wish) -> str:
    text = str(wish)
    return text[:1].upper() + text[1:]
