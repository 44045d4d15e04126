# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The log-in of SMTP (RFC 4954) by PLAIN (RFC 4616) and LOGIN. Who calls this has made sure of TLS."""

from __future__ import annotations

import base64
from typing import List, Optional, Sequence, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_dialogue import Conversation, Reply

MECHANISMS = ("PLAIN", "LOGIN")  # in the order in which they are tried
SUCCESS, CONTINUE, HANGS_UP = 235, 334, 421


def offered(capabilities: Sequence[str]) -> List[str]:
    """The mechanisms that EHLO lists, also in the old form `AUTH=PLAIN`; [] without AUTH."""
    found: List[str] = []
    for line in capabilities:
        words = line.upper().replace("=", " ").split()
        if words[:1] == ["AUTH"]:
            found += [word for word in words[1:] if word not in found]
    return found


def pick(mechanisms: Sequence[str]) -> Optional[str]:
    return next((mechanism for mechanism in MECHANISMS if mechanism in mechanisms), None)


def secrets_of(username: Optional[str], password: Optional[str]) -> Tuple[str, ...]:
    """What must not be shown should the server repeat it; the base64 of each counts as well."""
    return (password, _plain(username or "", password)) if password else ()


def log_in(conversation: Conversation, mechanism: str, username: str, password: str) -> Reply:
    """The last reply: code 235 for a success."""
    if mechanism == "PLAIN":
        token = _base64(_plain(username, password))
        reply = conversation.command(f"AUTH PLAIN {token}")
        return conversation.command(token, "AUTH") if reply.code == CONTINUE else reply
    reply = conversation.command("AUTH LOGIN")
    for word in (username, password):
        if reply.code == CONTINUE:
            reply = conversation.command(_base64(word), "AUTH")
    return reply


def refusal(reply: Reply) -> Tuple[str, str]:
    """Verdict and code of a log-in that failed."""
    if reply.code == HANGS_UP:
        return "failed", "service_unavailable"
    return ("degraded", "auth_deferred") if reply.transient else ("failed", "auth_refused")


def _plain(username: str, password: str) -> str:
    return f"\0{username}\0{password}"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
