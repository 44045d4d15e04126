# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Codes of the smtp probe."""

from __future__ import annotations

from typing import Dict

CODES: Dict[str, str] = {
    # good
    "ok_plain": "{target} answers as a mail server and offers STARTTLS; nothing to do",
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
    # sender and recipient
    "sender_refused": "{target} refuses the sender {sender}: {reply}; {advice}",
    "sender_deferred": "{target} defers the sender {sender}: {reply}; {advice}",
    "recipient_refused": "{target} refuses the recipient {recipient}: {reply}; {advice}",
    "recipient_deferred": "{target} defers the recipient {recipient}: {reply}; {advice}",
}
