# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The probe of one mail server."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Any, Dict, List, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._probes import smtp_auth, tls
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import SocketProbe
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_dialogue import Conversation
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_recipient import PURPOSES, ask, judge_asked, mail_path
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_texts import UNKNOWN_MEANING, meaning_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import CONTROL, printable

MODES = ("strict", "relaxed", "none")
HELO = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
NO_TLS = "enable TLS on the server or declare the route with tls none"
NO_TLS_DECLARED = "mail travels in clear text as declared, so enable TLS on the server when you can"


def validate(check: Any) -> None:
    """What must be right before anything is asked; ProbeFailure for what is not."""
    if check.tls not in MODES:
        raise ProbeFailure("check_invalid", reason=f"tls is one of {', '.join(MODES)}")
    if check.helo and not HELO.fullmatch(check.helo):
        raise ProbeFailure("check_invalid", reason="helo is a host name or an address in brackets")
    for address in (check.sender, *(getattr(check, purpose) for purpose in PURPOSES)):
        mail_path(address or "")
    if bool(check.username) != bool(check.password):
        raise ProbeFailure("check_invalid", reason="username and password go together")
    if CONTROL.search((check.username or "") + (check.password or "")):
        raise ProbeFailure("check_invalid", reason="username and password hold no line breaks or other control characters")
    if check.username and check.tls == "none" and not check.implicit_tls:
        raise ProbeFailure("auth_needs_tls")


class SmtpProbe(SocketProbe):
    """One host: the dialogue, and what follows from it."""

    def __init__(self, check: Any) -> None:
        super().__init__(check)
        self._open: List[Conversation] = []
        self._secrets = smtp_auth.secrets_of(check.username, check.password)

    def run(self) -> None:
        check = self._check
        validate(check)
        if check.resolver and not check.domain:
            raise ProbeFailure("check_invalid", reason="resolver goes with domain")
        self.locate()
        conversation: Optional[Conversation]
        if check.implicit_tls or check.tls != "none":
            conversation = self.talk_encrypted(self._talk)
        else:
            conversation = self._talk(None, self._timings)
            starttls = "STARTTLS" in self._evidence["capabilities"]
            self.find("ok", "ok_plain") if starttls else self.find("degraded", "tls_not_offered", advice=NO_TLS_DECLARED)
        if conversation:
            self._use(conversation)

    def fail(self, failure: ProbeFailure) -> None:
        failure.facts.setdefault("advice", UNKNOWN_MEANING.advice)
        super().fail(failure)

    def close(self) -> None:
        for conversation in self._open:
            conversation.close()
        self._open = []

    def _use(self, conversation: Conversation) -> None:
        """What is asked of a server that talks as declared. Relaying is a matter of strangers, so it comes before the log-in."""
        check = self._check
        mechanisms = self.mechanisms()
        self._ask(conversation, "relay_recipient")
        if check.username:
            with timed(self._timings, "auth"):
                self.log_in(conversation, mechanisms)
        self._ask(conversation, "recipient")
        self._ask(conversation, "refused_recipient")
        if check.tls == "strict" and not self._evidence["tls"]["aes256_capable"]:
            self.close()
            with timed(self._timings, "aes256"):
                self._look_for_aes256()

    def _talk(self, context: Optional[ssl.SSLContext], timings: Dict[str, int]) -> Conversation:
        """Connect, read the greeting, say EHLO and, with a context, encrypt; what was learnt is in the evidence."""
        conversation = Conversation(self.connect(timings), self._deadline, self._secrets)
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

    def _ask(self, conversation: Conversation, purpose: str) -> None:
        recipient = getattr(self._check, purpose)
        if not recipient:
            return
        sender, key = mail_path(self._check.sender), PURPOSES[purpose][0]
        with timed(self._timings, key):
            asked = ask(conversation, sender, mail_path(recipient))
        self._evidence[key] = asked.evidence()
        verdict, code = judge_asked(asked, purpose)
        if code:
            facts = {"sender": f"<{sender}>", "recipient": f"<{mail_path(recipient)}>"}
            self.find(verdict, code, reply=str(asked.reply), advice=asked.meaning.advice, **facts)

    def mechanisms(self) -> List[str]:
        """The log-ins that count: those offered after encryption, where there was one."""
        clear, encrypted = self._evidence["capabilities"], self._evidence.get("capabilities_tls")
        found = smtp_auth.offered(clear if encrypted is None else encrypted)
        self._evidence["auth"] = {"mechanisms": found, "mechanisms_clear": smtp_auth.offered(clear) if encrypted is not None else []}
        return found

    def log_in(self, conversation: Conversation, mechanisms: List[str]) -> None:
        """Log in; the last finding says whether that went well."""
        mechanism = smtp_auth.pick(mechanisms)
        facts = {"username": printable(self._check.username, 260), "mechanism": mechanism}
        if not mechanism:
            listed = printable(", ".join(mechanisms), 200)
            return self.find("failed", "auth_mechanism_missing" if mechanisms else "auth_not_offered", offered=listed)
        reply = smtp_auth.log_in(conversation, mechanism, self._check.username, self._check.password)
        self._evidence["auth"].update(mechanism=mechanism, code=reply.code, text=reply.text)
        if reply.code == smtp_auth.SUCCESS:
            return self.find("ok", "ok_auth", **facts)
        verdict, code = smtp_auth.refusal(reply)
        return self.find(verdict, code, reply=str(reply), advice=UNKNOWN_MEANING.advice, **facts)

    def _look_for_aes256(self) -> None:
        """Another cipher was agreed, which may be the server's taste: connect once more and offer nothing but AES-256.

        How the service treats a server without it is not known, so that is degraded and not failed.
        """
        learnt = dict(self._evidence)  # from the first connection, which counts
        capable: Optional[bool] = True
        try:
            self._talk(tls.aes256_context(), {})
        except ProbeFailure as failure:
            refused = any(word in str(failure.facts.get("reason")) for word in tls.NO_CIPHER)
            capable = False if failure.code == "tls_handshake_failed" and refused else None
        self._evidence.clear()
        self._evidence.update(learnt)
        self._evidence["tls"]["aes256_capable"] = capable
        if capable is False:
            self.find("degraded", "aes256_missing", cipher=self._evidence["tls"]["cipher"])


def _local_name(sock: socket.socket) -> str:
    name = socket.gethostname()
    if "." in name and HELO.fullmatch(name):
        return name
    address = sock.getsockname()[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
