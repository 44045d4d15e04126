# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Settings for products that a person configures: screens with their fields, as a text that can be read back."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import lines_of
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import Part

MARK = "mimecast.connect mail_server_rendering: {0}"
FIELD, UNDO, NOTES = ": ", "To take it back:", "Mind:"
YES, NO = "yes", "no"


def text(word: str, title: str, parts: tuple[Part, ...], undo: tuple[str, ...], notes: tuple[str, ...]) -> str:
    """The screens in the order in which they are filled in, and the way back."""
    return lines_of(_lines(word, title, parts, undo, notes))


def _lines(word: str, title: str, parts: tuple[Part, ...], undo: tuple[str, ...], notes: tuple[str, ...]) -> Iterator[str]:
    yield MARK.format(word)
    yield title
    for number, part in enumerate(parts, 1):
        yield ""
        yield "{0}. {1}".format(number, part.kind)
        for field, given in part.settings:
            yield "   {0}{1}{2}".format(field, FIELD, given)
    for heading, lines in ((UNDO, undo), (NOTES, notes)):
        if lines:
            yield ""
            yield heading
            yield from ("- " + line for line in lines)


def parse(given: str) -> tuple[Part, ...]:
    """The screens of such a text; none if it is another one."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    lines = given.splitlines()
    if not lines[0].startswith(MARK.format("")):
        return ()
    for line in lines[2:]:
        if line in (UNDO, NOTES):
            break
        number, _dot, kind = line.partition(". ")
        if number == str(len(found) + 1):
            found.append((kind, []))
        elif line:
            field, _colon, value = line.strip().partition(FIELD)
            found[-1][1].append((field, value))
    return tuple(Part(kind, "", tuple(settings)) for kind, settings in found)


def steps(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """The screens as sentences for a person."""
    return tuple("{0}: {1}.".format(part.kind, "; ".join("{0} = {1}".format(*setting) for setting in part.settings)) for part in parts)


def tick(given: bool) -> str:
    """Whether a box is ticked."""
    return YES if given else NO
