# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each requirement of the vendor's documents has a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8").splitlines() if re.match(r"\| [A-D]\d+ ", line)
]


@pytest.mark.parametrize(("row", "asked", "part", "proof"), ROWS, ids=[row[0] for row in ROWS])
def test_a_requirement_has_a_test_that_exists(row: str, asked: str, part: str, proof: str) -> None:
    name = re.fullmatch(r"`([\w/]+\.py)::(test_\w+)`", proof)
    assert asked and part and name, f"{row} names no test"
    tree = ast.parse((ROOT / "tests" / name[1]).read_text(encoding="utf-8"))
    assert name[2] in {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}, f"{row}: there is no {proof}"


def test_rows_are_numbered_without_gaps() -> None:
    for letter in "ABCD":
        numbers = [int(row[0][1:]) for row in ROWS if row[0].startswith(letter)]
        assert numbers == list(range(1, len(numbers) + 1)) != []
