# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handing a message to the next server, with TLS as far as it offers that."""
from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from ..formats import is_loopback
from .routing import Hop, Target

_LIMIT_S = 10


@dataclass(frozen=True)
class Outcome:
    """What became of one recipient: the reply, and the server that gave it."""

    code: int
    text: str
    host: str = ""
    address: str = ""
    encrypted: bool = False

    @property
    def delivered(self) -> bool:
        return 200 <= self.code < 300


class Down(Exception):
    """The server cannot be used, so the next one is tried."""


class _Smtp(smtplib.SMTP):
    """Dials an address and knows the server by its name, which is what certificates are about."""

    def __init__(self, name: str, target: Target, hello: str, source: str):
        self._target = target
        apart = (":" in source) != (":" in target[0]) or is_loopback(source) != is_loopback(target[0])
        super().__init__(name, target[1], hello, _LIMIT_S, None if apart else (source, 0))

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection(self._target, timeout, self.source_address)


def send(hops: Sequence[Hop], sender: str, recipients: Sequence[str], content: bytes | None, hello: str, source: str) -> dict[str, Outcome]:
    """Hand the message to the first server that works; without content only the recipients are asked about."""
    said = "451 4.4.1 There is no server to deliver to"
    for hop in hops:
        try:
            return _hand_over(hop, sender, recipients, content, hello, source)
        except Down as error:
            said = f"451 4.4.1 {error}"
    last = hops[-1].host if hops else ""
    return {recipient: Outcome(451, said, last) for recipient in recipients}


def _hand_over(hop: Hop, sender: str, recipients: Sequence[str], content: bytes | None, hello: str, source: str) -> dict[str, Outcome]:
    if hop.target is None:
        raise Down(f"{hop.host} is neither in the address book nor in a network that the sandbox may reach")
    try:
        smtp, encrypted = _connect(hop, hop.target, hello, source)
        with smtp:
            _log_on(smtp, hop)
            return _converse(smtp, hop, encrypted, sender, recipients, content)
    except (OSError, smtplib.SMTPException) as error:
        raise Down(f"{hop.host} port {hop.port}: {error}") from error


def _connect(hop: Hop, target: Target, hello: str, source: str) -> tuple[_Smtp, bool]:
    """A greeted server, with TLS where that is offered and works: certificates are not looked at (assumption)."""
    smtp = _Smtp(hop.host, target, hello, source)
    smtp.ehlo_or_helo_if_needed()
    if not smtp.has_extn("starttls"):
        return smtp, False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        smtp.starttls(context=context)
    except (ssl.SSLError, smtplib.SMTPResponseException):
        smtp.close()
        return _Smtp(hop.host, target, hello, source), False
    smtp.ehlo()
    return smtp, True


def _log_on(smtp: _Smtp, hop: Hop) -> None:
    """With the first mechanism of the route that the server offers."""
    if not hop.mechanisms:
        return
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    for mechanism in (one.upper() for one in hop.mechanisms):
        if mechanism in offered and mechanism in ("PLAIN", "LOGIN", "CRAM-MD5"):
            smtp.user, smtp.password = hop.username, hop.password
            smtp.auth(mechanism, getattr(smtp, "auth_" + mechanism.lower().replace("-", "_")))
            return
    raise Down(f"{hop.host} offers none of {', '.join(hop.mechanisms)}")


def _converse(smtp: _Smtp, hop: Hop, encrypted: bool, sender: str, recipients: Sequence[str], content: bytes | None) -> dict[str, Outcome]:
    address = smtp.sock.getpeername()[0]

    def outcome(code: int, text: bytes) -> Outcome:
        return Outcome(code, f"{code} {text.decode('ascii', 'replace')}", hop.host, address, encrypted)

    smtp.ehlo_or_helo_if_needed()
    found = outcome(*smtp.mail(sender))
    if not found.delivered:
        return dict.fromkeys(recipients, found)
    outcomes = {recipient: outcome(*smtp.rcpt(recipient)) for recipient in recipients}
    taken = [recipient for recipient, found in outcomes.items() if found.delivered]
    if taken and content is not None:
        try:
            found = outcome(*smtp.data(content))
        except smtplib.SMTPDataError as error:
            found = outcome(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode())
        outcomes.update(dict.fromkeys(taken, found))
    return outcomes
