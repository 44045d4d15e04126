# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Would mail for this recipient be accepted? Asked with MAIL, RCPT and RSET; there is never a DATA."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, NamedTuple, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_dialogue import Conversation, Reply
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_texts import Meaning, meaning_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable

# Meanings of a refusal that is about the recipient itself; anything else would have been refused for any recipient.
ABOUT_RECIPIENT = ("recipient_unknown", "other")
ABOUT_RELAYING = (*ABOUT_RECIPIENT, "relay_denied", "open_relay", "authentication_required", "authentication_failed")


class Asked(NamedTuple):
    """Who was refused or, with the recipient, accepted (`sender` or `recipient`), the reply, and what it means."""

    who: str
    reply: Reply
    meaning: Meaning

    def evidence(self) -> Dict[str, Any]:
        reply = self.reply
        shown = {"command": "MAIL" if self.who == "sender" else "RCPT", "code": reply.code, "text": reply.text}
        return shown if reply.positive else {**shown, "meaning": self.meaning.word}


Found = Tuple[str, str]  # verdict and code; "" and "" where there is nothing to say


def ask(conversation: Conversation, sender: str, recipient: str) -> Asked:
    """Offer mail, and take the offer back. Both are paths as mail_path gives them."""
    who, reply = "sender", conversation.command(f"MAIL FROM:<{sender}>")
    if reply.positive:
        who, reply = "recipient", conversation.command(f"RCPT TO:<{recipient}>")
    try:
        conversation.command("RSET")
    except ProbeFailure:
        pass  # the answer is known, and the server forgets the rest with the connection
    return Asked(who, reply, meaning_of(reply.code, reply.text))


def _wanted(asked: Asked) -> Found:
    """The recipient is one who gets mail."""
    if asked.reply.positive:
        return "", ""
    return ("degraded", "recipient_deferred") if asked.reply.transient else ("failed", "recipient_refused")


def _unwanted(asked: Asked) -> Found:
    """The recipient does not exist."""
    if asked.reply.positive:
        return "failed", "takes_anything"
    if asked.reply.transient:
        return "degraded", "refusal_deferred"
    return ("ok", "ok_recipient_refused") if asked.meaning.word in ABOUT_RECIPIENT else ("degraded", "refused_otherwise")


def _foreign(asked: Asked) -> Found:
    """The recipient is in a domain that is none of the server's. The service refuses relaying with a 451."""
    if asked.reply.positive:
        return "failed", "open_relay"
    if asked.reply.transient and asked.meaning.word != "open_relay":
        return "degraded", "relay_deferred"
    return ("ok", "ok_relay_refused") if asked.meaning.word in ABOUT_RELAYING else ("degraded", "refused_otherwise")


# option of a check -> key in the evidence, and what the answer is worth
PURPOSES: Dict[str, Tuple[str, Callable[[Asked], Found]]] = {
    "recipient": ("rcpt", _wanted),
    "refused_recipient": ("rcpt_refused", _unwanted),
    "relay_recipient": ("rcpt_relay", _foreign),
}


def judge_asked(asked: Asked, purpose: str) -> Found:
    """Verdict and code for an answer; some are the same whoever the recipient is."""
    if asked.reply.code == 421:
        return "failed", "service_unavailable"
    if not asked.reply.positive and asked.meaning.word == "tls_required":
        return "failed", "tls_required"
    if asked.who == "sender":
        return ("degraded", "sender_deferred") if asked.reply.transient else ("failed", "sender_refused")
    return PURPOSES[purpose][1](asked)


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
