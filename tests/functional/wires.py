# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can stand between a client and the service: small web servers, a relay that changes answers, and a proxy."""

from __future__ import annotations

import http.client
import json
import select
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

HOP_BY_HOP = ("connection", "content-length", "transfer-encoding", "date", "proxy-authorization")
TIMEOUT = 10


class Request(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reply(NamedTuple):
    """``length`` overrules the Content-Length, to end an answer early."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    length: int | None = None

    @classmethod
    def of(cls, value: Any, status: int = 200, **headers: str) -> Reply:
        """A JSON answer."""
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


Respond = Callable[[Request], Reply]


class WebServer:
    """An HTTP server on loopback that answers with ``respond``, keeps connections alive and notes what comes."""

    def __init__(self, respond: Respond, context: ssl.SSLContext | None = None) -> None:
        self.respond = respond
        self.requests: list[Request] = []
        self.connections = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(), bind_and_activate=True)
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = "{0}://127.0.0.1:{1}".format("https" if context else "http", self.port)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> WebServer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(_Handler):
            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(self.command, self.path, dict(self.headers), self.rfile.read(length))
                outer.requests.append(request)
                self.answer(outer.respond(request))

        return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.serve()

    do_POST = do_PATCH = do_DELETE = do_GET

    def answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = reply.length is not None

    def log_message(self, *_args: Any) -> None:
        pass


def relay(url: str, change: Callable[[Request, Reply], Reply] = lambda _request, reply: reply) -> Respond:
    """Passes requests on to the server at ``url``, and its answers back as ``change`` makes them."""

    def respond(request: Request) -> Reply:
        return change(request, send(url, request))

    return respond


def send(url: str, request: Request) -> Reply:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    try:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        connection.request(request.method, request.path, request.body or None, headers)
        answer = connection.getresponse()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
        return Reply(answer.status, answer.read(), kept)
    finally:
        connection.close()


class Proxy(WebServer):
    """A forward proxy: CONNECT for https, absolute URIs for http. ``login`` is what Basic must hold, such as ``me:pw``.

    ``seen`` lists (method, target); names in ``hosts`` are reached at the given (address, port).
    """

    def __init__(self, login: str = "", hosts: dict[str, tuple[str, int]] | None = None) -> None:
        self.login, self.hosts = login, hosts or {}
        self.seen: list[tuple[str, str]] = []
        super().__init__(lambda request: Reply(500, b""))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(_Handler):
            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def welcome(self) -> bool:
                outer.seen.append((self.command, self.path))
                given = self.headers.get("Proxy-Authorization", "").removeprefix("Basic ")
                if b64decode(given).decode() == outer.login:
                    return True
                self.answer(Reply(407, b"", {"Proxy-Authenticate": "Basic"}, length=0))
                return False

            def do_CONNECT(self) -> None:
                if not self.welcome():
                    return
                host, _colon, port = self.path.rpartition(":")
                with socket.create_connection(outer.hosts.get(host, (host, int(port))), TIMEOUT) as far:
                    self.send_response(200)
                    self.end_headers()
                    _join(self.connection, far)
                self.close_connection = True

            def serve(self) -> None:
                if not self.welcome():
                    return
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = parts.path + ("?" + parts.query if parts.query else "")
                self.answer(send(parts.netloc and "http://" + parts.netloc, Request(self.command, path, dict(self.headers), body)))

        return Handler


def _join(one: socket.socket, other: socket.socket) -> None:
    """Bytes both ways until one side closes."""
    while True:
        for source in select.select([one, other], [], [], TIMEOUT)[0] or [None]:
            data = source.recv(65536) if source else b""
            if not data:
                return
            (other if source is one else one).sendall(data)


class Listener:
    """Accepts connections, counts them, and never says a word."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = "http://127.0.0.1:{0}".format(self.port)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()

    @property
    def connections(self) -> int:
        """How many connected so far. The kernel queues them, so none is missed."""
        self._socket.setblocking(False)
        found = 0
        while True:
            try:
                self._socket.accept()
                found += 1
            except BlockingIOError:
                return found
