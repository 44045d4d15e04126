# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server that keeps what arrives: how it was encrypted, who logged in, for whom it was, and the message itself.

    with recorder("127.0.0.2", port, tls=pki.context("good"), login=("user", "password")) as smart_host:
        ...
        smart_host.mail[0].recipients

In a network namespace: `with netns.entered(NAME), recorder(...)`; the place is taken there, and stays there.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult


@dataclass(frozen=True)
class Mail:
    """One message. ``tls`` is the protocol, empty without any; ``user`` empty without a log-in."""

    sender: str
    recipients: list[str]
    text: str
    tls: str
    user: str


@dataclass
class Recorder:
    """What has arrived at one server, and how often somebody connected."""

    address: str
    port: int
    mail: list[Mail] = field(default_factory=list)
    connections: int = 0

    def wait(self, count: int = 1, seconds: float = 15) -> list[Mail]:
        """The messages, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.mail) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{count} messages were to arrive at {self.address}:{self.port}, and there are {self.mail}")
            time.sleep(0.02)
        return self.mail

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        tls = session.ssl.get("ssl_object").version() if session.ssl else ""
        text = envelope.content.decode(errors="replace")
        user = session.auth_data.login.decode() if session.authenticated else ""
        self.mail.append(Mail(envelope.mail_from, list(envelope.rcpt_tos), text, tls, user))
        return "250 2.0.0 Ok: kept"


def free_port() -> int:
    """A port that is free at every loopback address."""
    with socket.create_server(("", 0)) as sock:
        return int(sock.getsockname()[1])


@contextmanager
def recorder(address: str, port: int, tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None) -> Iterator[Recorder]:
    """A server at the address while the context lasts; with ``login`` it takes mail only from who logs in, over TLS."""
    kept = Recorder(address, port)

    def judge(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        success = login is not None and (data.login.decode(), data.password.decode()) == login
        return AuthResult(success=success, handled=success, auth_data=data)

    def protocol() -> SMTP:
        kept.connections += 1
        return SMTP(kept, hostname="recorder.example", tls_context=tls, authenticator=judge, auth_required=bool(login), auth_require_tls=True)

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(protocol, address, port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Close it and whatever is still connected."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
