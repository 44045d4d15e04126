# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of the smtp probe."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    # good
    "ok_plain": "{target} answers as a mail server and offers STARTTLS; nothing to do",
    "ok_domain": "Every mail server of {target} passes ({hosts}); nothing to do",
    "ok_auth": "{target} lets {username} in by AUTH {mechanism}; nothing to do",
    "ok_recipient_refused": "{target} refuses the recipient {recipient}, as it should; nothing to do",
    "ok_relay_refused": "{target} refuses to relay to {recipient}, as it should; nothing to do",
    # the servers of a domain
    "takes_no_mail": "{target} says in the DNS that it takes no mail (null MX); leave it out, or publish its mail servers as MX",
    "no_mail_server": "{target} has neither an MX record nor an address, so no mail can reach it; publish an MX record",
    "mx_unchecked": "{target} has {count} mail servers that were not looked at ({reason}); {advice}",
    # the dialogue
    "not_smtp": "{target} does not answer like a mail server ({reason}); check that address and port are the mail server's",
    "service_unavailable": "{target} turns this client away: {reply}; {advice}",
    "ehlo_refused": "{target} refuses EHLO: {reply}; enable ESMTP on the server or on the firewall that inspects its traffic",
    # encryption
    "tls_not_offered": "{target} offers no STARTTLS; {advice}",
    "tls_required": "{target} accepts no mail without encryption: {reply}; declare the route with tls strict or relaxed",
    "starttls_refused": "{target} offers STARTTLS but refuses it: {reply}; check the certificate and key that the server loads",
    "starttls_injection": "{target} sent data in clear text after its reply to STARTTLS; something on the way may alter the "
    "dialogue, so update the server and check proxies and firewalls that inspect SMTP",
    "aes256_missing": "{target} agrees to {cipher} but to no cipher with AES-256, which the service names for enforced TLS; enable "
    "ciphers with AES-256 on the server",
    # the log-in
    "auth_needs_tls": "No password is sent to {target} in clear text, which tls none asks for; declare the check with tls strict or relaxed",
    "auth_not_offered": "{target} offers no AUTH; enable it on this port, or check the port where users submit mail",
    "auth_mechanism_missing": "{target} offers neither AUTH PLAIN nor LOGIN (it offers {offered}); enable one of them for encrypted connections",
    "auth_refused": "{target} refuses the user name or the password of {username}: {reply}; correct them (the server's log tells which)",
    "auth_deferred": "{target} cannot judge the password of {username} now: {reply}; check the server's user database and try again",
    # sender and recipient
    "sender_refused": "{target} refuses the sender {sender}: {reply}; {advice}",
    "sender_deferred": "{target} defers the sender {sender}: {reply}; {advice}",
    "recipient_refused": "{target} refuses the recipient {recipient}: {reply}; {advice}",
    "recipient_deferred": "{target} defers the recipient {recipient}: {reply}; {advice}",
    "takes_anything": "{target} accepts the recipient {recipient}, which does not exist; enable recipient validation on the server",
    "refusal_deferred": "{target} defers the recipient {recipient} instead of refusing it: {reply}; {advice}",
    "refused_otherwise": "{target} refuses the recipient {recipient}, but for a reason that proves nothing: {reply}; {advice}",
    "open_relay": "{target} accepts mail from here for the foreign {recipient}; let it relay only for those who may, and if this machine "
    "is one of them, look from another",
    "relay_deferred": "{target} defers mail for the foreign {recipient} instead of refusing it: {reply}; {advice}",
}
