# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a probe answers: a value that says how it stands, in one word, one code and one sentence."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Mapping

SEVERITY = {"ok": 0, "degraded": 1, "unknown": 2, "failed": 3}

# Every code that a probe may answer, with its sentence: what is wrong, and what to do. Codes are stable; playbooks
# compare them. {target} is the name and port that was checked.
CODES: Dict[str, str] = {
    # good
    "ok_strict": "{target} offers {protocol} with a trusted certificate for its name; nothing to do",
    "ok_relaxed": "{target} offers {protocol}, and relaxed asks for no more ({certificate}); nothing to do",
    "ok_plain": "{target} answers as a mail server and offers STARTTLS; nothing to do",
    # name and network
    "name_not_found": "{target} has no address in the DNS; correct the host name, or create its A or AAAA record",
    "name_resolution_failed": "The DNS did not answer for {target} ({reason}); check the resolver of this machine and try again",
    "host_name_invalid": "{target} is no valid host name ({reason}); correct it",
    "connection_refused": "{target} refuses the connection; check that the mail server runs and listens on this port",
    "connection_timed_out": "{target} does not answer; check that the firewall lets this machine reach the port",
    "network_unreachable": "There is no way from here to {target} ({reason}); check the routing and firewall of this machine",
    # the dialogue
    "greeting_timed_out": "{target} accepts the connection but sends no greeting in time; check the server's load, its DNS "
    "look-ups of clients, and that this port does not expect TLS at once",
    "reply_timed_out": "{target} did not answer {phase} in time; check the server's load and its log",
    "connection_closed": "{target} closed the connection during {phase}; see the server's log for the reason",
    "not_smtp": "{target} does not answer like a mail server ({reason}); check that address and port are the mail server's",
    "service_unavailable": "{target} turns this client away: {reply}; {advice}",
    "ehlo_refused": "{target} refuses EHLO: {reply}; enable ESMTP on the server or on the firewall that inspects its traffic",
    # encryption
    "tls_not_offered": "{target} offers no STARTTLS; {advice}",
    "tls_required": "{target} accepts no mail without encryption: {reply}; declare the route with tls strict or relaxed",
    "starttls_refused": "{target} offers STARTTLS but refuses it: {reply}; check the certificate and key that the server loads",
    "starttls_injection": "{target} sent data in clear text after its reply to STARTTLS; something on the way may alter the "
    "dialogue, so update the server and check proxies and firewalls that inspect SMTP",
    "tls_version_too_old": "{target} offers no TLS 1.2 or newer ({reason}); enable TLS 1.2 on the server",
    "tls_handshake_failed": "{target} fails the TLS handshake ({reason}); check the certificate, key and ciphers of the server",
    "certificate_self_signed": "{target} presents a self-signed certificate; install one from a public CA, or declare the "
    "route with tls relaxed meanwhile",
    "certificate_untrusted": "{target} presents a certificate whose chain ends at no trusted root ({reason}); install one from "
    "a public CA together with its intermediate certificates",
    "certificate_expired": "{target} presents an expired certificate ({reason}); renew it",
    "certificate_expires_soon": "{target} presents a certificate that expires in {days_left} days; renew it before",
    "certificate_not_yet_valid": "{target} presents a certificate that is not valid yet ({reason}); check the clocks, or install "
    "one that is valid today",
    "certificate_name_mismatch": "{target} presents a certificate for other names ({reason}); install one that carries this "
    "name, or declare the route with a name that it carries",
    "certificate_invalid": "{target} presents a certificate that cannot be verified ({reason}); install a sound one",
    "no_trusted_roots": "Cannot verify {target}: there are no trusted roots here ({reason}); name a file of roots in ca_path",
    # sender and recipient
    "sender_refused": "{target} refuses the sender {sender}: {reply}; {advice}",
    "sender_deferred": "{target} defers the sender {sender}: {reply}; {advice}",
    "recipient_refused": "{target} refuses the recipient {recipient}: {reply}; {advice}",
    "recipient_deferred": "{target} defers the recipient {recipient}: {reply}; {advice}",
    # the check itself
    "check_invalid": "Cannot check {target}: {reason}; correct the check",
    "probe_error": "Cannot check {target}: {reason}; this is a fault of the probe, please report it",
    "service_answered": "The service answered for {target}; the fields of its answer are not published, so read it as it came",
    "service_refused": "The service gave no answer for {target} ({reason}); the check from this side stands alone",
    "nothing_checked": "There was nothing to check; declare at least one check",
}

# Codes that say nothing about the server, because the check could not be made.
UNDECIDED = frozenset(
    [
        "name_resolution_failed",
        "no_trusted_roots",
        "check_invalid",
        "probe_error",
        "service_answered",
        "service_refused",
        "nothing_checked",
    ]
)


@dataclass(frozen=True)
class Verdict:
    """verdict is ok, degraded, failed or unknown; code a key of CODES; message one sentence; evidence plain JSON data."""

    verdict: str
    code: str
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict not in SEVERITY:
            raise ValueError(f"{self.verdict!r} is no verdict; expected one of {', '.join(SEVERITY)}")
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is no code of a verdict; add it to CODES")

    def as_dict(self) -> Dict[str, Any]:
        """A copy in plain types, as it is returned by a module."""
        return {
            "verdict": self.verdict,
            "code": self.code,
            "message": self.message,
            "evidence": copy.deepcopy(dict(self.evidence)),
        }


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a code; a fact that is missing shows as a dash rather than raising."""
    return CODES[code].format_map(_Facts(facts))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of the verdicts, the first of equals: failed, then unknown, degraded, ok."""
    gravest = max(verdicts, key=lambda verdict: SEVERITY[verdict.verdict], default=None)
    return gravest or Verdict("unknown", "nothing_checked", CODES["nothing_checked"])


class _Facts(Dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "-"
