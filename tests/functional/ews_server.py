# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small Exchange Web Services endpoint over real HTTPS: enough SOAP for exchangelib, and each way to be set up wrongly.

No Exchange can be had for tests. Its answers follow Microsoft's EWS reference; the first part of the path says how the
endpoint behaves, as in https://localhost:8443/ntlm/EWS/Exchange.asmx.
"""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from xml.etree import ElementTree

SUFFIX = "/EWS/Exchange.asmx"
BASE = "http://schemas.microsoft.com/exchange/services/2006/"
T, M = f"{{{BASE}types}}", f"{{{BASE}messages}}"
ENVELOPE = (f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="{BASE}types" '
            f'xmlns:m="{BASE}messages" xmlns:e="{BASE}errors">{{header}}<s:Body>{{body}}</s:Body></s:Envelope>')

PASSWORD = "Pa55+word/of=mine"
MASTER, READER, WITHOUT_BOX = "mimecast@example.com", "reader@example.com", "nobox@example.com"
LOCAL = "mimecast@example.local"
USERS = (MASTER, READER, WITHOUT_BOX, LOCAL)
MAY_IMPERSONATE = (MASTER, LOCAL)
MAILBOXES = (MASTER, READER, LOCAL, "alice@example.com", "postmaster@example.com")
UNKNOWN_MAILBOX = "nobody@example.com"

VERSIONS = {"good": (15, 2, 1544, 4), "sp1": (14, 1, 218, 15), "rtm2010": (14, 0, 639, 21), "old2007": (8, 3, 83, 0)}
PAGE = b"<!DOCTYPE html><html><body><form action='/owa/auth.owa'><input name='password' type='password'></form></body></html>"
# behaviour -> status, headers and page of an answer to anybody
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "ntlm": (401, {"WWW-Authenticate": "Negotiate, NTLM"}, b""),
    "mute": (401, {}, b""),
    "forms_page": (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE),
    "forms_timeout": (440, {"Content-Type": "text/html"}, PAGE),
    "forms_redirect": (302, {"Location": "https://mail.example.com/owa/auth/logon.aspx?url=secret&reason=0"}, b""),
    "adfs": (302, {"Location": "https://sts.example.com/adfs/ls/?wa=wsignin1.0"}, b""),
    "moved": (301, {"Location": "https://outlook.example.com/EWS/Exchange.asmx"}, b""),
    "missing": (404, {"Content-Type": "text/html"}, PAGE),
    "forbidden": (403, {}, b""),
    "down": (503, {}, b"Service Unavailable"),
    "crash": (500, {"Content-Type": "text/html"}, PAGE),
    "teapot": (418, {}, b""),
    "text": (200, {"Content-Type": "text/plain"}, b"hello"),
}


@dataclass(frozen=True)
class Running:
    """A running endpoint: its port for each certificate, and what it was asked with which log-in."""

    ports: Mapping[str, int]
    log: list[tuple[str, str]]  # since a test emptied it; behaviours that change with time count by it

    def url(self, behaviour: str = "good", certificate: str = "good") -> str:
        return f"https://localhost:{self.ports[certificate]}/{behaviour}{SUFFIX}"


@contextmanager
def ews(contexts: Mapping[str, ssl.SSLContext]) -> Iterator[Running]:
    """An endpoint on a loopback port of its own for each of these certificates."""
    log: list[tuple[str, str]] = []
    servers = {name: _Server(("127.0.0.1", 0), _Handler, context, log) for name, context in contexts.items()}
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in servers.values()]
    for thread in threads:
        thread.start()
    try:
        yield Running({name: server.server_address[1] for name, server in servers.items()}, log)
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(self, address: Any, handler: Any, context: ssl.SSLContext, log: list[tuple[str, str]]) -> None:
        super().__init__(address, handler)
        self.context, self.log = context, log

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: with the handshake in the listener's, one silent client would stop all."""
        request.settimeout(10)
        with self.context.wrap_socket(request, server_side=True) as encrypted:
            super().finish_request(encrypted, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that do not like the certificate hang up; that is what the tests are for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_arguments: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        behaviour = self.path[1:].removesuffix(SUFFIX)
        user = self._user()
        self.server.log.append((behaviour, user))
        self.number = len(self.server.log)
        if behaviour in PAGES:
            return self._send(*PAGES[behaviour])
        if behaviour == f"ntlm_from_{self.number}":
            return self._send(*PAGES["ntlm"])
        if not user:
            return self._send(401, {"WWW-Authenticate": 'Basic realm="mail.example.com"', "X-FEServer": self._front(behaviour)}, b"")
        if behaviour == "forms_after":
            return self._send(*PAGES["forms_page"])
        status, answer = _soap(behaviour, user, ElementTree.fromstring(body))
        headers = {"Content-Type": "text/xml; charset=utf-8", "X-BEServer": "MBX1"}
        if behaviour == "chunked":
            return self._send_chunked(answer)
        return self._send(status, {**headers, "X-FEServer": self._front(behaviour)} if behaviour != "untold" else headers, answer)

    do_GET = do_POST

    def _front(self, behaviour: str) -> str:
        return f"CAS{self.number % 3}" if behaviour == "wanders" else "CAS1"

    def _user(self) -> str:
        kind, _space, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return ""
        user, _colon, password = base64.b64decode(token).decode("utf-8").partition(":")
        return user if user in USERS and password == PASSWORD else ""

    def _send(self, status: int, headers: Mapping[str, str], page: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def _send_chunked(self, page: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(page), 50):
            part = page[start:start + 50]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")


def _soap(behaviour: str, user: str, request: ElementTree.Element) -> tuple[int, bytes]:
    version = VERSIONS.get(behaviour, VERSIONS["good"])
    header = "" if behaviour == "untold" else (
        '<s:Header><t:ServerVersionInfo MajorVersion="{}" MinorVersion="{}" MajorBuildNumber="{}" MinorBuildNumber="{}"/></s:Header>'.format(*version))
    asked = version >= (14, 1) or request.find(f".//{T}RequestServerVersion[@Version='Exchange2010_SP1']") is None
    status, body = _operation(user, request, behaviour) if asked else _fault("ErrorInvalidServerVersion", "The version is not supported.")
    return status, ENVELOPE.format(header=header, body=body).encode()


def _operation(user: str, request: ElementTree.Element, behaviour: str) -> tuple[int, str]:
    if request.find(f".//{M}ConvertId") is not None:  # how exchangelib finds out the version
        return _response("ConvertId", "ErrorInvalidIdMalformed", "Id is malformed.")
    impersonated = request.findtext(f".//{T}ConnectingSID/{T}PrimarySmtpAddress") or ""
    mailbox = request.findtext(f".//{T}DistinguishedFolderId/{T}Mailbox/{T}EmailAddress") or impersonated or user
    if impersonated and user not in MAY_IMPERSONATE:
        return _fault("ErrorImpersonateUserDenied", "The account does not have permission to impersonate the requested user.")
    if impersonated and impersonated not in MAILBOXES:
        return _fault("ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")
    if behaviour == "busy":
        return _response("GetFolder", "ErrorServerBusy", "The server cannot service this request right now.")
    if mailbox == WITHOUT_BOX:
        return _response("GetFolder", "ErrorMissingEmailAddress", "When making a request as an account that does not have a mailbox ...")
    if mailbox not in MAILBOXES:
        return _response("GetFolder", "ErrorNonExistentMailbox", "The SMTP address has no mailbox associated with it.")
    if mailbox not in (user, impersonated):
        return _response("GetFolder", "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    inbox = '<m:Folders><t:Folder><t:FolderId Id="AAMkAA==" ChangeKey="AQAAAA=="/><t:DisplayName>Inbox</t:DisplayName></t:Folder></m:Folders>'
    return _response("GetFolder", "NoError", "", inbox)


def _response(operation: str, code: str, text: str, inner: str = "") -> tuple[int, str]:
    said = f"<m:MessageText>{text}</m:MessageText>" if text else ""
    kind = "Success" if code == "NoError" else "Error"
    message = f"{said}<m:ResponseCode>{code}</m:ResponseCode>{inner}"
    name = f"m:{operation}Response"
    return 200, f'<{name}><m:ResponseMessages><{name}Message ResponseClass="{kind}">{message}</{name}Message></m:ResponseMessages></{name}>'


def _fault(code: str, text: str) -> tuple[int, str]:
    detail = f"<detail><e:ResponseCode>{code}</e:ResponseCode><e:Message>{text}</e:Message></detail>"
    return 500, f"<s:Fault><faultcode>t:{code}</faultcode><faultstring>{text}</faultstring>{detail}</s:Fault>"
