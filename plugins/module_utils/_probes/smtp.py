# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Is this mail server, or every one of this domain, reachable, encrypted as declared, and willing to take mail? Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import judge, shown_target
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_domain import DomainProbe
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_probe import SmtpProbe
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict


@dataclass(frozen=True)
class SmtpCheck:
    """One check of one mail server, or of all mail servers of a domain.

    host: the name that the certificate must carry; also sent as SNI. IDN is converted to its A-label form.
    domain: look up the MX and check each of those hosts, instead of naming one. Needs dnspython.
    resolver: with domain, `address` or `address:port` instead of the system's resolvers.
    address: connect to `address` or `address:port` instead of resolving the host, which need not be in the DNS then.
    tls: strict (STARTTLS, TLS 1.2+, trusted chain, name, dates), relaxed (STARTTLS, TLS 1.2+, any certificate) or
        none (greeting and EHLO). With implicit_tls, which encrypts from the first byte, none counts as relaxed.
    ca_path: file or folder of trusted roots that replaces the system's.
    recipient: try MAIL FROM:<sender> and RCPT TO:<recipient>, then RSET; there is never a DATA.
    refused_recipient: the same with one that does not exist, which must be refused.
    relay_recipient: the same with one in a foreign domain, which must be refused; asked before the log-in.
    username, password: log in with AUTH PLAIN or LOGIN, only where the connection is encrypted.
    helo: name for EHLO; this machine's name when empty, its address where that is no full name.
    timeout: seconds for the whole check.
    warn_days: a certificate that expires sooner is degraded.
    """

    host: str = ""
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
    domain: Optional[str] = None
    resolver: Optional[str] = None
    refused_recipient: Optional[str] = None
    relay_recipient: Optional[str] = None
    username: Optional[str] = None
    password: Optional[str] = field(default=None, repr=False)

    @property
    def target(self) -> str:
        """The server, or the domain, as it appears in messages."""
        if not self.domain:
            return shown_target(self.host, self.port, self.address)
        domain = printable(str(self.domain), 260)
        return f"{shown_target(self.host, self.port, None)} (for {domain})" if self.host else domain


def check_smtp(check: SmtpCheck) -> Verdict:
    """The verdict on one mail server, or on all of a domain, within check.timeout; never raises.

    evidence of a server: target, peer, addresses [{address, result}], greeting, capabilities, capabilities_tls, tls {protocol,
    cipher, bits, aes256_capable}, certificate {subject, issuer, names, names_total, not_before, not_after, days_left,
    self_signed, problems}, verification {code, reason}, auth {mechanisms, mechanisms_clear, mechanism, code, text}, rcpt,
    rcpt_refused and rcpt_relay {command, code, text, meaning}, timings_ms {resolve, connect, greeting, starttls, auth, rcpt,
    rcpt_refused, rcpt_relay, inspect, aes256}, findings (all, where there are several).
    evidence of a domain: target, mx_total, implicit_mx, timings_ms {mx}, findings, servers [{host, preference, verdict, code,
    message, evidence}]. Keys are missing where the check did not get so far.
    """
    return judge(DomainProbe if check.domain else SmtpProbe, check)
