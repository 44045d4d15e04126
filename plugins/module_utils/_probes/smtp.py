# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Is this mail server reachable, encrypted as declared, and willing to take mail for this recipient? Nothing is sent."""

from __future__ import annotations

import math
import re
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes import net, tls
from ansible_collections.mimecast.connect.plugins.module_utils._probes.certificate import Certificate
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_dialogue import Conversation, Reply
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_texts import UNKNOWN_MEANING, meaning_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import UNDECIDED, Verdict, sentence, worst

MODES = ("strict", "relaxed", "none")
HELO = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
NO_TLS = "enable TLS on the server or declare the route with tls none"
NO_TLS_DECLARED = "mail travels in clear text as declared, so enable TLS on the server when you can"
# Relaxed mode forgives every certificate, but dates that are wrong are neglect and worth a word.
DEGRADING = {"certificate_expired", "certificate_not_yet_valid"}


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
        shown = net.join_address(printable(str(self.host), 260), self.port)
        return f"{shown} (at {printable(str(self.address), 100)})" if self.address else shown


def check_smtp(check: SmtpCheck) -> Verdict:
    """The verdict on one mail server, within check.timeout; never raises.

    evidence: target, peer, addresses [{address, result}], greeting, capabilities, capabilities_tls, tls {protocol, cipher,
    bits, aes256_capable}, certificate {subject, issuer, names, names_total, not_before, not_after, days_left, self_signed,
    problems}, verification {code, reason}, rcpt {command, code, text, meaning}, timings_ms {resolve, connect, greeting,
    starttls, rcpt, inspect}, findings (all, where there are several). Keys are missing where the check did not get so far.
    """
    probe = _Probe(check)
    try:
        probe.run()
    except ProbeFailure as failure:
        probe.fail(failure)
    except Exception as exc:  # a report on a thousand servers must not end with one of them
        probe.find("unknown", "probe_error", reason=printable(f"{type(exc).__name__}: {exc}", 300))
    finally:
        probe.close()
    return probe.verdict()


class _Probe:
    def __init__(self, check: SmtpCheck) -> None:
        self._check = check
        self._target = check.target
        self._timings: Dict[str, int] = {}
        self._evidence: Dict[str, Any] = {"target": self._target, "timings_ms": self._timings}
        self._findings: List[Verdict] = []
        self._open: List[Conversation] = []
        self._session: tls.Session  # the latest one; set by the handshake

    def run(self) -> None:
        check = self._check
        self._validate()
        self._deadline = Deadline(check.timeout)
        self._host = net.to_alabel(check.host)
        self._encrypt = check.implicit_tls or check.tls != "none"
        where, port = net.split_address(check.address, check.port) if check.address else (self._host, check.port)
        with timed(self._timings, "resolve"):
            self._addresses = net.resolve(net.to_alabel(where), port, self._deadline)
        if self._encrypt:
            conversation = self._run_encrypted()
        else:
            conversation = self._talk(None, self._timings)
            offered = "STARTTLS" in self._evidence["capabilities"]
            self.find("ok", "ok_plain") if offered else self.find("degraded", "tls_not_offered", advice=NO_TLS_DECLARED)
        if conversation and check.recipient:
            with timed(self._timings, "rcpt"):
                self._ask_recipient(conversation)

    def find(self, verdict: str, code: str, **facts: Any) -> None:
        message = sentence(code, {"target": self._target, **facts})
        self._findings.append(Verdict(verdict, code, message))

    def fail(self, failure: ProbeFailure) -> None:
        facts = {"advice": UNKNOWN_MEANING.advice, **failure.facts}
        self.find("unknown" if failure.code in UNDECIDED else "failed", failure.code, **facts)

    def verdict(self) -> Verdict:
        gravest = worst(self._findings)
        if len(self._findings) > 1:
            rows = [{"verdict": one.verdict, "code": one.code, "message": one.message} for one in self._findings]
            self._evidence["findings"] = rows
        return Verdict(gravest.verdict, gravest.code, gravest.message, self._evidence)

    def close(self) -> None:
        for conversation in self._open:
            conversation.close()

    def _validate(self) -> None:
        check = self._check
        if check.tls not in MODES:
            raise ProbeFailure("check_invalid", reason=f"tls is one of {', '.join(MODES)}")
        if not 0 < check.port < 65536:
            raise ProbeFailure("check_invalid", reason="a port is a number from 1 to 65535")
        if not (math.isfinite(check.timeout) and check.timeout > 0):
            raise ProbeFailure("check_invalid", reason="timeout is a positive number of seconds")
        if check.helo and not HELO.fullmatch(check.helo):
            raise ProbeFailure("check_invalid", reason="helo is a host name or an address in brackets")
        self._sender = mail_path(check.sender)
        self._recipient = mail_path(check.recipient or "")

    def _run_encrypted(self) -> Optional[Conversation]:
        """First as a strict peer; if that fails in TLS, once more with open eyes to see what the server presents."""
        try:
            conversation = self._talk(tls.strict_context(self._check.ca_path), self._timings)
        except ProbeFailure as failure:
            if self._worth_a_second_look(failure):
                return self._inspect(failure)
            raise
        session = self._session
        if self._check.tls == "strict":
            self.find("ok", "ok_strict", protocol=session.protocol)
        else:
            self.find("ok", "ok_relaxed", protocol=session.protocol, certificate="the certificate would pass strict as well")
        self._warn_expiry(session.certificate)
        return conversation

    def _worth_a_second_look(self, failure: ProbeFailure) -> bool:
        if failure.code == "no_trusted_roots":  # relaxed can do without the system's, but not with a wrong ca_path
            return self._check.tls != "strict" and not self._check.ca_path
        in_tls = failure.code.startswith(("tls_handshake", "tls_version", "certificate_"))
        return in_tls and "timed_out" not in failure.facts

    def _inspect(self, failure: ProbeFailure) -> Optional[Conversation]:
        """The second look; the conversation if relaxed mode may go on with it."""
        self._evidence["verification"] = {"code": failure.code, "reason": failure.facts.get("reason", "")}
        with timed(self._timings, "inspect"):
            try:
                conversation = self._talk(tls.lenient_context(), {})
            except ProbeFailure as again:
                raise failure from again
        session = self._session
        problems = tls.problems_of(session.certificate, self._host, datetime.now(timezone.utc))
        if failure.code.startswith("certificate_") and failure.code not in problems:
            problems.insert(0, failure.code)
        self._describe(problems)
        if session.protocol not in tls.MODERN:
            raise ProbeFailure("tls_version_too_old", reason=f"it agreed on {session.protocol}")
        if self._check.tls == "strict":
            self.find("failed", failure.code, **{**failure.facts, "reason": self._reason(failure.code, failure.facts["reason"])})
            return None
        named = " and ".join(problem.replace("certificate_", "").replace("_", " ") for problem in problems)
        named = f"certificate problem: {named}" if named else f"strict would fail: {failure.facts['reason']}"
        self.find("ok", "ok_relaxed", protocol=session.protocol, certificate=named)
        for problem in problems:
            if problem in DEGRADING:
                self.find("degraded", problem, reason=self._reason(problem, ""))
        if "certificate_expired" not in problems:
            self._warn_expiry(session.certificate)
        return conversation

    def _talk(self, context: Optional[ssl.SSLContext], timings: Dict[str, int]) -> Conversation:
        """Connect, read the greeting, say EHLO and, with a context, encrypt; what was learnt is in the evidence."""
        tried: List[Dict[str, str]] = []
        self._evidence["addresses"] = tried
        with timed(timings, "connect"):
            sock = net.connect(self._addresses, self._deadline, tried)
        conversation = Conversation(sock, self._deadline)
        self._open.append(conversation)
        self._evidence["peer"] = tried[-1]["address"]
        if context and self._check.implicit_tls:
            with timed(timings, "starttls"):
                self._encrypt_now(conversation, context)
        with timed(timings, "greeting"):
            self._greet(conversation)
        helo = self._check.helo or _local_name(conversation.sock)
        self._evidence["capabilities"] = conversation.ehlo(helo)
        if context and not self._check.implicit_tls:
            with timed(timings, "starttls"):
                self._request_tls(conversation)
                self._encrypt_now(conversation, context)
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

    def _encrypt_now(self, conversation: Conversation, context: ssl.SSLContext) -> None:
        self._session = tls.handshake(conversation.sock, context, self._host, self._deadline)
        conversation.upgrade(self._session.sock)
        self._describe([])

    def _describe(self, problems: List[str]) -> None:
        session = self._session
        self._evidence["tls"] = session.describe()
        if session.certificate:
            shown = session.certificate.as_dict(datetime.now(timezone.utc))
            self._evidence["certificate"] = {**shown, "problems": problems}

    def _reason(self, code: str, otherwise: str) -> str:
        """What the certificate itself says about the problem, which helps more than OpenSSL's words."""
        shown = self._evidence.get("certificate")
        if not shown or code not in shown["problems"]:
            return otherwise
        own = {
            "certificate_expired": f"it ended on {shown['not_after']}" if shown["days_left"] < 0 else "",
            "certificate_not_yet_valid": f"it begins on {shown['not_before']}",
            "certificate_name_mismatch": f"it carries {', '.join(shown['names'][:5]) or 'no names'}",
        }
        return own.get(code) or otherwise

    def _warn_expiry(self, certificate: Optional[Certificate]) -> None:
        days_left = certificate.days_left(datetime.now(timezone.utc)) if certificate else self._check.warn_days
        if days_left < self._check.warn_days:
            self.find("degraded", "certificate_expires_soon", days_left=days_left)

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
