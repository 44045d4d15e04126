# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer's mail server for tests of the mail flow: it keeps what it gets and behaves as told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class MailHost:
    """`refuses` maps a recipient to the reply it gets. `got` has for each message its envelope and how it came."""

    refuses: dict[str, str] = field(default_factory=dict)
    got: list[dict[str, Any]] = field(default_factory=list)
    logins: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "content": envelope.content, "tls": bool(session.ssl),
            "peer": session.peer[0], "login": session.authenticated})
        return "250 kept"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((mechanism, data.login.decode(), data.password.decode()))
        return AuthResult(success=True)


@contextmanager
def mail_host(pki: Any = None, host: str = "127.0.0.1", auth: bool = False, **refuses: str) -> Iterator[MailHost]:
    """One that listens on a free port, with TLS if it gets a Pki."""
    made = MailHost(refuses)
    loop = asyncio.new_event_loop()
    options = {"tls_context": pki.context("rsa")} if pki else {}
    if auth:
        options["authenticator"] = made.authenticate
    controller = Controller(made, hostname=host, port=0, loop=loop, server_hostname="mx.customer.test", **options)
    # The controller's own way of starting connects to port 0.
    server = loop.run_until_complete(controller._create_server())
    made.address = f"{host}:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
