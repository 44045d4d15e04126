# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private environments below `.build/venv`, made on demand and rebuilt only when what they should hold changes.

Use `ensure("run")` from another tool, or `python3 tools/envs.py NAME...` by hand, which prints their folders.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pythons
from paths import BUILD, HOMES, LOGS, ROOT, VENVS

SANDBOX = ROOT / "extensions" / "sandbox" / "requirements.txt"
UNIT = ROOT / "tests" / "unit" / "requirements.txt"

# Real mail servers and their certificates, for the demo and the tests.
MAIL = ("aiosmtpd", "trustme")
# What `ansible-test units` expects to find when it does not install anything itself.
UNITS = ("pytest", "pytest-mock", "pytest-xdist", "pyyaml")


class Unavailable(Exception):
    """This machine lacks something that an environment needs; the message says what."""


@dataclass(frozen=True)
class Env:
    """What one environment holds. `versions` are the Pythons that fit, the preferred one first."""

    versions: tuple[str, ...]
    packages: tuple[str, ...]
    files: tuple[Path, ...] = ()

    def requirements(self) -> list[str]:
        lines = list(self.packages)
        for file in self.files:
            if file.exists():
                text = file.read_text(encoding="utf-8")
                lines += [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        return lines


_HERE = "%d.%d" % sys.version_info[:2]

# Each core gets another Python where there is a choice, so that the gates see as many of them as possible.
ENVS = {
    "run": Env((_HERE, "3.13", "3.12", "3.11"), ("ansible-core>=2.16,<2.22", "netaddr", *MAIL), (SANDBOX,)),
    "tools": Env(
        ("3.11", "3.12", "3.13"),
        (
            "ansible-core==2.19.*", "ansible-lint", "antsibull-changelog", "antsibull-docs", "molecule", "yamllint",
            *UNITS, *MAIL, "openpyxl", "exchangelib", "pyspf", "moto[server]", "boto3",
            "tree-sitter", "tree-sitter-powershell",
        ),
        (SANDBOX, UNIT),
    ),
    "core-2.16": Env(("3.10", "3.12", "3.11"), ("ansible-core==2.16.*", *UNITS), (UNIT,)),
    "core-2.21": Env(("3.13", "3.14", "3.12"), ("ansible-core==2.21.*", *UNITS), (UNIT,)),
}

# Those with an ansible-test, the newest core first.
CORES = ("core-2.21", "tools", "core-2.16")


def newest() -> str:
    """The environment of the newest core that this machine has a Python for, or "": its sanity tests try every Python."""
    return next((name for name in CORES if pythons.first_of(ENVS[name].versions)), "")


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process at a time make the thing called `name`: gates run side by side."""
    folder = BUILD / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def environment(venv: Path | None = None) -> dict[str, str]:
    """Variables for a child process: no pyenv shims, real interpreters, and `venv` in front of PATH."""
    env = dict(os.environ)
    # Our environments may keep their bytecode: without it every start of Ansible compiles itself anew.
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYENV_VERSION", "MAKEFLAGS"):
        env.pop(name, None)
    path = [str(pythons.link_all()), *pythons.path_without_shims()]
    if venv:
        path.insert(0, str(venv / "bin"))
        env["VIRTUAL_ENV"] = str(venv)
    env["PATH"] = os.pathsep.join(path)
    env["ANSIBLE_HOME"] = str(HOMES / "ansible")
    env["ANSIBLE_NOCOLOR"] = env["NO_COLOR"] = "1"
    return env


def ensure(name: str) -> Path:
    """Return the folder of the environment `name`, made first if it is missing or out of date.

    Raises Unavailable when no Python on this machine fits, subprocess.CalledProcessError when pip fails.
    """
    spec = ENVS[name]
    found = pythons.first_of(spec.versions)
    if not found:
        raise Unavailable(f"no Python {' or '.join(sorted(set(spec.versions)))} with venv and ensurepip on this machine")
    version, python = found
    venv, requirements = VENVS / name, spec.requirements()
    stamp = venv / "stamp"
    wanted = hashlib.sha256("\n".join([str(python), version, *requirements]).encode()).hexdigest()
    with locked(f"venv-{name}"):
        if not (stamp.exists() and stamp.read_text(encoding="ascii") == wanted):
            _make(venv, python, requirements)
            stamp.write_text(wanted, encoding="ascii")
    return venv


def log_of(name: str) -> Path:
    """Where pip's output for the environment `name` goes."""
    return LOGS / f"venv-{name}.log"


def _make(venv: Path, python: Path, requirements: list[str]) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    log = log_of(venv.name)
    for folder in (venv.parent, log.parent):
        folder.mkdir(parents=True, exist_ok=True)
    install = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    with open(log, "wb") as out:
        for command in ([python, "-m", "venv", venv], [*install, *requirements]):
            subprocess.run(command, stdout=out, stderr=out, check=True, env=environment())
        # pip compiles one file after the other. And ansible-test imports Ansible anew for each plugin, on the newest core with
        # every Python in turn, without keeping what it compiled: done here once, its import tests take a fifth of the time.
        others = [] if venv.name != newest() else [each for each in map(pythons.find, pythons.VERSIONS) if each and each != python]
        for each, parts in [(python, ["."]), *((other, ["ansible", "yaml", "jinja2"]) for other in others)]:
            compiling = [each, "-m", "compileall", "-q", "-j2", *parts]
            subprocess.run(compiling, stdout=out, stderr=out, check=False, env=environment(), cwd=_packages(venv))


def _packages(venv: Path) -> Path:
    return next(venv.glob("lib/python*/site-packages"))


def main(names: list[str]) -> int:
    """Make the environments named on the command line."""
    for name in names or ["run"]:
        try:
            print(ensure(name))
        except (Unavailable, subprocess.CalledProcessError) as error:
            print(f"Cannot make environment {name!r} (see {log_of(name)}): {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
