# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process around the application: socket, state file, signals."""
from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import wire
from .control_api import Plant, control_app
from .service import Service
from .state import State

if TYPE_CHECKING:
    from .relay.listeners import Listeners

_GRACE_S = 0.1  # calls that a hold or a slow fault keeps waiting must not delay the end


class NotingProtocol(H11Protocol):
    """Notes the transport of every connection, so that faults can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._peer = transport.get_extra_info("peername")[:2]
        wire.TRANSPORTS[self._peer] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        wire.TRANSPORTS.pop(self._peer, None)
        super().connection_lost(exc)


class Server(uvicorn.Server):
    """uvicorn that tells when it listens and that ends with exit code 0 on SIGTERM."""

    def __init__(self, config: uvicorn.Config, on_listen: Callable[[], Awaitable[None]]):
        super().__init__(config)
        self._on_listen = on_listen

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await self._on_listen()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The original raises the signal again at the end, which looks like a crash to whoever waits for us.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def build_app(state: State, plant: Plant) -> ASGIApp:
    service, control = Service(state), control_app(state, plant)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/_sandbox"):
            await control(scope, receive, send)
        else:
            await service(scope, receive, send)

    return app


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle off; without it every answer waits 40 ms for an ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    return sock


def write_state_file(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all, and readable by the owner only (mkstemp gives 0600): it holds the control token."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(name, path)


def run(state: State, plant: Plant, sock: socket.socket, state_file: Path | None, tls: tuple[str, str] | None,
        log_level: str, mail: Listeners | None = None) -> None:
    """Serves until SIGTERM or SIGINT."""
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    url = f"{'https' if tls else 'http'}://{shown}:{port}"

    async def announce() -> None:
        content = {"url": url, "pid": os.getpid(), "control_token": state.control_token}
        if mail:
            content["mail"] = await mail.start()
        if state_file:
            write_state_file(state_file, content)
        print(f"mimecast_sandbox listens on {url}", flush=True)

    config = uvicorn.Config(
        build_app(state, plant), http=NotingProtocol, ws="none", lifespan="off", loop="asyncio", access_log=False,
        log_level=log_level, timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_S,
        server_header=False,
        proxy_headers=False,  # they would change the client address that finds the transport
        ssl_certfile=tls[0] if tls else None, ssl_keyfile=tls[1] if tls else None)
    try:
        asyncio.run(Server(config, announce).serve(sockets=[sock]))
    finally:
        if mail:
            mail.stop()
        state.store.close()
        if state_file:
            state_file.unlink(missing_ok=True)
