# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of mail: tracked messages, which the API finds, and a log of all attempts for tests."""
from __future__ import annotations

import email
import email.policy
import email.utils
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from ..evidence import MESSAGES
from ..groups_model import domain_of, now
from ..resources import Body
from ..state import State
from . import rules
from .routing import Hop
from .sender import Outcome

_ENCRYPTED = {True: "Encrypted (TLS)", False: "Not Encrypted"}


@dataclass
class Message:
    """One message as a listener got it. `content` is None for an attempt that ended before DATA."""

    listener: str
    client: rules.Client
    sender: str
    recipients: list[str]
    content: bytes | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    policies: dict[str, Hop] = field(default_factory=dict)

    def parsed(self) -> EmailMessage:
        found = email.message_from_bytes(self.content or b"", policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def header_from(self) -> str:
        return email.utils.parseaddr(str(self.parsed().get("From", "")))[1]


def attempt(state: State, message: Message, reply: str, code: str | None) -> None:
    """Log it for tests, and for the tenant that it concerns, if there is one."""
    state.mail_log.append({
        "listener": message.listener, "client": message.client.address, "hello": message.client.hello, "tls": message.client.encrypted,
        "login": message.client.login[1] if message.client.login else None, "from": message.sender, "to": message.recipients,
        "tenant": code, "reply": reply, "delivered": {name: found.text for name, found in message.outcomes.items()}})
    if code:
        _track(state, message, reply, code)


def _track(state: State, message: Message, reply: str, code: str) -> None:
    row = {**MESSAGES.defaults, "status": _status(state, message, reply, code), "route": _way(state, message, code),
           "senderIP": rules.public_address(state.address_book, message.client.address), "received": now(),
           "fromEnv": {"emailAddress": message.sender}, "to": [{"emailAddress": one} for one in message.recipients],
           "info": _info(message, reply)}
    if message.content is not None:
        row.update(_heads(message))
    state.store.insert(code, MESSAGES.kind, [row])


def _status(state: State, message: Message, reply: str, code: str) -> str:
    """Assumption: taken mail is archived where the account has an archive, and accepted elsewhere."""
    if message.content is None or (reply[0] != "2" and not message.outcomes):
        return "rejected"
    if reply[0] == "2":
        account = (state.store.tenant(code) or {}).get("account", {})
        return "archived" if message.listener == "journal" or account.get("archive") else "accepted"
    return "deferred" if reply[0] == "4" else "bounced"


def _way(state: State, message: Message, code: str) -> str:
    inside = [bool(rules.internal_domain(state, code, domain_of(one))) for one in (message.sender, message.recipients[0])]
    return {(True, True): "internal", (True, False): "outbound", (False, True): "inbound"}.get((inside[0], inside[1]), "external")


def _heads(message: Message) -> Body:
    found = message.parsed()
    name, address = email.utils.parseaddr(str(found.get("From", "")))
    heads: dict[str, Any] = {"subject": str(found.get("Subject", "")), "messageId": str(found.get("Message-ID", "")),
                             "attachments": any(found.iter_attachments()) if found.is_multipart() else False,
                             "fromHdr": {"displayableName": name, "emailAddress": address},
                             "content": (message.content or b"").decode("utf-8", "replace")}
    return {key: value for key, value in heads.items() if value != ""}


def _info(message: Message, reply: str) -> Body:
    """Both legs in the words that were seen in answers of the service; what they hold besides is an assumption."""
    incoming = {"deliveryType": _ENCRYPTED[message.client.encrypted], "remoteIp": message.client.address,
                "remoteServer": message.client.hello, "txEvent": reply}
    delivered = {recipient: {"policyInfo": _policies(message, recipient), "txInfo": {
        "deliveryType": _ENCRYPTED[found.encrypted], "remoteIp": found.address, "remoteServer": found.host, "txEvent": found.text}}
        for recipient, found in message.outcomes.items()}
    return {"recipientInfo": {"txInfo": incoming}, **({"deliveredMessage": delivered} if delivered else {})}


def _policies(message: Message, recipient: str) -> list[Body]:
    hop = message.policies.get(recipient)
    return [{"policyType": "Delivery Routing", "policyName": hop.policy, "inherited": False}] if hop and hop.policy else []
