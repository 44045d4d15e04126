# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second reading of PowerShell: the grammar of tree-sitter, which shares nothing with what writes the scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("tree_sitter", reason="tree-sitter reads the scripts of PowerShell")
pytest.importorskip("tree_sitter_powershell", reason="tree-sitter-powershell is the grammar that reads the scripts")
import tree_sitter_powershell
from tree_sitter import Language, Parser

PARSER = Parser(Language(tree_sitter_powershell.language()))


def nodes(text: str) -> list[Any]:
    """All nodes of a script, which must be whole."""
    found = list(_walk(PARSER.parse(text.encode()).root_node))
    wrong = [node for node in found if node.type == "ERROR" or node.is_missing]
    assert not wrong, [(node.start_point, node.text) for node in wrong]
    return found


def _walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node.children:
        yield from _walk(child)


def strings(text: str) -> list[str]:
    """The strings of a script; one in which anything is expanded fails the test."""
    literals = [node for node in nodes(text) if node.type == "string_literal"]
    assert all(child.type == "verbatim_string_characters" for node in literals for child in node.children)
    return [node.text.decode()[1:-1].replace("''", "'") for node in literals]


def commands(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each command with the parameters that are named in it."""
    found = []
    for node in nodes(text):
        if node.type == "command":
            name = next((child.text.decode() for child in node.children if child.type == "command_name"), "")
            named = [child.text.decode() for part in node.children if part.type == "command_elements" for child in part.children
                     if child.type == "command_parameter"]
            found.append((name, tuple(named)))
    return found
