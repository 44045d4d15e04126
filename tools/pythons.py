# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find Python interpreters that really run, wherever this machine keeps them."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from paths import PYTHONS

# What ansible-test may want: the oldest Python of a managed host that the collection supports, up to the newest core's.
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")

_PROBE = """
import json, sys, ensurepip, venv
print(json.dumps(["%d.%d" % sys.version_info[:2], getattr(sys, "_base_executable", None) or sys.executable]))
"""


def _search_path() -> list[str]:
    return os.environ.get("PATH", os.defpath).split(os.pathsep)


def _candidates(version: str) -> Iterator[Path]:
    """Possible interpreters, the best guess first; none of them is trusted before it has run."""
    if version == "%d.%d" % sys.version_info[:2]:
        yield Path(getattr(sys, "_base_executable", None) or sys.executable)
    name = f"python{version}"
    for folder in _search_path():
        yield Path(folder) / name
    yield from sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}"), reverse=True)


@functools.cache
def find(version: str) -> Path | None:
    """The real interpreter of `version` ("3.12") that can make virtual environments, or None."""
    for path in _candidates(version):
        if not path.is_file():
            continue
        try:
            # A pyenv shim exists for Pythons that are not selected, and exits with 127.
            done = subprocess.run([path, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=30, check=True)
            found, executable = json.loads(done.stdout)
        except (OSError, ValueError, subprocess.SubprocessError):
            continue
        if found == version:
            return Path(executable).resolve()
    return None


def first_of(versions: tuple[str, ...]) -> tuple[str, Path] | None:
    """The first of `versions` that this machine has."""
    for version in versions:
        path = find(version)
        if path:
            return version, path
    return None


def link_all() -> Path:
    """A folder with one `pythonX.Y` for each interpreter found, for ansible-test's PATH."""
    PYTHONS.mkdir(parents=True, exist_ok=True)
    for version in VERSIONS:
        link, target = PYTHONS / f"python{version}", find(version)
        if link.is_symlink() and (target is None or link.readlink() != target):
            link.unlink()
        if target and not link.is_symlink():
            link.symlink_to(target)
    return PYTHONS


def path_without_shims() -> list[str]:
    """PATH without the folders that hold wrappers instead of programs: ansible-test takes a shim for a Python."""
    return [folder for folder in _search_path() if Path(folder).name != "shims"]
