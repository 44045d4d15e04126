# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What all probes share: findings that become one verdict, and TLS seen first as a strict peer, then with open eyes."""

from __future__ import annotations

import math
import socket
import ssl
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar

from ansible_collections.mimecast.connect.plugins.module_utils._probes import net, tls
from ansible_collections.mimecast.connect.plugins.module_utils._probes.certificate import Certificate
from ansible_collections.mimecast.connect.plugins.module_utils._probes.codes.shared import UNDECIDED
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict, sentence, worst

# Relaxed mode forgives every certificate, but dates that are wrong are neglect and worth a word.
DEGRADING = {"certificate_expired", "certificate_not_yet_valid"}

Talk = TypeVar("Talk")


def shown_target(host: str, port: int, address: Optional[str]) -> str:
    """Name and port, and where they were looked for, as they appear in messages."""
    shown = net.join_address(printable(str(host), 260), port)
    return f"{shown} (at {printable(str(address), 100)})" if address else shown


class Probe:
    """One check on its way to a verdict. Subclasses have ``run``, which finds, or raises ProbeFailure."""

    def __init__(self, check: Any) -> None:
        self._check = check
        self._target = check.target
        self._timings: Dict[str, int] = {}
        self._evidence: Dict[str, Any] = {"target": self._target, "timings_ms": self._timings}
        self._findings: List[Verdict] = []

    def run(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Let go of everything that is open."""

    def find(self, verdict: str, code: str, **facts: Any) -> None:
        """Note a finding; the gravest will be the verdict."""
        message = sentence(code, {"target": self._target, **facts})
        self._findings.append(Verdict(verdict, code, message))

    def fail(self, failure: ProbeFailure) -> None:
        """Note what ended the check."""
        self.find("unknown" if failure.code in UNDECIDED else "failed", failure.code, **failure.facts)

    def verdict(self) -> Verdict:
        """The first of the gravest findings; when all is well the last, which is what the check was for."""
        gravest = worst(self._findings)
        if gravest.verdict == "ok":
            gravest = self._findings[-1]
        if len(self._findings) > 1:
            rows = [{"verdict": one.verdict, "code": one.code, "message": one.message} for one in self._findings]
            self._evidence["findings"] = rows
        return Verdict(gravest.verdict, gravest.code, gravest.message, self._evidence)


def judge(kind: Callable[[Any], Probe], check: Any) -> Verdict:
    """The verdict of a probe; never raises. A report on a thousand servers must not end with one of them."""
    probe = kind(check)
    try:
        probe.run()
    except ProbeFailure as failure:
        probe.fail(failure)
    except Exception as exc:
        probe.find("unknown", "probe_error", reason=printable(f"{type(exc).__name__}: {exc}", 300))
    finally:
        probe.close()
    return probe.verdict()


class SocketProbe(Probe):
    """A probe of one server: host, port, address, timeout and, where it encrypts, tls, ca_path and warn_days."""

    _session: tls.Session  # the latest one; set by encrypt

    def locate(self) -> None:
        """Check what every such check has, start its deadline, and look its name up."""
        check = self._check
        if not 0 < check.port < 65536:
            raise ProbeFailure("check_invalid", reason="a port is a number from 1 to 65535")
        if not (math.isfinite(check.timeout) and check.timeout > 0):
            raise ProbeFailure("check_invalid", reason="timeout is a positive number of seconds")
        self._deadline = Deadline(check.timeout)
        self._host = net.to_alabel(check.host)
        where, port = net.split_address(check.address, check.port) if check.address else (self._host, check.port)
        with timed(self._timings, "resolve"):
            self._addresses: List[Tuple[int, Any]] = self.look_up(net.to_alabel(where), port)

    def look_up(self, host: str, port: int) -> List[Tuple[int, Any]]:
        """The addresses of the host, as net.resolve gives them."""
        return net.resolve(host, port, self._deadline)

    def connect(self, timings: Dict[str, int]) -> socket.socket:
        """A socket to the first address that answers; evidence: peer, addresses."""
        tried: List[Dict[str, str]] = []
        self._evidence["addresses"] = tried
        with timed(timings, "connect"):
            sock = net.connect(self._addresses, self._deadline, tried)
        self._evidence["peer"] = tried[-1]["address"]
        return sock

    def encrypt(self, sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """The encrypted socket; evidence: tls, certificate."""
        self._session = tls.handshake(sock, context, self._host, self._deadline)
        self._describe([])
        return self._session.sock

    def talk_encrypted(self, talk: Callable[[Optional[ssl.SSLContext], Dict[str, int]], Talk]) -> Optional[Talk]:
        """Talk as a strict peer; if that fails in TLS, once more with open eyes to see what the server presents.

        ``talk`` connects, calls encrypt with the context it is given, and notes its timings. The result is what it
        returned, or None where the mode allows no more.
        """
        try:
            found = talk(tls.strict_context(self._check.ca_path), self._timings)
        except ProbeFailure as failure:
            if self._worth_a_second_look(failure):
                return self._inspect(failure, talk)
            raise
        session = self._session
        if self._check.tls == "strict":
            self.find("ok", "ok_strict", protocol=session.protocol)
        else:
            self.find("ok", "ok_relaxed", protocol=session.protocol, certificate="the certificate would pass strict as well")
        self._warn_expiry(session.certificate)
        return found

    def _worth_a_second_look(self, failure: ProbeFailure) -> bool:
        if failure.code == "no_trusted_roots":  # relaxed can do without the system's, but not with a wrong ca_path
            return self._check.tls != "strict" and not self._check.ca_path
        in_tls = failure.code.startswith(("tls_handshake", "tls_version", "certificate_"))
        return in_tls and "timed_out" not in failure.facts

    def _inspect(self, failure: ProbeFailure, talk: Callable[[Optional[ssl.SSLContext], Dict[str, int]], Talk]) -> Optional[Talk]:
        self._evidence["verification"] = {"code": failure.code, "reason": failure.facts.get("reason", "")}
        with timed(self._timings, "inspect"):
            try:
                found = talk(tls.lenient_context(), {})
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
        return found

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
