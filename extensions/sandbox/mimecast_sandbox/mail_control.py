# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start and stop the mail test servers from a test: standard library only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class MailServers:
    """The mail test servers as a context manager; they end with it, and also when the test process dies.

        with MailServers(only=["trusted", "no_tls"], names=["mx1.acme.example"]) as mail:
            mail.port("trusted"), mail.address("no_tls"), mail.ca, mail.received()
    """

    def __init__(
        self,
        only: Sequence[str] = (),
        names: Sequence[str] = (),
        host: str = "127.0.0.1",
        start_timeout: float = 20.0,
    ) -> None:
        self._options = [f"--host={host}"]
        if only:
            self._options.append(f"--only={','.join(only)}")
        if names:
            self._options.append(f"--names={','.join(names)}")
        self._start_timeout = start_timeout
        self._state: dict[str, Any] = {}

    def __enter__(self) -> MailServers:
        self._folder = tempfile.TemporaryDirectory(prefix="mimecast-mail-test-")
        base = Path(self._folder.name)
        self._state_file, self._received_file, self._log = base / "state.json", base / "received.json", base / "log"
        package_root = str(Path(__file__).resolve().parent.parent)
        inherited = os.environ.get("PYTHONPATH")
        search_path = os.pathsep.join([package_root, inherited] if inherited else [package_root])
        command = [sys.executable, "-m", "mimecast_sandbox.mail_servers", "--stop-on-eof"]
        command += [f"--state-file={self._state_file}", f"--received-file={self._received_file}", *self._options]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": search_path}
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _wait(self) -> None:
        deadline = time.monotonic() + self._start_timeout
        while not self._state_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Cannot start the mail servers: {self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        self._state = json.loads(self._state_file.read_text(encoding="utf-8"))

    def stop(self) -> None:
        """End the process (SIGTERM, after 5 s SIGKILL) and remove its files; may be called twice."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        return self._state["pid"]

    @property
    def ca(self) -> str:
        """Path of the pem file with the CA that signed the trusted certificates."""
        return self._state["ca"]

    @property
    def servers(self) -> dict[str, dict[str, Any]]:
        return self._state["servers"]

    def port(self, name: str) -> int:
        return self.servers[name]["port"]

    def address(self, name: str) -> str:
        """`host:port`, in the form that the address option of a check takes."""
        host, port = self.servers[name]["host"], self.port(name)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def received(self) -> dict[str, Any]:
        """Messages received so far: {"total": n, "servers": {name: n}}."""
        return json.loads(self._received_file.read_text(encoding="utf-8"))
