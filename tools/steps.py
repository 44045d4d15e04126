# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each gate does. A gate is a function that takes its Log, runs commands through it and raises to say otherwise."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import ansible_test
import envs
import servers
import vendor_collections
from paths import COLLECTIONS, HOMES, LOGS, ROOT, TREE, inside

# Long enough for a slow machine on its first run, short enough that a hang is noticed.
LIMIT_S = 1800

# Some tools colour what they write into a file whatever the environment asks for.
_COLOUR = re.compile(r"\x1b(\[[0-9;]*m|\]8;.*?\x1b\\)")


class Failed(Exception):
    """The gate found something; the message is one line."""


class Skipped(Exception):
    """The gate cannot run on this machine; the message says why."""


class Log:
    """The output of one gate, in a file, and the only way for it to start programs."""

    _running: set[subprocess.Popen[bytes]] = set()
    _guard = threading.Lock()
    _stopped = False

    def __init__(self, gate: str) -> None:
        self.gate = gate
        self.path = LOGS / f"{gate}.log"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"")

    def text(self) -> str:
        """What is in the file, without colours."""
        return _COLOUR.sub("", self.path.read_text(encoding="utf-8", errors="replace"))

    def run(self, command: list[str], cwd: Path, env: Mapping[str, str]) -> None:
        """Run a command into the log; raise Failed when it fails or takes too long."""
        with open(self.path, "ab") as out:
            out.write(f"$ {' '.join(command)}\n".encode())
            out.flush()
            with self._guard:
                if self._stopped:
                    raise Failed("interrupted")
                process = subprocess.Popen(
                    command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
                )
                self._running.add(process)
            try:
                code = process.wait(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                raise Failed(f"{Path(command[0]).name} was stopped after {LIMIT_S} s") from None
            finally:
                _kill_group(process)
                self._running.discard(process)
        if code:
            raise Failed(f"{Path(command[0]).name} ended with {code}")

    @classmethod
    def stop_all(cls) -> None:
        """End every program that a gate has started, and let no gate start another."""
        with cls._guard:
            cls._stopped = True
            for process in list(cls._running):
                _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # Whatever a command leaves behind in its own session ends with it: no gate may outlive itself.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM if process.poll() is None else signal.SIGKILL)


@dataclass(frozen=True)
class Gate:
    """One line of `make test`."""

    name: str
    group: str
    work: Callable[[Log], None]
    needs: tuple[str, ...] = ()


def _venv(name: str) -> Path:
    try:
        return envs.ensure(name)
    except envs.Unavailable as error:
        raise Skipped(str(error)) from None
    except subprocess.CalledProcessError:
        raise Failed(f"cannot make the environment {name!r}, see {envs.log_of(name)}") from None


def _env(venv: Path, **more: str) -> dict[str, str]:
    """The environment of a gate, with a home of its own: caches of tools do not end up in the user's."""
    home = HOMES / "tools"
    home.mkdir(parents=True, exist_ok=True)
    return envs.environment(venv) | {"HOME": str(home)} | more


def _in_tree(*command: str) -> Callable[[Log], None]:
    """A gate that runs one program of the `tools` environment in the copy of the working tree."""

    def work(log: Log) -> None:
        venv = _venv("tools")
        env = _env(venv, ANSIBLE_COLLECTIONS_PATH=str(TREE))
        log.run([str(venv / "bin" / command[0]), *command[1:]], inside(TREE), env)

    return work


def _ansible_lint(log: Log) -> None:
    # It installs the collection below ANSIBLE_HOME and would look at that copy for ever.
    shutil.rmtree(HOMES / "ansible" / "collections", ignore_errors=True)
    _in_tree("ansible-lint", "--offline", "--profile=production")(log)


def _build(log: Log) -> None:
    venv = _venv("tools")
    log.run([str(venv / "bin" / "python"), "-B", str(ROOT / "tools" / "tree.py"), "tools"], ROOT, envs.environment(venv))


def _sanity(core: str) -> Callable[[Log], None]:
    def work(log: Log) -> None:
        venv = _venv(ansible_test.CORES[core])
        ansible_test.sanity(log.run, venv, core)
        if "All targets skipped" in log.text():
            raise Failed("ansible-test found no files to look at")

    return work


def _units(core: str) -> Callable[[Log], None]:
    def work(log: Log) -> None:
        if not any((ROOT / "tests" / "unit").rglob("test_*.py")):
            raise Skipped("there are no tests below tests/unit")
        venv = _venv(ansible_test.CORES[core])
        ansible_test.units(log.run, venv, core)

    return work


def pytest_env(venv: Path) -> dict[str, str]:
    """The environment of tests: modules from the copy, playbooks with the collection as it is installed."""
    return _env(
        venv,
        PYTHONPATH=os.pathsep.join([str(TREE), str(inside(TREE) / "extensions" / "sandbox")]),
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        MIMECAST_TEST_COLLECTIONS=str(COLLECTIONS),
        MIMECAST_TEST_VENDORS=str(vendor_collections.FOLDER),
    )


# What talks to servers of other makers, or plays whole steps, takes longer than all the rest, so that it runs beside it: gate -> beginnings of names.
PARTS = {
    "servers": ("smtp", "ldap", "dns", "ews", "pop", "spf", "mail_dns", "tls_policy", "directory_checks", "ranges", "postfix"),
    "firewalls": ("firewall", "role_firewall"),
    "firewalld": ("firewall_firewalld", "firewall_confirm"),
    "journeys": ("journey", "roles_journey", "rollback", "roles_rollback"),
    "roles": ("role",),
}


def _pytest(folder: str, *more: str) -> Callable[[Log], None]:
    """The tests of one folder, on its own: each has its conftest, and two of that name do not go into one process."""

    def work(log: Log) -> None:
        venv, where = _venv("tools"), inside(TREE)
        if not (where / folder).exists():
            raise Skipped(f"there is no {folder}")
        log.run([str(venv / "bin" / "python"), "-m", "pytest", "-ra", "-p", "no:cacheprovider", folder, *more], where, pytest_env(venv))

    return work


_INSTALLING = threading.Lock()


def install_servers(log: Log) -> None:
    """Debian packages with real servers, and the collections of other vendors."""
    # Without them their tests are skipped and say why, so a failed installation is no failed gate.
    venv = _venv("tools")
    with _INSTALLING:
        with contextlib.suppress(Failed):
            servers.install(log.run, envs.environment(venv))
        with contextlib.suppress(Failed):
            vendor_collections.install(log.run, venv)


def _part_of(path: Path) -> str:
    """The part that a file of tests/functional belongs to: that of the longest beginning of its name, or the rest."""
    fitting = [(len(name), part) for part, names in PARTS.items() for name in names if path.name.startswith(f"test_{name}")]
    return max(fitting)[1] if fitting else "functional"


def _functional(part: str) -> Callable[[Log], None]:
    def work(log: Log) -> None:
        install_servers(log)
        files = sorted(path for path in (inside(TREE) / "tests" / "functional").glob("test_*.py") if _part_of(path) == part)
        _pytest(*(str(path.relative_to(inside(TREE))) for path in files), "--durations=15")(log)

    return work


def _molecule(log: Log) -> None:
    venv = _venv("tools")
    env = _env(venv, ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS))
    if not (inside(TREE) / "extensions" / "molecule").is_dir():
        raise Skipped("there is no scenario in extensions/molecule")
    log.run([str(venv / "bin" / "molecule"), "test", "--all"], inside(TREE), env)


def _demo(log: Log) -> None:
    # In its own environment, in which it takes the collection that is installed.
    venv = _venv("run")
    log.run([str(venv / "bin" / "python"), "-B", str(ROOT / "tools" / "demo.py")], ROOT, envs.environment(venv))


_DOCS = ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", "--skip-rstcheck", ".")

_SANITY = [Gate(f"sanity-{core}", "sanity", _sanity(core)) for core in ansible_test.CORES]

GATES = (
    Gate("build", "build", _build),
    # The longest come first and run beside the others. The first needs no environment that another has to wait for.
    _SANITY[0],
    *(Gate(part, "functional", _functional(part), needs=("build",)) for part in ("firewalld", "journeys", "roles", "functional", "firewalls", "servers")),
    Gate("yamllint", "lint", _in_tree("yamllint", "--strict", ".")),
    Gate("ansible-lint", "lint", _ansible_lint),
    Gate("changelog", "lint", _in_tree("antsibull-changelog", "lint")),
    Gate("docs", "lint", _in_tree(*_DOCS)),
    Gate("house", "units", _pytest("tests/house")),
    *_SANITY[1:],
    *(Gate(f"units-{core}", "units", _units(core)) for core in ansible_test.CORES),
    Gate("sandbox", "functional", _pytest("tests/sandbox")),
    Gate("demo", "demo", _demo, needs=("build",)),
    Gate("molecule", "molecule", _molecule, needs=("build",)),
)
