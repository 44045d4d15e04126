# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test of one ansible-core against a copy of its own, without touching the user's home."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import envs
import tree
from paths import BUILD, HOMES

# ansible-core release -> the environment that holds it.
CORES = {"2.19": "tools", "2.16": "core-2.16", "2.18": "core-2.18", "2.21": "core-2.21"}

MAIN = "2.19"

WHOLE = ("",)
# The collection must work with nothing but these; the sandbox and the tools may need a newer Python than it does.
WORKING = ("galaxy.yml", "README.md", "meta/", "plugins/", "roles/", "playbooks/", "tests/config.yml")

Run = Callable[[list[str], Path, Mapping[str, str]], None]

# ansible-test puts pip into each of its private environments with a script that it would fetch from a web server.
# Python brings a pip of its own, so this stand-in, put where the fetched copy would be cached, does the same offline.
GET_PIP = '''\
import subprocess
import sys

python = [sys.executable, "-m"]
extra = [word for word in sys.argv[1:] if not word.startswith(("-", "pip=="))]
subprocess.check_call([*python, "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
if extra:
    subprocess.check_call([*python, "pip", "install", "--quiet", "--disable-pip-version-check", *extra])
'''

# ansible-test looks for a repository upwards, finds the checkout's, asks git for files below .build, which it ignores,
# and then passes without having looked at anything. This stand-in lists what is in the copy instead.
GIT = """\
#!/bin/sh
case "$*" in
  *--deleted* | submodule*) ;;
  ls-files*) find . -path ./tests/output -prune -o -name __pycache__ -prune -o -type f -printf '%P\\0' ;;
  *) echo "not a repository" >&2; exit 128 ;;
esac
"""


def _place_git(home: Path) -> Path:
    """Write the stand-in for git and return its folder."""
    folder = home / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "git").write_text(GIT, encoding="utf-8")
    (folder / "git").chmod(0o755)
    return folder


def _place_get_pip(venv: Path, home: Path) -> None:
    """Write the stand-in under each name that this ansible-test may look for, unless something is there."""
    folder = home / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for source in venv.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py"):
        for version in set(re.findall(r"\bpip='([0-9.]+)'", source.read_text(encoding="utf-8"))):
            script = folder / f"get_pip_{version.replace('.', '_')}.py"
            if not script.exists():
                script.write_text(GET_PIP, encoding="utf-8")


def sanity(runner: Run, venv: Path, core: str) -> None:
    """Sanity tests: MAIN sees the whole project, the other cores what a user may not delete."""
    _run(runner, venv, core, WHOLE if core == MAIN else WORKING, "sanity")


def units(runner: Run, venv: Path, core: str) -> None:
    """Unit tests, in local mode with the one Python that has pytest: --venv would first make one for each Python."""
    version = next(venv.glob("lib/python*")).name.removeprefix("python")
    _run(runner, venv, core, WHOLE, "units", "--python", version)


def _run(runner: Run, venv: Path, core: str, only: tuple[str, ...], *command: str) -> None:
    """Run `ansible-test COMMAND` of `core` in a copy of the working tree; `runner` raises when it fails."""
    # One home and one copy for each core and command: they run side by side and write into both.
    name = f"{core}-{command[0]}"
    home, where = HOMES / core, tree.copy(BUILD / "trees" / name, only)
    _place_get_pip(venv, home)
    env = envs.environment(venv) | {"HOME": str(home)}
    env["PATH"] = os.pathsep.join([str(_place_git(home)), env["PATH"]])
    env.pop("ANSIBLE_HOME")
    runner([str(venv / "bin" / "ansible-test"), *command, "--color", "no"], where, env)
