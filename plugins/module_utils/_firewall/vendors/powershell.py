# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Literal strings of PowerShell, of ASCII only.

PowerShell takes typographic quotes for an apostrophe, and an old one reads a file of UTF-8 in the code page of the machine, where parts
of other letters become such quotes. So a text that is quoted here has to be ASCII, which the names of the products see to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LITERAL = re.compile("'((?:[^']|'')*)'")


def quoted(text: str) -> str:
    """The text as a literal string, in which nothing is a variable or a command."""
    return "'{0}'".format(text.replace("'", "''"))


def array(texts: Iterable[str]) -> str:
    """The texts as an array, also when there is one or none."""
    return "@({0})".format(", ".join(quoted(text) for text in texts))


def literals(line: str) -> list[str]:
    """The literal strings of a line."""
    return [found.group(1).replace("''", "'") for found in LITERAL.finditer(line)]
