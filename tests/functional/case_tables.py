# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of cases in docs/connectivity.md, which the tests of the probes run row by row."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "connectivity.md"


def rows(kind: str) -> list[list[str]]:
    """The cells of the first table in the section of this kind, without its head and without the backticks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.partition(f"\n## `{kind}`\n")[2].partition("\n## ")[0]
    lines = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]
