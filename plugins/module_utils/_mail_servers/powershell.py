# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""PowerShell as data: objects with their settings at the head of a script, written and read back line by line.

Values are checked before (wish.py), so that they are ASCII; every text among them is quoted by one function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.powershell import array, literals, quoted
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import MailServerError, Part

FIRST, LAST = "$objects = @(", ")"
_TEXT = r"'(?:[^']|'')*'"
_LINE = re.compile(r"\s+(\w+) = (.+)")
_FORMS = (
    (re.compile(r"\$null"), lambda _text: None),
    (re.compile(r"\$(true|false)"), lambda text: text == "$true"),
    (re.compile(r"\d+"), int),
    (re.compile(_TEXT), lambda text: literals(text)[0]),
    (re.compile(r"@\(({0}(, {0})*)?\)".format(_TEXT)), lambda text: tuple(literals(text))),
)


def value(given: Any) -> str:
    """A value as PowerShell writes it."""
    if given is None:
        return "$null"
    if isinstance(given, bool):
        return "$true" if given else "$false"
    if isinstance(given, int):
        return str(given)
    return array(given) if isinstance(given, tuple) else quoted(given)


def lines_of(parts: tuple[Part, ...]) -> Iterator[str]:
    """The objects as an array of PowerShell."""
    yield FIRST
    for part in parts:
        yield "  @{"
        yield "    Kind = " + value(part.kind)
        yield "    Name = " + value(part.name)
        yield "    Settings = @{"
        for name, given in part.settings:
            yield "      {0} = {1}".format(name, value(given))
        yield "    }"
        yield "  }"
    yield LAST


def parts_of(text: str) -> tuple[Part, ...]:
    """The objects of a script; MailServerError if a line of them is not as it was written."""
    lines = text.splitlines()
    found: list[dict[str, Any]] = []
    for line in lines[lines.index(FIRST) + 1:lines.index(LAST)]:
        word = line.strip()
        if word == "@{":
            found.append({"Settings": []})
        elif word not in ("}", "Settings = @{"):
            name, given = _setting(line)
            if name in ("Kind", "Name"):
                found[-1][name] = given
            else:
                found[-1]["Settings"].append((name, given))
    return tuple(Part(one["Kind"], one["Name"], tuple(one["Settings"])) for one in found)


def _setting(line: str) -> tuple[str, Any]:
    matched = _LINE.fullmatch(line)
    name, text = matched.groups() if matched else ("", "")
    for form, read in _FORMS:
        if form.fullmatch(text):
            return name, read(text)
    raise MailServerError("this line is no setting: {0!r}".format(line))
