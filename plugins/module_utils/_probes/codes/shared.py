# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of every probe: the name, the way there, TLS, and the check itself."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    # name and network
    "name_not_found": "{target} has no address in the DNS; correct the host name, or create its A or AAAA record",
    "name_resolution_failed": "The DNS did not answer for {target} ({reason}); check the resolver of this machine and try again",
    "host_name_invalid": "{target} is no valid host name ({reason}); correct it",
    "connection_refused": "{target} refuses the connection; check that the server runs and listens on this port",
    "connection_timed_out": "{target} does not answer; check that the firewall lets this machine reach the port",
    "network_unreachable": "There is no way from here to {target} ({reason}); check the routing and firewall of this machine",
    # TLS
    "ok_strict": "{target} offers {protocol} with a trusted certificate for its name; nothing to do",
    "ok_relaxed": "{target} offers {protocol}, and relaxed asks for no more ({certificate}); nothing to do",
    "tls_version_too_old": "{target} offers no TLS 1.2 or newer ({reason}); enable TLS 1.2 on the server",
    "tls_handshake_failed": "{target} fails the TLS handshake ({reason}); check the certificate, key and ciphers of the server",
    "certificate_self_signed": "{target} presents a self-signed certificate; install one from a public CA, or declare it "
    "with tls relaxed meanwhile",
    "certificate_untrusted": "{target} presents a certificate whose chain ends at no trusted root ({reason}); install one from "
    "a public CA together with its intermediate certificates",
    "certificate_expired": "{target} presents an expired certificate ({reason}); renew it",
    "certificate_expires_soon": "{target} presents a certificate that expires in {days_left} days; renew it before",
    "certificate_not_yet_valid": "{target} presents a certificate that is not valid yet ({reason}); check the clocks, or install "
    "one that is valid today",
    "certificate_name_mismatch": "{target} presents a certificate for other names ({reason}); install one that carries this "
    "name, or declare a name that it carries",
    "certificate_invalid": "{target} presents a certificate that cannot be verified ({reason}); install a sound one",
    "no_trusted_roots": "Cannot verify {target}: there are no trusted roots here ({reason}); name a file of roots in ca_path",
    # the dialogue
    "greeting_timed_out": "{target} accepts the connection but sends no greeting in time; check the server's load, its DNS "
    "look-ups of clients, and that this port does not expect TLS at once",
    "reply_timed_out": "{target} did not answer {phase} in time; check the server's load and its log",
    "connection_closed": "{target} closed the connection during {phase}; see the server's log for the reason",
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
        "dns_unresolved",
        "resolver_missing",
        "resolver_silent",
        "resolver_refused",
        "resolver_broken",
        "no_trusted_roots",
        "auth_needs_tls",
        "check_invalid",
        "probe_error",
        "service_answered",
        "service_refused",
        "nothing_checked",
        "message_unknown",
    ]
)
