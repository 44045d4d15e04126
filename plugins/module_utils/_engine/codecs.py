# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""How one option travels: from the user, into a request body, out of an answer, and into a comparison.

A codec owns its keys in the API object. It never sees HTTP, ids come and go through two small functions:
``name_of(kind, id)`` while reading and ``Outgoing.id_of(kind, name)`` while writing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MISSING = object()  # the answer says nothing about the option
NameOf = Callable[[str, str], str]
IdOf = Callable[[str, str], str]
Clean = Callable[[Any], Any]


@dataclass(frozen=True)
class Outgoing:
    """What writing may need besides the value: ids, the option's secrets, and whether the object is being created."""

    id_of: IdOf
    secrets: dict[str, str]
    creating: bool


class Codec(ABC):
    """Base: a value that is compared and shown as it is.

    ``kinds`` are those that it may refer to. A ``hidden`` value is a secret: it is in no value, diff or result.
    """

    kinds: frozenset[str] = frozenset()
    hidden = False

    @abstractmethod
    def spec(self) -> dict[str, Any]:
        """The option's argument spec, without ``required``."""

    def clean(self, value: Any) -> Any:
        """The canonical form of what the user gave; ValueError says what would be right."""
        return value

    def merge(self, wanted: Any, current: Any) -> Any:
        """The value after the change, where ``wanted`` may be a partial wish."""
        return wanted

    def normal(self, value: Any) -> Any:
        """Two values are equal when their normal forms are."""
        return value

    def shows(self, value: Any, found: Any) -> bool:
        """Whether what is read back is what was written; the service may add what was left open."""
        return self.normal(found) == self.normal(value)

    @abstractmethod
    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        """The value inside an API object, or MISSING."""

    @abstractmethod
    def write(self, value: Any, out: Outgoing) -> dict[str, Any]:
        """The part of a request body that sets the value."""

    def declared(self, value: Any, placeholder: Callable[[str], str]) -> Any:
        """The value as a user would declare it; ``placeholder(part)`` stands for a secret part."""
        return value

    def references(self, value: Any) -> Iterator[tuple[str, str]]:
        """The (kind, name) pairs that the value points at."""
        return iter(())

    def secrets(self, wanted: Any) -> dict[str, str]:
        """Secret parts of a wish, which are kept apart from values."""
        return {}

    def lacks(self, value: Any, out: Outgoing) -> str:
        """The name of a part without which the value cannot be sent, or ''."""
        return ""


class Plain(Codec):
    """One value under one key."""

    def __init__(
        self, api: str, clean: Clean = str, kind: str = "str", choices: dict[str, str] | None = None, patch: str = "",
    ) -> None:
        """``choices`` maps the user's words to the service's; ``patch`` is the key in changes where it is another one."""
        self._api, self._clean, self._type, self._patch = api, clean, kind, patch or api
        self._choices = choices or {}
        self._words = {word: choice for choice, word in self._choices.items()}

    def spec(self) -> dict[str, Any]:
        return {"type": self._type, **({"choices": list(self._choices)} if self._choices else {})}

    def clean(self, value: Any) -> Any:
        return value if self._choices else self._clean(value)

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        value = row.get(self._api)
        if value is None:
            return MISSING
        return self._words.get(value, value) if self._choices else _tolerant(self._clean, value)

    def write(self, value: Any, out: Outgoing) -> dict[str, Any]:
        return {self._api if out.creating else self._patch: self._choices.get(value, value)}


class Shown(Codec):
    """Something that the service tells and nobody writes, found by a path of keys."""

    def __init__(self, *path: str) -> None:
        self._path = path

    def spec(self) -> dict[str, Any]:
        return {}

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        found: Any = row
        for key in self._path:
            found = found.get(key) if isinstance(found, dict) else None
        return MISSING if found is None else found

    def write(self, value: Any, out: Outgoing) -> dict[str, Any]:
        return {}


class OrderedList(Codec):
    """A list that the object owns and whose order counts."""

    def __init__(self, api: str, clean: Clean = str) -> None:
        self._api, self._clean = api, clean

    def spec(self) -> dict[str, Any]:
        return {"type": "list", "elements": "str"}

    def clean(self, value: list[Any]) -> list[Any]:
        return [self._clean(item) for item in value]

    def normal(self, value: list[Any]) -> Any:
        return tuple(value or ())

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        value = row.get(self._api)
        if not isinstance(value, list):
            return MISSING
        # Live reads can hold blank entries (docs/service.md).
        return [_tolerant(self._clean, item) for item in value if str(item or "").strip()]

    def write(self, value: list[Any], out: Outgoing) -> dict[str, Any]:
        return {self._api: list(value)}


class EditedSet(Codec):
    """A list that others may edit too: ``add``, ``remove``, ``set``; its order does not count, so it is kept sorted."""

    def __init__(self, api: str, clean: Clean = str, item_key: str = "", most: int = 0) -> None:
        """``item_key`` is the key of the value where answers hold objects; ``most`` limits the size, 0 does not."""
        self._api, self._clean, self._item_key, self._most = api, clean, item_key, most

    def spec(self) -> dict[str, Any]:
        part = {"type": "list", "elements": "str"}
        return {
            "type": "dict",
            "options": {"add": dict(part), "remove": dict(part), "set": dict(part)},
            "mutually_exclusive": [["set", "add"], ["set", "remove"]],
        }

    def clean(self, value: dict[str, Any]) -> dict[str, list[Any]]:
        wish = {part: [self._clean(item) for item in items] for part, items in value.items() if items is not None}
        both = set(wish.get("add", ())) & set(wish.get("remove", ()))
        if both:
            raise ValueError("{0} stands under add and under remove".format(", ".join(sorted(both))))
        if self._most and max(len(wish.get("set", ())), len(wish.get("add", ()))) > self._most:
            raise ValueError("at most {0} are allowed".format(self._most))
        return wish

    def merge(self, wanted: dict[str, list[Any]], current: list[Any] | None) -> list[Any]:
        found = wanted["set"] if "set" in wanted else [*(current or []), *wanted.get("add", [])]
        return sorted(set(found) - set(wanted.get("remove", ())))

    def declared(self, value: list[Any], placeholder: Callable[[str], str]) -> Any:
        return {"set": value}

    def normal(self, value: list[Any]) -> Any:
        return frozenset(value or ())

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        value = row.get(self._api)
        if not isinstance(value, list):
            return MISSING
        items = [item.get(self._item_key) if isinstance(item, dict) else item for item in value]
        return sorted(_tolerant(self._clean, item) for item in items)

    def write(self, value: list[Any], out: Outgoing) -> dict[str, Any]:
        return {self._api: value}


class Reference(Codec):
    """Another object by name; '' points at nothing."""

    def __init__(self, api: str, kind: str, clean: Clean = str) -> None:
        self._api, self._kind, self._clean = api, kind, clean
        self.kinds = frozenset([kind])

    def spec(self) -> dict[str, Any]:
        return {"type": "str"}

    def clean(self, value: Any) -> str:
        return self._clean(value) if str(value).strip() else ""

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        found = row.get(self._api)
        return name_of(self._kind, found) if found else MISSING

    def write(self, value: str, out: Outgoing) -> dict[str, Any]:
        return {self._api: out.id_of(self._kind, value) if value else ""}

    def references(self, value: Any) -> Iterator[tuple[str, str]]:
        return iter([(self._kind, value)] if value else [])


class Secret(Codec):
    """Goes in, never comes out: no part of any value, diff or result."""

    hidden = True

    def __init__(self, api: str) -> None:
        self._api = api

    def spec(self) -> dict[str, Any]:
        return {"type": "str", "no_log": True}

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        return MISSING

    def write(self, value: str, out: Outgoing) -> dict[str, Any]:
        return {self._api: value}


class Compound(Codec):
    """A dictionary that the service takes whole; ``needs`` are the parts it cannot do without.

    ``rows`` are table rows (option and codec). Answers hold it nested under ``api`` or flat in the object (both are seen).
    Without the first of ``needs`` there is nothing: the value is {}. With ``keeps_secret`` a change may leave the secret out,
    and the service keeps the one it has.
    """

    def __init__(self, api: str, rows: tuple[Any, ...], needs: tuple[str, ...], keeps_secret: bool = False) -> None:
        self._api, self._needs, self._keeps_secret = api, needs, keeps_secret
        self._rows = {row.option: row.codec for row in rows if not isinstance(row.codec, Secret)}
        self._secret = {row.option: row.codec for row in rows if isinstance(row.codec, Secret)}

    def spec(self) -> dict[str, Any]:
        rows = {**self._rows, **self._secret}
        return {"type": "dict", "options": {option: codec.spec() for option, codec in rows.items()}}

    def clean(self, value: dict[str, Any]) -> dict[str, Any]:
        wish = {}
        for option, codec in self._rows.items():
            if value.get(option) is not None:
                try:
                    wish[option] = codec.clean(value[option])
                except ValueError as error:
                    raise ValueError("{0}: {1}".format(option, error)) from None
        return wish

    def secrets(self, wanted: dict[str, Any]) -> dict[str, str]:
        return {option: wanted[option] for option in self._secret if wanted.get(option)}

    def merge(self, wanted: dict[str, Any], current: dict[str, Any] | None) -> dict[str, Any]:
        before = current or {}
        return self._whole({**before, **{option: self._rows[option].merge(part, before.get(option)) for option, part in wanted.items()}})

    def normal(self, value: dict[str, Any]) -> Any:
        return tuple((option, codec.normal(value[option])) for option, codec in self._rows.items() if (value or {}).get(option))

    def declared(self, value: dict[str, Any], placeholder: Callable[[str], str]) -> Any:
        found = {option: self._rows[option].declared(part, placeholder) for option, part in value.items() if part not in (None, "", [])}
        # A part that says whether there is a log-on decides; without one the secret is always there.
        if value.get("authentication", True):
            found.update({option: placeholder(option) for option in self._secret})
        return found

    def shows(self, value: dict[str, Any], found: dict[str, Any]) -> bool:
        return self.normal({**found, **value} if value else {}) == self.normal(found)

    def read(self, row: dict[str, Any], name_of: NameOf) -> Any:
        inner = row.get(self._api) if isinstance(row.get(self._api), dict) else row
        found = {option: codec.read(inner, name_of) for option, codec in self._rows.items()}
        if found[self._needs[0]] is MISSING:
            return MISSING
        return self._whole({option: value for option, value in found.items() if value is not MISSING})

    def write(self, value: dict[str, Any], out: Outgoing) -> dict[str, Any]:
        # Clearing by empty parts is our assumption; the read-back tells whether the service took it so.
        parts = value or {option: [] if option == self._needs[0] else "" for option in self._needs if option in self._rows}
        body: dict[str, Any] = {}
        for option, part in parts.items():
            body.update(self._rows[option].write(part, out))
        for option, codec in self._secret.items():
            if option in out.secrets or not self._keeps_secret:
                body.update(codec.write(out.secrets.get(option, ""), out))
        return {self._api: body}

    def lacks(self, value: dict[str, Any], out: Outgoing) -> str:
        needs = [part for part in self._needs if out.creating or not self._keeps_secret or part not in self._secret]
        return next((part for part in needs if value and not {**value, **out.secrets}.get(part)), "")

    def _whole(self, value: dict[str, Any]) -> dict[str, Any]:
        return {option: part for option, part in value.items() if part is not None} if value.get(self._needs[0]) else {}


def _tolerant(clean: Clean, value: Any) -> Any:
    """The service's own values are compared as they are when they are not in a form we know."""
    try:
        return clean(value)
    except (ValueError, TypeError):
        return value
