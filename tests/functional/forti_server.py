# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of FortiOS as its own modules talk to: tables of objects over HTTPS. It proves that the modules take our data, not FortiOS."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import trustme

TOKEN = "a-token-of-the-fake"
KEYS = {"policy": "policyid"}


class Forti(ThreadingHTTPServer):
    """``tables`` by path, such as firewall/address, then by name; ``writes`` are the requests that changed something."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tables: dict[str, dict[str, dict[str, Any]]] = {}
        self.writes: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Forti

    def log_message(self, *_arguments: object) -> None:
        """Nothing on the console."""

    def _answer(self, status: int, **more: Any) -> None:
        body = json.dumps({
            "http_method": self.command, "http_status": status, "status": "success" if status == 200 else "error", "vdom": "root", "version": "v7.4.4",
            "serial": "FGFAKE", "build": 2662, "revision": "1", **more}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = [unquote(part) for part in urlsplit(self.path).path.split("/")]
        if self.headers.get("Authorization") != "Bearer " + TOKEN:
            self._answer(401)
        elif parts[1:4] != ["api", "v2", "cmdb"]:
            self._answer(200, results={})
        else:
            self._table("/".join(parts[4:6]), parts[6] if len(parts) > 6 else "", json.loads(body) if body else {})

    def _table(self, path: str, name: str, wanted: dict[str, Any]) -> None:
        table, key = self.server.tables.setdefault(path, {}), KEYS.get(path.split("/")[-1], "name")
        name = name or str(wanted.get(key, ""))
        if "action=schema" in self.path:
            self._answer(200, results={"mkey": key})
        elif self.command == "GET":
            found = [table[name]] if name in table else [] if name else list(table.values())
            self._answer(200 if found or not name else 404, results=found)
        elif self.command == "PUT" and name not in table:
            self._answer(404)
        else:
            self._write(path, table, name, {**table.get(name, {}), **wanted})

    def _write(self, path: str, table: dict[str, dict[str, Any]], name: str, after: dict[str, Any]) -> None:
        members = after.get("member", []) if path.startswith("firewall/addrgrp") else []
        known = self.server.tables.get(path.replace("addrgrp", "address"), {})
        if any(member["name"] not in known for member in members):
            self._answer(500, error=-3)  # entry not found: what is referred to has to be there
            return
        changed = table.get(name) != after
        table[name] = after
        if changed:
            self.server.writes.append("{0} {1}/{2}".format(self.command, path, name))
        self._answer(200, mkey=name, revision_changed=changed)

    do_GET = do_POST = do_PUT = _handle


@contextmanager
def running(folder: Path) -> Iterator[Forti]:
    """A device with a certificate of its own."""
    server, context = Forti(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain = folder / "forti.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(chain))
    context.load_cert_chain(chain)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
