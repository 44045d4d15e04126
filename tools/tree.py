# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the working tree where Ansible wants a collection to be, and the collection built and installed from one."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import envs
from paths import COLLECTIONS, DIST, NAME, NAMESPACE, ROOT, TREE, inside

# Made inside a copy by the tools that run there, and worth keeping between runs.
KEPT = {"output", "__pycache__", ".pytest_cache", ".hypothesis", ".ansible", "changelogs/.plugin-cache.yaml"}


def _from_git() -> list[str] | None:
    """Tracked and new files, or None when there is no git, or no repository, to ask."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        return None
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [name for name in done.stdout.split("\0") if name] if done.returncode == 0 else None


def _patterns() -> list[str]:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")] + ["/.git"]


def ignored(name: str, patterns: list[str]) -> bool:
    """Whether .gitignore's simple patterns (`/anchored/path`, `name`, `*.ext`) leave out the path `name`."""
    for pattern in patterns:
        bare = pattern.rstrip("/")
        target = f"/{name}" if pattern.startswith("/") else name.rsplit("/", 1)[-1]
        if fnmatch.fnmatchcase(target, bare):
            return True
    return False


def _from_walk() -> Iterator[str]:
    patterns = _patterns()
    for folder, folders, files in os.walk(ROOT):
        base = Path(folder).relative_to(ROOT)
        folders[:] = [name for name in folders if not ignored((base / name).as_posix(), patterns)]
        yield from (path.as_posix() for path in (base / name for name in files) if not ignored(path.as_posix(), patterns))


def sources() -> list[str]:
    """Every file of the project, relative to the checkout."""
    names = _from_git()
    return sorted(name for name in (_from_walk() if names is None else names) if (ROOT / name).is_file())


def _same(source: Path, target: Path) -> bool:
    if not target.is_file():
        return False
    one, two = source.stat(), target.stat()
    return (one.st_size, one.st_mtime_ns, one.st_mode) == (two.st_size, two.st_mtime_ns, two.st_mode)


def _prune(folder: Path, wanted: set[str]) -> None:
    for path, folders, files in os.walk(folder):
        base = Path(path).relative_to(folder)
        folders[:] = [name for name in folders if name not in KEPT]
        for name in files:
            relative = (base / name).as_posix()
            if relative not in wanted and relative not in KEPT:
                (folder / relative).unlink()


def copy(tree: Path = TREE, only: tuple[str, ...] = ("",)) -> Path:
    """Bring the copy below `tree` up to date and return the collection's folder in it.

    `only` names the beginnings of the paths to copy; everything by default.
    """
    target, names = inside(tree), [name for name in sources() if name.startswith(only)]
    target.mkdir(parents=True, exist_ok=True)
    _prune(target, set(names))
    for name in names:
        if not _same(ROOT / name, target / name):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def build(venv: Path) -> Path:
    """Build the tarball from a fresh copy and return its path."""
    source = copy()
    shutil.rmtree(DIST, ignore_errors=True)
    _galaxy(venv, "build", "--force", "--output-path", str(DIST), str(source))
    return next(DIST.glob(f"{NAMESPACE}-{NAME}-*.tar.gz"))


def install(venv: Path, tarball: Path) -> Path:
    """Install the tarball as a user does, into `.build/collections`, which is returned."""
    shutil.rmtree(COLLECTIONS, ignore_errors=True)
    _galaxy(venv, "install", "--offline", "--force", str(tarball), "-p", str(COLLECTIONS))
    return COLLECTIONS


def build_and_install(name: str = "run") -> Path:
    """Build and install with the environment `name`; one process at a time."""
    venv = envs.ensure(name)
    with envs.locked("collections"):
        return install(venv, build(venv))


def _galaxy(venv: Path, *arguments: str) -> None:
    command = [str(venv / "bin" / "ansible-galaxy"), "collection", *arguments]
    # The destination is deliberately not on a search path: nothing but this tarball is to be looked at.
    env = envs.environment(venv) | {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    subprocess.run(command, check=True, env=env)


if __name__ == "__main__":
    print(build_and_install(*sys.argv[1:]))
