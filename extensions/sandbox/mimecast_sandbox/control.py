# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Driving a sandbox from tests, with the standard library only.

    with Sandbox() as sandbox:
        tenant = sandbox.tenant(code="CEU1", internal_domains=["example.com"])
        ...  # talk to sandbox.url with tenant["client_id"] and tenant["client_secret"]
        assert sandbox.objects("CEU1", "delivery_route_definitions") == []
"""
from __future__ import annotations

import functools
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

_PACKAGES = Path(__file__).resolve().parent.parent
_START_S = 20
_STOP_S = 5


class SandboxError(Exception):
    """The control interface refused a call, or the server did not start."""


class Sandbox:
    """One sandbox process. Arguments are those of the command line: Sandbox("--seed", "seed.yml")."""

    def __init__(self, *arguments: str, python: str = sys.executable):
        self._arguments = arguments
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.url = ""
        self.pid = 0
        self._token = ""
        self.mail: dict[str, str] = {}

    @classmethod
    def attach(cls, state_file: str | Path) -> Sandbox:
        """A sandbox that somebody else started; leaving the context does not stop it."""
        sandbox = cls()
        sandbox._read(Path(state_file))
        return sandbox

    def __enter__(self) -> Sandbox:
        if not self.url:
            self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mimecast-sandbox-")
        state_file = Path(self._folder.name, "state.json")
        log = Path(self._folder.name, "log")
        environment = {**os.environ, "PYTHONPATH": str(_PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"}
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [self._python, "-m", "mimecast_sandbox", "--state-file", str(state_file), *self._arguments],
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + _START_S
        while not state_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                text = log.read_text(encoding="utf-8", errors="replace")
                self.stop()
                raise SandboxError(f"Cannot start the sandbox: {text[-2000:]}")
            time.sleep(0.01)
        self._read(state_file)

    def stop(self) -> None:
        """Ends the process that start() made; does nothing to an attached one."""
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
            self.url = ""
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def tenant(self, code: str = "", **body: Any) -> dict[str, Any]:
        """Creates a tenant; what is left out is made up. Answers account_code, client_id, client_secret, refs."""
        made = {"account_code": code or f"C{secrets.token_hex(4).upper()}", "client_id": f"id-{secrets.token_hex(12)}",
                "client_secret": secrets.token_hex(24), **body}
        answer = self.call("POST", "/tenants", made)
        return {"account_code": made["account_code"], "client_id": made["client_id"],
                "client_secret": made["client_secret"], "refs": answer["refs"]}

    def credential(self, code: str, **body: Any) -> dict[str, Any]:
        """One more client id for a tenant, for example with products=[...] or acts_for="*"."""
        made = {"client_id": f"id-{secrets.token_hex(12)}", "client_secret": secrets.token_hex(24), **body}
        self.call("POST", f"/tenants/{code}/credentials", made)
        return {"account_code": code, "client_id": made["client_id"], "client_secret": made["client_secret"]}

    def drop_tenant(self, code: str) -> None:
        self.call("DELETE", f"/tenants/{code}")

    def objects(self, code: str, kind: str) -> list[dict[str, Any]]:
        return self.call("GET", f"/tenants/{code}/{kind}")

    def insert(self, code: str, kind: str, *rows: dict[str, Any] | list[dict[str, Any]]) -> list[int]:
        """Stores rows, given one by one or as a list, behind the client's back; answers their refs."""
        flat = [row for item in rows for row in (item if isinstance(item, list) else [item])]
        return self.call("POST", f"/tenants/{code}/{kind}", flat)["refs"]

    def patch(self, code: str, kind: str, ref: int, **change: Any) -> dict[str, Any]:
        """Changes top-level fields; None removes one."""
        return self.call("PATCH", f"/tenants/{code}/{kind}/{ref}", change)

    def delete(self, code: str, kind: str, ref: int) -> None:
        self.call("DELETE", f"/tenants/{code}/{kind}/{ref}")

    def faults(self, rules: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        """Adds rules, and answers all rules with how often each fired."""
        return self.call("POST", "/faults", rules) if rules else self.call("GET", "/faults")

    def clear_faults(self) -> None:
        self.call("DELETE", "/faults")

    def release(self, name: str) -> int:
        return self.call("POST", f"/release/{name}")["released"]

    def requests(self) -> list[dict[str, Any]]:
        return self.call("GET", "/requests")

    def clear_requests(self) -> None:
        self.call("DELETE", "/requests")

    def settings(self, **change: Any) -> dict[str, Any]:
        """Merges into the settings and answers all of them."""
        return self.call("PUT", "/settings", change)

    def address_book(self, book: dict[str, str] | None = None, **more: str) -> dict[str, str]:
        """Replaces the address book: "mx.example.com:25" -> "127.0.0.1:2525"."""
        return self.call("PUT", "/address-book", {**(book or {}), **more})

    def mail_log(self) -> list[dict[str, Any]]:
        """What the mail listeners took and refused, oldest first."""
        return self.call("GET", "/mail")

    def clear_mail_log(self) -> None:
        self.call("DELETE", "/mail")

    def rotate_ids(self) -> None:
        self.call("POST", "/rotate-ids")

    def expire_tokens(self, tenant: str | None = None) -> int:
        return self.call("POST", "/expire-tokens", {"tenant": tenant})["expired"]

    def reset(self) -> None:
        self.call("POST", "/reset")

    def health(self) -> dict[str, Any]:
        return self.call("GET", "/health")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the control interface; raises SandboxError when it is refused."""
        data = None if body is None else json.dumps(body).encode("utf-8")
        request = urllib.request.Request(f"{self.url}/_sandbox{path}", data, method=method, headers={
            "X-Sandbox-Control": self._token, "Content-Type": "application/json"})
        try:
            with _opener().open(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            reason = error.read().decode("utf-8", "replace")
            raise SandboxError(f"Cannot {method} {path}: {error.code} {reason}") from error
        return json.loads(text) if text else None

    def _read(self, state_file: Path) -> None:
        content = json.loads(state_file.read_text(encoding="utf-8"))
        self.url, self.pid, self._token = content["url"], content["pid"], content["control_token"]
        self.mail = content.get("mail", {})  # where smart_host, inbound and journal listen, and ca: with --mail


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    # Always loopback: proxies from the environment do not apply, and the certificate is one of the test's own.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # unlike create_default_context, reads no roots: 30 ms
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
