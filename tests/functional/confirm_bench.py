# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real playbooks from the client's namespace against the gateway in its own, and processes killed on either side."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import netns
from firewall_host import MEANT, Host
from front_ends import FrontEnd, Ufw
from playbooks import Run, finish, start, write_play

TASK = "mimecast.connect.firewall_allowlist"
# Whoever runs a module sees a /run of its own, as a machine of its own would have.
WRAPPER = """#!/bin/sh
exec ip netns exec {gateway} unshare --mount sh -c 'mount --bind {run} /run && exec {python} "$@"' sh "$@"
"""
WRAPPER_OF_PROCESS = """#!/bin/sh
exec nsenter --target={pid} {kinds} {python} "$@"
"""
# With units of ours only, so that it starts nothing and touches nothing of the machine.
SYSTEMD = """
mount --make-rprivate / && mount -t proc proc /proc && mount --bind {folder}/run /run || exit 1
SYSTEMD_UNIT_PATH={folder}/units container=test exec {program} --system --unit=default.target --log-target=console --show-status=no
"""
SYSTEMD_PROGRAM = "/lib/systemd/systemd"
SSH_PORT = 2200
LOOK_S = 0.3  # between looks at all rules, which take the programs of the firewall
SSHD = """Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
StrictModes no
PermitRootLogin yes
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""
STRANGERS = re.compile(r"^\t\telements = \{[^}]* counter[^}]*\}\n|^add mimecast-\w+-[sl][46] .*\n| initval 0x\w+", re.M)
SILENT = 2222  # the echo server there never says a word first, so a check by SMTP waits for its timeout
OPEN = {"type": "tcp", "host": netns.GATEWAY[4], "port": 25}
SLOW = {"type": "smtp", "host": netns.GATEWAY[4], "port": SILENT, "timeout": 60}


class Bench:
    """The gateway as a target. ``home`` is where the module keeps what is pending."""

    def __init__(self, gateway: Host, folder: Path) -> None:
        self.gateway = gateway
        self.folder = folder
        (folder / "run").mkdir(exist_ok=True)
        self.home = folder / "run" / "mimecast_connect"
        self.python = folder / "python"
        self.python.write_text(WRAPPER.format(gateway=gateway.net.gateway, run=folder / "run", python=sys.executable))
        self.python.chmod(0o755)
        if isinstance(gateway, FrontEnd):
            self.enter(gateway.pid, "--mount --net")
        self.others = set(self._inside())
        self.started = 0

    def enter(self, process: int, kinds: str) -> None:
        """Modules run in these namespaces of a process from now on."""
        self.python.write_text(WRAPPER_OF_PROCESS.format(pid=process, kinds=kinds, python=sys.executable))

    @contextmanager
    def systemd(self) -> Iterator[int]:
        """The target under a systemd of its own, by its number outside."""
        (self.folder / "units").mkdir()
        for name in ("default", "sysinit", "basic", "shutdown"):
            (self.folder / "units" / f"{name}.target").write_text("[Unit]\nDescription=Nothing\n")
        script = SYSTEMD.format(folder=self.folder, program=SYSTEMD_PROGRAM)
        with netns.entered(self.gateway.net.gateway), open(self.folder / "systemd.log", "wb") as log:
            process = subprocess.Popen(
                ["unshare", "--pid", "--fork", "--mount", "--uts", "--ipc", "--cgroup", "--kill-child", "sh", "-c", script],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 20
            while not (self.folder / "run/systemd/private").exists():
                assert process.poll() is None and time.monotonic() < until, (self.folder / "systemd.log").read_text()
                time.sleep(0.05)
            number = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
            self.enter(number, "--all")
            self.others = set(self._inside())
            yield number
        finally:
            process.kill()
            process.wait()

    @contextmanager
    def sshd(self) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
        """The target's SSH server, without those that it forks for connections, and how to reach it."""
        (self.folder / "run/sshd").mkdir()
        for name in ("host", "user"):
            netns.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name))
        (self.folder / "sshd.conf").write_text(SSHD.format(folder=self.folder, port=SSH_PORT))
        users = Path("/etc/passwd").read_text()
        (self.folder / "passwd").write_text(users if "sshd:" in users else users + "sshd:x:65534:65534::/run/sshd:/bin/false\n")
        script = f"mount --bind {self.folder}/run /run && mount --bind {self.folder}/passwd /etc/passwd && " \
            f"exec {shutil.which('sshd', path=netns.PLACES)} -D -E {self.folder}/sshd.log -f {self.folder}/sshd.conf"
        with netns.entered(self.gateway.net.gateway):
            process = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stdin=subprocess.DEVNULL)
        try:
            self._listening()
            yield process, {
                "ansible_connection": "ssh", "ansible_host": netns.GATEWAY[4], "ansible_port": SSH_PORT, "ansible_user": "root",
                "ansible_ssh_private_key_file": str(self.folder / "user"), "ansible_python_interpreter": sys.executable,
                "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
            }
        finally:
            process.kill()
            process.wait()
            for number in self.processes():
                with suppress(OSError):
                    os.kill(number, signal.SIGKILL)

    def _listening(self) -> None:
        until = time.monotonic() + 20
        while True:
            with suppress(OSError):
                self.gateway.net.connect(netns.ALLOWED[4], SSH_PORT).close()
                return
            assert time.monotonic() < until, "sshd did not start"
            time.sleep(0.05)

    def start(self, *services: dict[str, Any], options: tuple[str, ...] = (), target: dict[str, Any] | None = None,
              env: dict[str, str] | None = None, **more: Any) -> Controller:
        """ansible-playbook with one task, in the client's namespace."""
        self.started += 1
        folder = self.folder / f"playbook{self.started}"
        folder.mkdir()
        whole = {"services": list(services), "paths": self.gateway.paths, "backend": self.gateway.backend, **MEANT, **more}
        where = target or {"ansible_connection": "local", "ansible_python_interpreter": str(self.python)}
        arguments = write_play(folder, [{TASK: whole}], {"gateway": where})
        play = Path(arguments[-1])
        play.write_text(play.read_text().replace("hosts: localhost", "hosts: gateway", 1))
        with netns.entered(self.gateway.net.client):
            process = start(folder, *arguments, *options, **(env or {}))
        return Controller(process, folder, self.gateway.net)

    def run(self, *services: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The result of such a task."""
        return self.start(*services, **more).result()

    def rules(self) -> str:
        """The whole firewall, but for strangers, who come and go, seeds of sets, and the order in which firewalld lists."""
        text = STRANGERS.sub("", self.gateway.rules())
        return "\n".join(sorted(text.splitlines())) if self.gateway.backend == "firewalld" else text

    def files(self) -> dict[str, Any]:
        """All files that bring rules back after a reboot."""
        if not isinstance(self.gateway, FrontEnd):
            return self.gateway.files()
        return {str(path): path.read_bytes() for path in sorted((self.folder / "etc").rglob("*")) if path.is_file()}

    def reboot(self) -> None:
        """What is left are the files."""
        (self.gateway.boot if isinstance(self.gateway, Ufw) else self.gateway.reload)()

    def wait_marker(self, name: str) -> float:
        """When a change that waits got this marker (armed, began), in seconds since 1970."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for marker in self.home.glob("*/" + name):
                with suppress(FileNotFoundError):
                    return marker.stat().st_mtime
            time.sleep(0.01)
        raise AssertionError(f"nothing was {name} within 60 s")

    def wait_rules(self, wanted: str, limit: float) -> float:
        """When the rules became these, in seconds since 1970."""
        until = time.monotonic() + limit
        while time.monotonic() < until:
            if self.rules() == wanted:
                return time.time()
            time.sleep(LOOK_S)
        lines = difflib.unified_diff(wanted.splitlines(), self.rules().splitlines(), n=0, lineterm="")
        raise AssertionError(f"the rules are not those from before after {limit} s: " + "\n".join(lines))

    def wait_changed(self, before: str) -> None:
        """Until the rules are others, wholly."""
        until = time.monotonic() + 30
        while self.rules() == before or not self.kernel_holds():
            assert time.monotonic() < until, "the rules did not change within 30 s"
            time.sleep(LOOK_S)

    def kernel_holds(self) -> bool:
        """Whether the module finds services without drift."""
        info = self.gateway.info()
        return bool(info["services"]) and not info["drift"]

    def processes(self) -> dict[int, str]:
        """What runs on the target since then, by number: the command line."""
        found = {number: _read(f"/proc/{number}/cmdline").replace(b"\0", b" ").decode() for number in self._inside() if number not in self.others}
        return {number: text for number, text in found.items() if text}

    def kill_pythons(self, with_groups: bool = False) -> int:
        """SIGKILL for every Python that runs a module, or for all of their process groups on the target; how many Pythons."""
        inside = self._inside()
        pythons = [number for number in inside if b"AnsiballZ" in _read(f"/proc/{number}/cmdline")]
        groups = {_group(number) for number in pythons}
        for number in inside:
            if number in pythons or (with_groups and _group(number) in groups):
                with suppress(OSError):
                    os.kill(number, signal.SIGKILL)
        return len(pythons)

    def _inside(self) -> list[int]:
        return [number for number in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._runs(number)]

    def _runs(self, number: int) -> bool:
        with suppress(OSError):
            return is_inside(number, self.gateway.net.gateway)
        return False

    def left(self) -> list[str]:
        """Files of the module that are neither rules nor configuration, and processes on the target a moment later."""
        until = time.monotonic() + 1
        while True:
            files = [str(path.relative_to(self.home)) for path in self.home.rglob("*")] if self.home.exists() else []
            found = files + list(self.processes().values())
            if not found or time.monotonic() > until:
                return found
            time.sleep(0.02)


def _read(path: str) -> bytes:
    with suppress(OSError):
        return Path(path).read_bytes()
    return b""


def _group(number: int) -> int:
    with suppress(OSError):
        return os.getpgid(number)
    return 0


class Controller:
    """One ansible-playbook."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, net: netns.Net) -> None:
        self.process = process
        self.folder = folder
        self.net = net

    def result(self) -> dict[str, Any]:
        """What its task gave back."""
        run: Run = finish(self.process, self.folder)
        assert run.results, run.output
        return {**run.results[0], "output": run.output}

    def kill(self) -> None:
        """SIGKILL for it and all of its workers, as when the controller loses its power; the target is another machine."""
        numbers = [self.process.pid]
        for number in numbers:
            with suppress(OSError):
                for task in os.listdir(f"/proc/{number}/task"):
                    numbers += map(int, Path(f"/proc/{number}/task/{task}/children").read_text().split())
        for number in numbers:
            with suppress(OSError):
                if not is_inside(number, self.net.gateway):
                    os.kill(number, signal.SIGKILL)
        self.process.wait(10)


def is_inside(number: int, namespace: str) -> bool:
    """Whether a process runs in a namespace; raises OSError if it has ended."""
    return os.stat(f"/proc/{number}/ns/net").st_ino == os.stat(f"/run/netns/{namespace}").st_ino
