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

# ansible-core release -> the environment that holds it; the one with the most to do first. The newest, the first that tags data, the oldest.
CORES = {"2.21": "core-2.21", "2.19": "tools", "2.16": "core-2.16"}

MAIN = "2.19"

WHOLE = ("",)
# The collection must work with nothing but these; the sandbox and the tools may need a newer Python than it does.
WORKING = ("galaxy.yml", "README.md", "meta/", "plugins/", "roles/", "playbooks/", "tests/config.yml")

Run = Callable[[list[str], Path, Mapping[str, str]], None]

# ansible-test puts pip into each of its private environments with a script that it would fetch from a web server. This
# stand-in, put where the fetched copy would be cached, does so offline. Ten environments for each core use the Python that
# the core itself has, and installing pip anew takes longer than most tests: they get a path to the pip that is there. It
# counts as installed: when ansible-test removes pip from its environments, the path goes.
GET_PIP = '''\
import pathlib
import subprocess
import sys
import sysconfig

python = [sys.executable, "-m"]
shared = pathlib.Path(__file__).with_name("pip-{0}.{1}".format(*sys.version_info))
if shared.exists():
    packages = pathlib.Path(sysconfig.get_path("purelib"))
    info = packages / "pip-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: pip\\nVersion: 0\\n")
    (info / "RECORD").write_text("pip.pth,,\\n{0}/METADATA,,\\n{0}/RECORD,,\\n".format(info.name))
    (packages / "pip.pth").write_text(str(shared))
else:
    subprocess.check_call([*python, "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
extra = [word for word in sys.argv[1:] if not word.startswith(("-", "pip=="))]
if extra:
    subprocess.check_call([*python, "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", *extra])
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
    """Write the stand-in under each name that this ansible-test may look for, and beside it the pip that it shares."""
    folder = home / ".ansible" / "test" / "cache"
    packages = next(venv.glob("lib/python*/site-packages"))
    shared = folder / f"pip-{_python_of(venv)}" / "pip"
    shared.parent.mkdir(parents=True, exist_ok=True)
    if not shared.is_symlink():
        shared.symlink_to(packages / "pip")
    source = (packages / "ansible_test" / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    for version in set(re.findall(r"\bpip='([0-9.]+)'", source)):
        (folder / f"get_pip_{version.replace('.', '_')}.py").write_text(GET_PIP, encoding="utf-8")


def _python_of(venv: Path) -> str:
    """The version of an environment's Python, such as 3.11."""
    return next(venv.glob("lib/python*")).name.removeprefix("python")


def sanity(runner: Run, venv: Path, core: str) -> None:
    """The sanity tests: MAIN sees the whole project, the other cores what a user may not delete.

    Two tests, compile and import, can be repeated for each Python. What they find depends on the Python (syntax, the
    standard library) or on the core (what it offers to import), so the newest core tries every Python and each other core its own.
    pylint takes as long as all the others together, and what it finds hardly depends on the core: MAIN has it alone.
    """
    python = [] if venv.name == envs.newest() else ["--python", _python_of(venv)]
    only, skip = (WHOLE, []) if core == MAIN else (WORKING, ["--skip-test", "pylint"])
    _run(runner, venv, core, only, "sanity", *python, *skip)


def units(runner: Run, venv: Path, core: str) -> None:
    """Unit tests, in local mode with the one Python that has pytest: --venv would first make one for each Python."""
    _run(runner, venv, core, WHOLE, "units", "--python", _python_of(venv))


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
