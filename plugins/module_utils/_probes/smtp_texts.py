# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What mail servers mean by their refusals: known texts, each with a stable word and advice for a person.

The texts of the service are those of reference/service-facts.md, sections 4 and 10; the others are common servers' own.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Pattern, Tuple


class Meaning(NamedTuple):
    """word is stable, for playbooks; advice is the second half of a sentence."""

    word: str
    advice: str


UNKNOWN_MEANING = Meaning("other", "see the server's log for the reason")


def meaning_of(code: int, text: str) -> Meaning:
    """The first row that fits the reply, or UNKNOWN_MEANING."""
    for codes, pattern, meaning in _KNOWN:
        if code in codes and pattern.search(text):
            return meaning
    return UNKNOWN_MEANING


def _row(codes: str, pattern: str, word: str, advice: str) -> Tuple[Tuple[int, ...], Pattern[str], Meaning]:
    return tuple(int(code) for code in codes.split()), re.compile(pattern, re.IGNORECASE), Meaning(word, advice)


_KNOWN = [
    # the service
    _row("421", "sender address blocked", "sender_blocked", "remove the sender from the block list"),
    _row("451", "open relay not allowed", "open_relay",
         "sender and recipient are both foreign to the account, or this machine is no authorized outbound address: add it"),
    _row("451", "recipients? temporarily unavailable", "source_blocked",
         "this machine is blocked after too many bad connections: repair what connects so often, then wait"),
    _row("451", "temporarily blacklisted", "source_over_limit", "this machine sent more than its limit: send less, then wait"),
    _row("451", "(inbounds?|outbounds?).{0,20} disabled", "account_disabled", "enable the account's mail flow in the console"),
    _row("451", "hostname is not authori[sz]ed", "hostname_not_authorized", "authorize the host name, or correct what HELO says"),
    _row("451", "internal resources? (is|are)? ?temporarily unavailable", "greylisted",
         "it is greylisted: try again after 1 minute, and within 12 hours"),
    _row("451", "account service is temporarily unavailable", "too_many_connections",
         "there are too many connections at once (20 by default): open fewer, the block ends after 5 minutes"),
    _row("452", "too many recipients", "too_many_recipients", "send to at most 100 recipients per message"),
    _row("554", "mail loop", "mail_loop", "correct the routes: the message came through 25 hops"),
    _row("535 550", "failed to authenticate", "authentication_failed", "log on: the submission port demands it"),
    _row("550", "invalid recipient", "recipient_unknown", "create the address, or check recipient validation and its directory"),
    _row("550", "(spf|dkim|dmarc).{0,40}invalid", "sender_authentication", "correct the SPF, DKIM or DMARC record of the sender"),
    _row("550", "anti-?spoofing", "anti_spoofing", "send from an authorized address, or take the sender out of the policy"),
    _row("550 553", "requires encryption", "tls_required", "use TLS"),
    _row("550 553", "tls version 1\\.2", "tls_version_too_old", "enable TLS 1.2 or newer"),
    _row("550 553", "high-strength ciphers?", "weak_cipher", "enable ciphers with AES-256"),
    _row("550 554", "configuration is invalid for this certificate", "certificate_refused",
         "install a certificate that fits the TLS policy of the route"),
    _row("552 554", "maximum.{0,30}size|size.{0,30}maximum", "too_large", "send smaller messages"),
    # common mail servers
    _row("530", "starttls|\\btls\\b|encrypt", "tls_required", "use TLS"),
    _row("530 535 550 554", "authenticat", "authentication_required", "use a listener that takes mail without log-on"),
    _row("450 451 452", "gr[ae]y-?list", "greylisted", "it is greylisted: try again in some minutes"),
    _row("421 450 451 452 554", "too many (concurrent )?connections|too many sessions", "too_many_connections",
         "open fewer connections at once"),
    _row("550 551 553 554", "relay(ing)? (access )?denied|relaying not|unable to relay|not permitted to relay", "relay_denied",
         "let the server accept the domain from this machine"),
    _row("421 450 451 550 553 554", "black-?list|block-?list|blocked|client host rejected|access denied", "source_blocked",
         "allow this machine's address on the server"),
    _row("450 550 551 553 554", "user (is )?unknown|unknown user|no such (user|recipient)|does(n't| not) exist|recipientnotfound|"
         "5\\.1\\.1\\b|mailbox (not found|unavailable)|recipient (address )?(not found|rejected)", "recipient_unknown",
         "create the address, or correct it"),
    _row("452 552", "mailbox full|over quota|insufficient", "no_space", "make room on the server"),
]  # fmt: skip
