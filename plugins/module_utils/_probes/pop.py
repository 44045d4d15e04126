# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Can the messages of this mailbox be fetched by POP3, encrypted as declared? None is fetched or deleted."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.pop_dialogue import Conversation, Reply
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import SocketProbe, judge, shown_target
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import CONTROL, printable, without
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict

MODES = ("strict", "relaxed", "none")
POP3, POP3S = 110, 995
SHOWN_CHARACTERS = 500
COUNTS = re.compile(r"([0-9]{1,18}) ([0-9]{1,18})(?: .*)?", re.DOTALL)
NO_TLS = "enable TLS on the server, use implicit_tls where it has POP3S, or declare the check with tls none"
NO_TLS_DECLARED = "the password travels in clear text as declared, so enable TLS on the server when you can"
# Response codes of a refusal (RFC 2449, RFC 3206) that say that another time may do.
LATER = {"IN-USE": "mailbox_in_use", "LOGIN-DELAY": "pop_login_deferred", "SYS/TEMP": "pop_login_deferred"}


@dataclass(frozen=True)
class PopCheck:
    """One check of one mailbox, or of its server alone when there is no username.

    host: the name that the certificate must carry; also sent as SNI.
    port: 110, or 995 with implicit_tls, when None.
    address: connect to `address` or `address:port` instead of resolving the host.
    tls: strict (STLS, TLS 1.2+, trusted chain, name, dates), relaxed (STLS, TLS 1.2+, any certificate) or none. With
        implicit_tls, which encrypts from the first byte, none counts as relaxed.
    ca_path: file or folder of trusted roots that replaces the system's.
    username, password: log in with USER and PASS and count the messages with STAT.
    timeout: seconds for the whole check.
    warn_days: a certificate that expires sooner is degraded.
    """

    host: str
    port: Optional[int] = None
    address: Optional[str] = None
    tls: str = "strict"
    implicit_tls: bool = False
    ca_path: Optional[str] = None
    username: Optional[str] = None
    password: Optional[str] = None
    timeout: float = 10.0
    warn_days: int = 30

    def __post_init__(self) -> None:
        if self.port is None:
            object.__setattr__(self, "port", POP3S if self.implicit_tls else POP3)

    @property
    def target(self) -> str:
        """Name and port as they appear in messages."""
        return shown_target(self.host, self.port or 0, self.address)


def check_pop(check: PopCheck) -> Verdict:
    """The verdict on one POP3 server or mailbox, within check.timeout; never raises.

    evidence: target, peer, addresses [{address, result}], greeting, capabilities, capabilities_tls (null where CAPA is
    refused), tls, certificate, verification as for smtp, mailbox {messages, bytes} or login {command, text}, timings_ms
    {resolve, connect, greeting, stls, login, inspect}, findings. Keys are missing where the check did not get so far.
    """
    return judge(_PopProbe, check)


class _PopProbe(SocketProbe):
    def __init__(self, check: PopCheck) -> None:
        super().__init__(check)
        self._open: List[Conversation] = []
        user, password = check.username or "", check.password or ""
        self._secrets = (password, f"{user}:{password}", f"\0{user}\0{password}") if password else ()

    def run(self) -> None:
        check = self._check
        self._validate()
        self.locate()
        encrypted = check.implicit_tls or check.tls != "none"
        if encrypted:
            conversation = self.talk_encrypted(self._talk)
        else:
            conversation = self._talk(None, self._timings)
            offered = "STLS" in (self._evidence["capabilities"] or [])
            self.find("ok", "ok_pop") if offered else self.find("degraded", "stls_not_offered", advice=NO_TLS_DECLARED)
        if conversation and check.username:
            self._facts = {"username": printable(check.username, 260)}
            if not encrypted and "USER" not in (self._evidence["capabilities"] or ["USER"]):
                raise ProbeFailure("clear_login_disabled")
            with timed(self._timings, "login"):
                self._log_in(conversation)
            if not encrypted:
                self.find("degraded", "clear_login", **self._facts)

    def close(self) -> None:
        for conversation in self._open:
            conversation.close()

    def _validate(self) -> None:
        check = self._check
        if check.tls not in MODES:
            raise ProbeFailure("check_invalid", reason=f"tls is one of {', '.join(MODES)}")
        if bool(check.username) != bool(check.password):
            raise ProbeFailure("check_invalid", reason="username and password go together")
        if CONTROL.search((check.username or "") + (check.password or "")):
            raise ProbeFailure("check_invalid", reason="username and password hold no line breaks or other control characters")

    def _talk(self, context: Optional[ssl.SSLContext], timings: Dict[str, int]) -> Conversation:
        """Connect, read the greeting, ask for capabilities and, with a context, encrypt; what was learnt is in the evidence."""
        conversation = Conversation(self.connect(timings), self._deadline)
        self._open.append(conversation)
        if context and self._check.implicit_tls:
            with timed(timings, "stls"):
                conversation.upgrade(self.encrypt(conversation.sock, context))
        with timed(timings, "greeting"):
            greeting = conversation.reply("greeting")
        self._evidence["greeting"] = self._shown(greeting)
        if not greeting.positive:
            raise ProbeFailure("pop_turned_away", reply=self._shown(greeting))
        self._evidence["capabilities"] = conversation.capabilities()
        if context and not self._check.implicit_tls:
            with timed(timings, "stls"):
                self._request_tls(conversation)
                conversation.upgrade(self.encrypt(conversation.sock, context))
                self._evidence["capabilities_tls"] = conversation.capabilities()
        return conversation

    def _request_tls(self, conversation: Conversation) -> None:
        if "STLS" not in (self._evidence["capabilities"] or []):
            raise ProbeFailure("stls_not_offered", advice=NO_TLS)
        reply = conversation.command("STLS")
        if not reply.positive:
            raise ProbeFailure("stls_refused", reply=self._shown(reply))
        if conversation.has_unread_bytes():
            raise ProbeFailure("stls_injection")

    def _log_in(self, conversation: Conversation) -> None:
        for command, argument in (("USER", self._check.username), ("PASS", self._check.password)):
            reply = conversation.command(command, argument)
            if not reply.positive:
                self._evidence["login"] = {"command": command, "text": self._shown(reply)}
                verdict, code = _refusal(reply)
                return self.find(verdict, code, reply=self._shown(reply), **self._facts)
        reply = conversation.command("STAT")
        counts = COUNTS.fullmatch(reply.text)
        if not reply.positive or not counts:
            return self.find("failed", "stat_refused", reply=self._shown(reply), **self._facts)
        self._evidence["mailbox"] = {"messages": int(counts.group(1)), "bytes": int(counts.group(2))}
        return self.find("ok", "ok_mailbox", messages=int(counts.group(1)), **self._facts)

    def _shown(self, reply: Reply) -> str:
        """A reply's text for a report. Servers repeat what they were told, so the password is cut out."""
        return printable(without(reply.text, self._secrets), SHOWN_CHARACTERS)


def _refusal(reply: Reply) -> Tuple[str, str]:
    code = LATER.get(reply.code)
    return ("degraded", code) if code else ("failed", "pop_login_refused")
