# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Pages as Markdown (CommonMark with the tables of GitHub)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._pages.blocks import Block, Facts, Heading, Items, Page, Paragraph, Table, one_line, split

# An underscore between letters or digits is none of emphasis.
_SPECIAL = re.compile(r"[\\`*\[\]<>&|~$#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# What would begin a list or a rule.
_LEADING = re.compile(r"-|\+(?=\s|$)|(\d{1,9})[.)](?=\s|$)")
_LINK = re.compile(r"(?i)://|\bwww\.")
_FENCES = re.compile(r"`+")


def markdown(page: Page) -> str:
    """The page, which ends with a line end."""
    parts = ["# {0}".format(text(page.title)), *(_block(block) for block in page.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def text(value: Any) -> str:
    """A text on one line that shows as it is: no markup, no HTML, no links."""
    found = _SPECIAL.sub(r"\\\g<0>", one_line(value))
    found = _LINK.sub(lambda match: r":\/\/" if match[0] == "://" else match[0][:-1] + r"\.", found)
    match = _LEADING.match(found)
    if match:
        found = "{0}\\{1}".format(match[1] or "", found[len(match[1] or ""):])
    return found


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return "{0} {1}{2}".format("#" * block.level, text(block.text), ": " + text(block.state) if block.state else "")
    if isinstance(block, Paragraph):
        return _lines(block.text, "")
    if isinstance(block, Facts):
        return "\n".join("- **{0}**: {1}".format(label, text(value)) for label, value in block.rows)
    if isinstance(block, Items):
        return "\n".join(_item(number if block.numbered else 0, item) for number, item in enumerate(block.texts, 1))
    return _table(block)


def _table(block: Table) -> str:
    rows: list[Sequence[str]] = [block.head, ["---"] * len(block.head), *([text(cell) for cell in row] for row in block.rows)]
    return "\n".join("| {0} |".format(" | ".join(row)) for row in rows)


def _item(number: int, value: str) -> str:
    mark = "{0}. ".format(number) if number else "- "
    return mark + _lines(value, " " * len(mark))


def _lines(value: str, indent: str) -> str:
    """The first line as text, the others as a block of code whose fence none of them can end."""
    first, rest = split(value)
    if not rest:
        return text(first)
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCES.findall(rest))])
    lines = [text(first), "", *(indent + line for line in (fence, *rest.split("\n"), fence))]
    return "\n".join(line.rstrip() for line in lines)
