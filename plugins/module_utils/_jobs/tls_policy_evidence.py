# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What recent messages show of the TLS policies: whether one is named on them, and whether the connection was encrypted.

Which words the service uses for policies and connections is known from one recorded answer only. What is not among them counts as
unknown, never as a proof.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._engine import times, values
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.evidence import details, head, span, tracked
from ansible_collections.mimecast.connect.plugins.module_utils._resources.evidence import MOST_MESSAGES

DELIVERY, RECEIPT = "Secure Delivery", "Secure Receipt"
TYPES = (DELIVERY, RECEIPT)
EVIDENCE_SPEC = {
    "type": "dict",
    "options": {"start": {"type": "str", "default": "1d"}, "max_messages": {"type": "int", "default": 20}},
}
NOTHING = {"encrypted": None, "delivery_type": None}
RECORD = ("received", "from", "to", "policy", "encrypted", "delivery_type")


@dataclass
class Sight:
    """What was seen of one policy: of how many messages, and of the one that says most."""

    mode: str
    type: str
    policy: str
    domains: frozenset[str] = field(repr=False)
    looked_at: int = 0
    encrypted: dict[bool | None, int] = field(default_factory=lambda: {True: 0, False: 0, None: 0})
    best: dict[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """A message names the policy and its connection was encrypted."""
        return self.best.get("encrypted") is True

    @property
    def contradicted(self) -> bool:
        """A message names the policy, and its connection was not encrypted."""
        return self.best.get("encrypted") is False

    def concerns(self, message: dict[str, Any]) -> bool:
        """Mail to an enforced domain shows the delivery, mail from one the receipt."""
        return bool(self._parties(message))

    def look(self, message: dict[str, Any]) -> None:
        """Take in a message with its details; the best to know is a named policy with an encrypted connection, then a plain one."""
        self.looked_at += 1
        for leg in self._legs(message):
            self.encrypted[leg["encrypted"]] += 1
            name = self._named(message, leg["recipient"])
            if name:
                self._keep(message, name, leg)

    def _parties(self, message: dict[str, Any]) -> list[str]:
        people = message["to"] if self.type == DELIVERY else [message["from_envelope"]]
        return [person for person in people if person and _domain_of(person) in self.domains]

    def _legs(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """The connections that count; where the message tells none, one of which nothing is known."""
        if self.type == RECEIPT:
            return [leg for leg in message["legs"] if leg["direction"] == "in"] or [{**NOTHING, "recipient": None}]
        out = {str(leg["recipient"]).casefold(): leg for leg in message["legs"] if leg["direction"] == "out"}
        return [out.get(person.casefold(), {**NOTHING, "recipient": person}) for person in self._parties(message)]

    def _named(self, message: dict[str, Any], recipient: str | None) -> str:
        """The name of the policy if it is on the message: for that recipient, or for any when the connection served all."""
        wanted = (self.type.casefold(), self.policy.casefold())
        return next((policy["name"] for person, policies in message["policies"].items() for policy in policies
                     if recipient is None or person.casefold() == recipient.casefold()
                     if (str(policy["type"]).casefold(), str(policy["name"]).strip().casefold()) == wanted), "")

    def _keep(self, message: dict[str, Any], name: str, leg: dict[str, Any]) -> None:
        rank = {None: 0, False: 1, True: 2}
        if not self.best or rank[leg["encrypted"]] > rank[self.best["encrypted"]]:
            time, sender = message["received"] or message["sent"], message["from_envelope"]
            recipient = leg["recipient"] or ", ".join(message["to"][:3])
            self.best = dict(zip(RECORD, (time, sender, recipient, name, leg["encrypted"], leg["delivery_type"])))

    def said(self) -> str:
        """What was seen, in a sentence."""
        if not self.looked_at:
            return "no message {0} an enforced domain was looked at".format("to" if self.type == DELIVERY else "from")
        if not self.best:
            return "of {0} messages none names {1} policy {2!r}; {3} connections were encrypted, {4} were not, of {5} it is unknown".format(
                self.looked_at, self.type, self.policy, self.encrypted[True], self.encrypted[False], self.encrypted[None])
        how = {True: "was encrypted", False: "was not encrypted", None: "is of unknown encryption"}[self.best["encrypted"]]
        return "the message of {received} from {from} to {to} had {0} policy {policy!r}, and its connection {1} ({delivery_type!r})".format(
            self.type, how, **self.best)

    def as_dict(self) -> dict[str, Any]:
        """The sight as results hold it."""
        return {
            "mode": self.mode, "policy_type": self.type, "policy": self.policy, "shown": self.shown, "looked_at": self.looked_at,
            "said": self.said(), "message": self.best,
        }


def conditions(given: dict[str, Any]) -> dict[str, Any]:
    """The search for messages; InputError when its options are wrong."""
    start, end = span("search messages", {"start": given["start"], "end": None})
    return {"start": times.shown(start), "end": times.shown(end), "route": ["inbound", "outbound"]}


most_messages = values.between(1, MOST_MESSAGES)


def look(client: Client, search: dict[str, Any], most: int, sights: list[Sight]) -> None:
    """Look through messages, newest first, until each policy is shown or ``most`` details were read."""
    read = 0
    for row in tracked(client, search):
        message = head(row)
        concerned = [sight for sight in sights if not sight.shown and sight.concerns(message)]
        if not concerned:
            continue
        if read == most:
            return
        read += 1
        whole = {**message, **details(client, row)}
        for sight in concerned:
            sight.look(whole)


def _domain_of(address: str) -> str:
    """In canonical form as far as it has one."""
    domain = address.rpartition("@")[2].strip()
    try:
        return values.domain(domain)
    except ValueError:
        return domain.lower()
