# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reply to MAIL or RCPT is worth, by what was asked for; and which mechanisms EHLO offers."""

from __future__ import annotations

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import smtp_auth
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_dialogue import Reply
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_recipient import PURPOSES, Asked, judge_asked
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_texts import meaning_of

REPLIES = {
    "250 2.1.5 Ok": ("", "failed takes_anything", "failed open_relay"),
    "550 5.1.1 User unknown": ("failed recipient_refused", "ok ok_recipient_refused", "ok ok_relay_refused"),
    "550 Invalid Recipient": ("failed recipient_refused", "ok ok_recipient_refused", "ok ok_relay_refused"),
    "550 no": ("failed recipient_refused", "ok ok_recipient_refused", "ok ok_relay_refused"),
    "554 5.7.1 Relay access denied": ("failed recipient_refused", "degraded refused_otherwise", "ok ok_relay_refused"),
    "550 5.7.1 Client host blocked": ("failed recipient_refused", "degraded refused_otherwise", "degraded refused_otherwise"),
    "451 Open relay not allowed": ("degraded recipient_deferred", "degraded refusal_deferred", "ok ok_relay_refused"),
    "451 Internal resources are temporarily unavailable": ("degraded recipient_deferred", "degraded refusal_deferred", "degraded relay_deferred"),
    "530 5.7.0 Must issue a STARTTLS command first": ("failed tls_required",) * 3,
    "421 4.7.0 Too many errors": ("failed service_unavailable",) * 3,
}


def asked(text, who="recipient"):
    code, _space, rest = text.partition(" ")
    return Asked(who, Reply(int(code), (rest,)), meaning_of(int(code), rest))


@pytest.mark.parametrize("text", REPLIES)
def test_replies(text):
    for purpose, expected in zip(PURPOSES, REPLIES[text]):
        assert " ".join(judge_asked(asked(text), purpose)).strip() == expected, purpose


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize(("text", "expected"), [("550 no", "failed sender_refused"), ("450 later", "degraded sender_deferred")])
def test_a_refused_sender_proves_nothing_of_the_recipient(purpose, text, expected):
    assert " ".join(judge_asked(asked(text, "sender"), purpose)) == expected


@pytest.mark.parametrize(
    ("capabilities", "expected", "picked"),
    [
        ([], [], None),
        (["SIZE", "AUTHOR"], [], None),
        (["AUTH PLAIN LOGIN"], ["PLAIN", "LOGIN"], "PLAIN"),
        (["AUTH=LOGIN PLAIN", "AUTH LOGIN PLAIN"], ["LOGIN", "PLAIN"], "PLAIN"),
        (["AUTH login"], ["LOGIN"], "LOGIN"),
        (["AUTH CRAM-MD5 XOAUTH2"], ["CRAM-MD5", "XOAUTH2"], None),
        (["AUTH"], [], None),
    ],
    ids=str,
)
def test_mechanisms(capabilities, expected, picked):
    assert smtp_auth.offered(capabilities) == expected
    assert smtp_auth.pick(expected) == picked
