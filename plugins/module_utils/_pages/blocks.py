# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A page as a value: blocks of plain text, which the renderers alone turn into Markdown or HTML. Nothing in a text is ever markup."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Union

MAX_TEXT = 4000
_LINE_ENDS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"  # words of some languages need them


class Heading(NamedTuple):
    """level 2 or 3; state is shown beside it."""

    level: int
    text: str
    state: str = ""


class Paragraph(NamedTuple):
    """One text."""

    text: str


class Facts(NamedTuple):
    """Labels, which are ours, and their values."""

    rows: tuple[tuple[str, str], ...]


class Table(NamedTuple):
    """Rows below a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Items(NamedTuple):
    """A list; numbered where the order matters."""

    texts: tuple[str, ...]
    numbered: bool = False


Block = Union[Heading, Paragraph, Facts, Table, Items]


class Page(NamedTuple):
    """title is its first heading."""

    title: str
    blocks: tuple[Block, ...]


def clean(value: Any, limit: int = MAX_TEXT) -> str:
    """Text that can be shown: lines end with \\n, what is invisible or turns the direction of reading is replaced, what is too long is cut and says so."""
    text = _LINE_ENDS.sub("\n", str(value)).expandtabs(4).strip()
    if len(text) > limit:
        text = "{0}... ({1} more characters)".format(text[:limit].rstrip(), len(text) - limit)
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char == "\n" or char.isprintable() or char in _JOINERS:
        return char
    return " " if char.isspace() else "\ufffd"


def one_line(value: Any, limit: int = MAX_TEXT) -> str:
    """clean, with all blanks as single ones."""
    return " ".join(clean(value, limit).split())


def split(value: Any) -> tuple[str, str]:
    """The first line, and the further ones as they stand: commands and records have to keep their form."""
    first, _end, rest = clean(value).partition("\n")
    return first.strip(), rest.strip("\n").rstrip()
