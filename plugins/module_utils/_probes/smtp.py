# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Is this mail server reachable, encrypted as declared, and willing to take mail for this recipient? Nothing is sent."""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import SocketProbe, judge, shown_target
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_dialogue import Conversation, Reply
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_texts import UNKNOWN_MEANING, meaning_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict

MODES = ("strict", "relaxed", "none")
HELO = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
NO_TLS = "enable TLS on the server or declare the route with tls none"
NO_TLS_DECLARED = "mail travels in clear text as declared, so enable TLS on the server when you can"


@dataclass(frozen=True)
class SmtpCheck:
    """One check of one mail server.

    host: the name that the certificate must carry; also sent as SNI. IDN is converted to its A-label form.
    address: connect to `address` or `address:port` instead of resolving the host, which need not be in the DNS then.
    tls: strict (STARTTLS, TLS 1.2+, trusted chain, name, dates), relaxed (STARTTLS, TLS 1.2+, any certificate) or
        none (greeting and EHLO). With implicit_tls, which encrypts from the first byte, none counts as relaxed.
    ca_path: file or folder of trusted roots that replaces the system's.
    recipient: try MAIL FROM:<sender> and RCPT TO:<recipient>, then RSET; there is never a DATA.
    helo: name for EHLO; this machine's name when empty, its address where that is no full name.
    timeout: seconds for the whole check.
    warn_days: a certificate that expires sooner is degraded.
    """

    host: str
    port: int = 25
    address: Optional[str] = None
    tls: str = "strict"
    implicit_tls: bool = False
    ca_path: Optional[str] = None
    recipient: Optional[str] = None
    sender: str = ""
    helo: str = ""
    timeout: float = 10.0
    warn_days: int = 30

    @property
    def target(self) -> str:
        """Name and port as they appear in messages."""
        return shown_target(self.host, self.port, self.address)


def check_smtp(check: SmtpCheck) -> Verdict:
    """The verdict on one mail server, within check.timeout; never raises.

    evidence: target, peer, addresses [{address, result}], greeting, capabilities, capabilities_tls, tls {protocol, cipher,
    bits, aes256_capable}, certificate {subject, issuer, names, names_total, not_before, not_after, days_left, self_signed,
    problems}, verification {code, reason}, rcpt {command, code, text, meaning}, timings_ms {resolve, connect, greeting,
    starttls, rcpt, inspect}, findings (all, where there are several). Keys are missing where the check did not get so far.
    """
    return judge(_SmtpProbe, check)


class _SmtpProbe(SocketProbe):
    def __init__(self, check: SmtpCheck) -> None:
        super().__init__(check)
        self._open: List[Conversation] = []

    def run(self) -> None:
        check = self._check
        self._validate()
        self.locate()
        if check.implicit_tls or check.tls != "none":
            conversation = self.talk_encrypted(self._talk)
        else:
            conversation = self._talk(None, self._timings)
            offered = "STARTTLS" in self._evidence["capabilities"]
            self.find("ok", "ok_plain") if offered else self.find("degraded", "tls_not_offered", advice=NO_TLS_DECLARED)
        if conversation and check.recipient:
            with timed(self._timings, "rcpt"):
                self._ask_recipient(conversation)

    def fail(self, failure: ProbeFailure) -> None:
        failure.facts.setdefault("advice", UNKNOWN_MEANING.advice)
        super().fail(failure)

    def close(self) -> None:
        for conversation in self._open:
            conversation.close()

    def _validate(self) -> None:
        check = self._check
        if check.tls not in MODES:
            raise ProbeFailure("check_invalid", reason=f"tls is one of {', '.join(MODES)}")
        if check.helo and not HELO.fullmatch(check.helo):
            raise ProbeFailure("check_invalid", reason="helo is a host name or an address in brackets")
        self._sender = mail_path(check.sender)
        self._recipient = mail_path(check.recipient or "")

    def _talk(self, context: Optional[ssl.SSLContext], timings: Dict[str, int]) -> Conversation:
        """Connect, read the greeting, say EHLO and, with a context, encrypt; what was learnt is in the evidence."""
        conversation = Conversation(self.connect(timings), self._deadline)
        self._open.append(conversation)
        if context and self._check.implicit_tls:
            with timed(timings, "starttls"):
                conversation.upgrade(self.encrypt(conversation.sock, context))
        with timed(timings, "greeting"):
            self._greet(conversation)
        helo = self._check.helo or _local_name(conversation.sock)
        self._evidence["capabilities"] = conversation.ehlo(helo)
        if context and not self._check.implicit_tls:
            with timed(timings, "starttls"):
                self._request_tls(conversation)
                conversation.upgrade(self.encrypt(conversation.sock, context))
                self._evidence["capabilities_tls"] = conversation.ehlo(helo)
        return conversation

    def _greet(self, conversation: Conversation) -> None:
        greeting = conversation.reply("greeting")
        self._evidence["greeting"] = greeting.text
        if greeting.code >= 400:
            advice = meaning_of(greeting.code, greeting.text).advice
            raise ProbeFailure("service_unavailable", reply=str(greeting), advice=advice)
        if greeting.code != 220:
            raise ProbeFailure("not_smtp", reason=f"it greets with {greeting}")

    def _request_tls(self, conversation: Conversation) -> None:
        if "STARTTLS" not in self._evidence["capabilities"]:
            raise ProbeFailure("tls_not_offered", advice=NO_TLS)
        reply = conversation.command("STARTTLS")
        if reply.code != 220:
            raise ProbeFailure("starttls_refused", reply=str(reply))
        if conversation.has_unread_bytes():
            raise ProbeFailure("starttls_injection")

    def _ask_recipient(self, conversation: Conversation) -> None:
        reply = conversation.command(f"MAIL FROM:<{self._sender}>")
        who, facts = "sender", {"sender": f"<{self._sender}>"}
        if reply.positive:
            reply = conversation.command(f"RCPT TO:<{self._recipient}>")
            who, facts = "recipient", {"recipient": f"<{self._recipient}>"}
        meaning = meaning_of(reply.code, reply.text)
        self._evidence["rcpt"] = {"command": "MAIL" if who == "sender" else "RCPT", "code": reply.code, "text": reply.text}
        if not reply.positive:
            self._evidence["rcpt"]["meaning"] = meaning.word
            verdict, code = _refusal(who, reply, meaning.word)
            self.find(verdict, code, reply=str(reply), advice=meaning.advice, **facts)
        try:
            conversation.command("RSET")
        except ProbeFailure:
            pass  # the answer is known, and the server forgets the rest with the connection


def _refusal(who: str, reply: Reply, meaning: str) -> Tuple[str, str]:
    if reply.code == 421:
        return "failed", "service_unavailable"
    if meaning == "tls_required":
        return "failed", "tls_required"
    return ("degraded", f"{who}_deferred") if reply.transient else ("failed", f"{who}_refused")


def mail_path(address: str) -> str:
    """The address as it may stand between < and > in a command; ProbeFailure check_invalid for what could break out."""
    local, at, domain = address.rpartition("@") if "@" in address else (address, "", "")
    plain = all(character.isascii() and character.isprintable() and character not in " <>" for character in local)
    try:
        if plain and len(local) <= 64 and (local or not at):
            literal = re.fullmatch(r"\[[0-9A-Za-z.:]+\]", domain)
            return address if literal or not at else f"{local}@{net.to_alabel(domain)}"
    except ProbeFailure:  # the domain is no host name
        pass
    raise ProbeFailure("check_invalid", reason=f"'{printable(address, 100)}' is no mail address in ASCII")


def _local_name(sock: socket.socket) -> str:
    name = socket.gethostname()
    if "." in name and HELO.fullmatch(name):
        return name
    address = sock.getsockname()[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
