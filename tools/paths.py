# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are: the checkout and everything that the tools make below `.build/`."""

from __future__ import annotations

from pathlib import Path

NAMESPACE, NAME = "mimecast", "connect"

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
VENVS = BUILD / "venv"
LOGS = BUILD / "logs"
DIST = BUILD / "dist"
PYTHONS = BUILD / "pythons"
HOMES = BUILD / "home"
TREE = BUILD / "tree"
COLLECTIONS = BUILD / "collections"


def inside(tree: Path) -> Path:
    """The collection's own folder in a tree that holds `ansible_collections`."""
    return tree / "ansible_collections" / NAMESPACE / NAME
