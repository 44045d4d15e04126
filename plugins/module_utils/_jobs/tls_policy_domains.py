# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The domains of a TLS policy as people give them: lists and files, read line by line. What is wrong is said of each line at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._data.public_mail import PUBLIC_MAIL
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._handover import ACKNOWLEDGED_SPEC, Acknowledgement, acknowledgement

STRICT, RELAXED = "strict", "relaxed"
MODES = (STRICT, RELAXED)
GROUPS = {STRICT: "Enforced TLS strict", RELAXED: "Enforced TLS relaxed"}
ADD, REMOVE, SET = WORDS = ("add", "remove", "set")
SHOWN = 20  # lines that one message lists


def mode_spec(mode: str) -> dict[str, Any]:
    """The options of one mode. What ``set`` says is all, so it stands alone."""
    lists = {word: {"type": "list", "elements": "str"} for word in WORDS}
    files = {word + "_src": {"type": "path"} for word in WORDS}
    apart = [[whole, part] for whole in (SET, SET + "_src") for part in (ADD, ADD + "_src", REMOVE, REMOVE + "_src")]
    return {
        "type": "dict",
        "options": {
            "group": {"type": "str", "default": GROUPS[mode]}, "policy": {"type": "str"}, **lists, **files, "acknowledged": ACKNOWLEDGED_SPEC,
        },
        "mutually_exclusive": apart,
    }


@dataclass(frozen=True)
class Line:
    """Where a domain stands, and what is wrong with it or what was done about it; ``domain`` as it was given."""

    mode: str
    word: str
    source: str  # the file, or '' for the list in the task
    number: int
    domain: str
    message: str = ""

    @property
    def place(self) -> str:
        """The line in words."""
        return "line {0} of {1!r}".format(self.number, self.source) if self.source else "{0}.{1} number {2}".format(self.mode, self.word, self.number)

    def saying(self, message: str) -> Line:
        """The line with a message."""
        return Line(self.mode, self.word, self.source, self.number, self.domain, message)

    def __str__(self) -> str:
        return "{0}: {1!r}: {2}".format(self.place, self.domain[:80], self.message)

    def as_dict(self) -> dict[str, Any]:
        """The line as results hold it."""
        return {"mode": self.mode, "list": self.word, "source": self.source, "line": self.number, "domain": self.domain, "message": self.message}


@dataclass
class Mode:
    """What is declared of one mode. ``words`` holds the domains of each list that was given, in canonical form, with their lines."""

    name: str
    group: str
    policy: str
    words: dict[str, dict[str, Line]] = field(default_factory=dict)
    acknowledged: Acknowledgement | None = None

    @property
    def wanted(self) -> dict[str, Line]:
        """The domains that are to be enforced."""
        return self.words.get(SET, self.words.get(ADD, {}))


@dataclass
class Declared:
    """The modes that were given; ``wrong`` lines stop everything, ``repeated`` ones are left out and do no harm."""

    modes: dict[str, Mode] = field(default_factory=dict)
    wrong: list[Line] = field(default_factory=list)
    repeated: list[Line] = field(default_factory=list)


def declared(params: dict[str, Any]) -> Declared:
    """Everything that was declared, with what is wrong in its lines. InputError for files and options that cannot be used at all."""
    found = Declared()
    public = PUBLIC_MAIL - {_allowed(domain) for domain in params["allow_public_mail"]}
    for mode in MODES:
        if params[mode] is not None:
            found.modes[mode] = _mode(mode, params[mode], public, found)
    groups = [mode.group for mode in found.modes.values()]
    if len(set(groups)) < len(groups):
        raise InputError("Nothing was changed, the input is wrong. Both modes name the group {0!r}: give each its own".format(groups[0]))
    if len(found.modes) == len(MODES):
        _refuse_both(found)
    return found


def _allowed(domain: str) -> str:
    try:
        return values.domain(domain)
    except ValueError as error:
        raise InputError("Nothing was changed, the input is wrong. allow_public_mail: {0!r}: {1}".format(domain, error)) from None


def _mode(name: str, given: dict[str, Any], public: frozenset[str], report: Declared) -> Mode:
    try:
        group = values.name(given["group"])
        mode = Mode(name, group, values.name(given["policy"] or group), acknowledged=acknowledgement(given["acknowledged"]))
    except ValueError as error:
        raise InputError("Nothing was changed, the input is wrong. {0}: group, policy and acknowledged: {1}".format(name, error)) from None
    for word in WORDS:
        lines = _lines(name, word, given)
        if lines is not None:
            mode.words[word] = _read(lines, frozenset() if word == REMOVE else public, report)
    removed = mode.words.get(REMOVE, {})
    report.wrong += [line.saying("it stands under remove too ({0})".format(removed[domain].place))
                     for domain, line in mode.words.get(ADD, {}).items() if domain in removed]
    return mode


def _lines(mode: str, word: str, given: dict[str, Any]) -> list[Line] | None:
    """The lines of a list and its file, None when neither is given."""
    listed, path = given[word], given[word + "_src"]
    if listed is None and path is None:
        return None
    found = [Line(mode, word, "", number, str(domain)) for number, domain in enumerate(listed or (), 1)]
    return found + ([] if path is None else _file(mode, word, path))


def _file(mode: str, word: str, path: str) -> list[Line]:
    """One domain a line; empty lines and what follows # are left out."""
    what = "Nothing was changed: cannot read the domains of {0}.{1}_src from {2!r}".format(mode, word, path)
    try:
        with open(path, encoding="utf-8-sig") as file:
            texts = [text.partition("#")[0].strip() for text in file]
    except OSError as error:
        raise InputError("{0}: {1}".format(what, error.strerror or error)) from None
    except UnicodeDecodeError:
        raise InputError("{0}: it is not UTF-8 text".format(what)) from None
    found = [Line(mode, word, path, number, text) for number, text in enumerate(texts, 1) if text]
    if not found:
        # A file that was cut short must not end the enforcement for everybody.
        raise InputError("{0}: it holds no domain. If none are meant, say so in the task: {1}: []".format(what, word))
    return found


def _read(lines: list[Line], public: frozenset[str], report: Declared) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for line in lines:
        try:
            domain = external_domain(line.domain)
        except ValueError as error:
            report.wrong.append(line.saying(str(error)))
            continue
        if domain in public:
            report.wrong.append(line.saying("it gives mailboxes to the public, so mail with everybody there would depend on it; "
                                            "name it in allow_public_mail if it is meant"))
        if found.setdefault(domain, line) is not line:
            report.repeated.append(line.saying("it stands at {0} already".format(found[domain].place)))
    return found


def external_domain(value: str) -> str:
    """A whole domain in canonical form; ValueError says what would be right."""
    if "@" in value.lstrip("@"):
        raise ValueError("it is an address; write just what follows the @")
    if "*" in value:
        raise ValueError("groups match exactly and know no wildcards; name each domain")
    found = values.domain(value)
    if found.rpartition(".")[2].isdigit():
        raise ValueError("it is an IP address, not a domain")
    if "." not in found:
        raise ValueError("it has one part only; write a whole domain such as example.com")
    return found


def _refuse_both(found: Declared) -> None:
    strict, relaxed = (found.modes[mode].wanted for mode in MODES)
    found.wrong += [line.saying("it is under strict too ({0}); a domain has one mode".format(strict[domain].place))
                    for domain, line in relaxed.items() if domain in strict]


def some(items: list[Any]) -> str:
    """The first of what can be many, and how many there are besides."""
    more = len(items) - SHOWN
    return "; ".join(map(str, items[:SHOWN])) + ("; and {0} more".format(more) if more > 0 else "")
